import { z } from 'zod'
import type { Question } from '../../model/outside.ts'
import type { GateDefinition } from './definition.ts'
import { judgeOutside, type Said } from './judging/outside.ts'
import { ADDRESS, DRY_RUN, TOKEN } from './judging/outside-options.ts'

const BOUND = z
  .strictObject({
    above: z.number().optional().describe('The value is greater.'),
    below: z.number().optional().describe('The value is smaller.'),
  })
  .refine(({ above, below }) => above !== undefined || below !== undefined, 'This says no bound\nName `above`, `below` or both.')

const OPTIONS = z.strictObject({
  url: ADDRESS.describe('Address of Prometheus or of what speaks its API.'),
  tokenFrom: TOKEN,
  query: z.string().min(1).describe('PromQL that comes to one number.'),
  failIf: BOUND.describe('The bound beyond which it fails.'),
  passIf: BOUND.optional().describe(
    'The bound within which it passes; between the two it is pending. Without it, whatever does not fail passes.',
  ),
  noData: z
    .enum(['unknown', 'fail'])
    .default('unknown')
    .describe('What no data means; never a pass: write `or vector(0)` where none is good news.'),
  dryRun: DRY_RUN,
})

type Options = z.infer<typeof OPTIONS>

export const prometheus: GateDefinition<Options> = {
  kind: 'prometheus',
  summary: 'A number that Prometheus knows stays within bounds.',
  rule: {
    pass: 'The query comes to a number within `passIf`, or, without it, not within `failIf`.',
    fail: 'It comes to one within `failIf`, and did not before the batch began.',
    unknown: 'There is no data, no answer, or more than one series; or it failed before the batch began, or was not known then.',
  },
  options: OPTIONS as z.ZodType<Options>,
  appliesTo: ['addon', 'control-plane', 'nodes'],
  cause: 'workloads-fail',
  source: 'https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries',
  questions: (options) => [questionOf(options)],
  judge: (input) => judgeOutside(input, questionOf(input.options), ({ answer }) => said(answer, input.options), input.options.dryRun),
}

function questionOf({ url, query, tokenFrom }: Options): Question {
  return { kind: 'prometheus', url, query, ...(tokenFrom && { tokenFrom }) }
}

function said(answer: { readonly kind: string; readonly value?: number }, { query, failIf, passIf, noData }: Options): Said {
  const { value } = answer
  if (value === undefined) return { verdict: noData, says: `\`${query}\` has no data` }
  const says = `\`${query}\` is ${Number(value.toPrecision(4))}`
  if (within(value, failIf)) return { verdict: 'fail', says: `${says}, ${words(failIf)}` }
  return { verdict: passIf === undefined || within(value, passIf) ? 'pass' : 'pending', says }
}

type Bound = z.infer<typeof BOUND>

function within(value: number, { above, below }: Bound): boolean {
  return (above === undefined || value > above) && (below === undefined || value < below)
}

function words({ above, below }: Bound): string {
  return [above === undefined ? [] : [`above ${above}`], below === undefined ? [] : [`below ${below}`]].flat().join(' and ')
}
