import { z } from 'zod'
import type { Question } from '../../model/outside.ts'
import type { GateDefinition } from './definition.ts'
import { judgeOutside, verdictSaid } from './judging/outside.ts'
import { ADDRESS, DRY_RUN, TOKEN } from './judging/outside-options.ts'

const OPTIONS = z.strictObject({
  url: ADDRESS.describe('Asked by GET; answers `{ "verdict": "pass", "reason": "…" }`.'),
  tokenFrom: TOKEN,
  dryRun: DRY_RUN,
})

type Options = z.infer<typeof OPTIONS>

export const http: GateDefinition<Options> = {
  kind: 'http',
  summary: 'An endpoint of your own says pass, pending, fail or unknown.',
  rule: {
    pass: 'It answers 2xx with the verdict `pass`.',
    fail: 'It answers `fail`, and did not before the batch began.',
    unknown:
      'It answers `unknown`, another status, a page of a proxy, something else, or nothing within 15 s; or `fail` before the batch began too.',
  },
  options: OPTIONS as z.ZodType<Options>,
  appliesTo: ['addon', 'control-plane', 'nodes'],
  cause: 'workloads-fail',
  source: 'https://docs.flagger.app/usage/webhooks',
  questions: (options) => [questionOf(options)],
  judge: (input) => judgeOutside(input, questionOf(input.options), verdictSaid, input.options.dryRun),
}

function questionOf({ url, tokenFrom }: Options): Question {
  return { kind: 'http', url, ...(tokenFrom && { tokenFrom }) }
}
