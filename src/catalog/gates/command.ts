import { z } from 'zod'
import type { Question } from '../../model/outside.ts'
import type { GateDefinition } from './definition.ts'
import { judgeOutside, verdictSaid } from './judging/outside.ts'
import { DRY_RUN } from './judging/outside-options.ts'

const OPTIONS = z.strictObject({
  command: z
    .array(z.string().min(1))
    .min(1)
    .describe('Program and arguments; no shell. Exit 0 passes, 1 fails, 2 is pending, anything else is unknown.'),
  dryRun: DRY_RUN,
})

type Options = z.infer<typeof OPTIONS>

export const command: GateDefinition<Options> = {
  kind: 'command',
  summary: 'A program on the machine that drives the run says pass, pending or fail.',
  rule: {
    pass: 'The program ends with exit code 0.',
    fail: 'It ends with 1, and did not before the batch began.',
    unknown: 'It ends otherwise, cannot be started, or does not end within a minute; or failed before the batch began too.',
  },
  options: OPTIONS as z.ZodType<Options>,
  appliesTo: ['addon', 'control-plane', 'nodes'],
  cause: 'workloads-fail',
  source: 'https://argo-rollouts.readthedocs.io/en/stable/analysis/job/',
  questions: ({ command: words }) => [question(words)],
  judge: (input) => judgeOutside(input, question(input.options.command), verdictSaid, input.options.dryRun),
}

function question(words: readonly string[]): Question {
  return { kind: 'command', command: words }
}
