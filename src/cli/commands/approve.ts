import { command } from '../command.ts'
import { ask, runFlags } from '../doors.ts'
import { optionalText, runArgument } from '../flags.ts'
import { usage } from '../io.ts'
import { connectToRun, type RunFlags } from '../runs.ts'

interface Flags extends RunFlags {
  readonly gate?: string
  readonly reason?: string
}

export const approve = command<Flags, [run?: string]>({
  text: {
    brief: 'Say yes to the batch that waits for it',
    description:
      'Gives the approval that the next batch of an open run waits for. With --gate it answers for a gate that cannot see, and needs a reason. Where the plan names a role, somebody else than the starter has to say yes. Journalled with who and why; whoever drives takes it up.',
    examples: ['serin approve', 'serin approve --gate workloads --reason "metrics checked by hand"'],
  },
  parameters: {
    flags: {
      ...runFlags,
      gate: optionalText('Answer for this gate, which says unknown', 'kind'),
      reason: optionalText('Why, for the journal', 'text'),
    },
    positional: { kind: 'tuple', parameters: [runArgument] },
  },
  async run(session, flags, run) {
    if (flags.gate && !flags.reason) throw usage('Answering for a gate needs --reason.')
    return await ask(session, await connectToRun(session, flags, run), run, { kind: 'approve', gate: flags.gate, reason: flags.reason })
  },
})
