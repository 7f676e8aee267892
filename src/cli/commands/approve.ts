import { SerinError } from '../../errors/serin-error.ts'
import type { Itinerary } from '../../model/itinerary.ts'
import { samePerson } from '../../model/person.ts'
import type { RunRecord } from '../../ports/run-record.ts'
import type { RunState } from '../../rollout/state.ts'
import { command } from '../command.ts'
import { ask, runFlags } from '../doors.ts'
import { optionalText, runArgument } from '../flags.ts'
import { personOf, usage } from '../io.ts'
import { connectToRun, openRecord, type RunFlags } from '../runs.ts'

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
    const ports = await connectToRun(session, flags, run)
    const step = flags.gate ? undefined : waitingFor(await openRecord(ports, run), personOf(session))
    return await ask(session, ports, run, { kind: 'approve', gate: flags.gate, reason: flags.reason, step })
  },
})

/**
 * The batch that the yes is for, so that it opens no other. Where the plan names a role, whoever opened the run cannot
 * say yes to it; said here, not silently dropped by the driver.
 */
function waitingFor(record: RunRecord, person: string): string {
  const itinerary: Itinerary = JSON.parse(record.itinerary)
  const state: RunState = JSON.parse(record.state)
  const next = itinerary.batches.find(({ id }) => state.batches[id]?.status !== 'passed' && state.batches[id]?.status !== 'accepted')
  if (next === undefined || next.approval === false || state.batches[next.id]?.approvalRequestedAt === undefined) {
    throw new SerinError('NOT_POSSIBLE_NOW', `no batch of run ${record.run} waits for an approval now`)
  }
  if (next.approval.role === undefined || !samePerson(person, record.openedBy)) return next.id
  throw new SerinError('NOT_POSSIBLE_NOW', `${record.openedBy} opened run ${record.run} and cannot approve ${next.title}`, {
    remedy: `Somebody else with the role ${next.approval.role} runs \`serin approve\`; where several people share one account, SERIN_USER names them.`,
  })
}
