import { z } from 'zod'
import type { Question } from '../../model/outside.ts'
import type { GateDefinition } from './definition.ts'
import { judgeOutside } from './judging/outside.ts'

const OPTIONS = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('Asked by GET; answers `{ "verdict": "pass", "reason": "…" }`.'),
  tokenFrom: z
    .string()
    .regex(/^env:\w+$/, 'This names no variable\nFor example `env:GATE_TOKEN`.')
    .optional()
    .describe('Where a bearer token is found.'),
  dryRun: z.boolean().default(false).describe('Only measured: said, and never in the way.'),
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
  appliesTo: ['addon', 'nodes'],
  cause: 'workloads-fail',
  source: 'https://docs.flagger.app/usage/webhooks',
  questions: (options) => [questionOf(options)],
  judge: (input) =>
    judgeOutside(input, questionOf(input.options), ({ answer }) => (answer.kind === 'verdict' ? answer : NOT_ONE), input.options.dryRun),
}

const NOT_ONE = { verdict: 'unknown', says: 'it answered no verdict' } as const

function questionOf({ url, tokenFrom }: Options): Question {
  return { kind: 'http', url, ...(tokenFrom && { tokenFrom }) }
}
