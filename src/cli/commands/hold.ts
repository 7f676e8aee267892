import { SerinError } from '../../errors/serin-error.ts'
import { command } from '../command.ts'
import { ask, runFlags } from '../doors.ts'
import { optionalText, runArgument } from '../flags.ts'
import { connectToRun, openRecord, type RunFlags } from '../runs.ts'
import { whenHoldTakesEffect } from '../standing.ts'

interface Flags extends RunFlags {
  readonly reason?: string
}

export const hold = command<Flags, [run?: string]>({
  text: {
    brief: 'Ask a run to stop at the next safe point',
    description:
      'Asks the driver of an open run to hold, and says when that takes effect: an update that EKS works on cannot be stopped, so it is watched to its end first. In the grace before a rollback it keeps the rollback from starting. `serin resume` goes on.',
    examples: ['serin hold --reason "incident in the region"'],
  },
  parameters: {
    flags: { ...runFlags, reason: optionalText('Why, for the journal', 'text') },
    positional: { kind: 'tuple', parameters: [runArgument] },
  },
  async run(session, flags, run) {
    const ports = await connectToRun(session, flags, run)
    const record = await openRecord(ports, run)
    if ((await ports.lease.holder()) === undefined)
      throw new SerinError('NOT_POSSIBLE_NOW', `Nobody drives run ${record.run}: it holds already.`)
    const exit = await ask(session, ports, run, { kind: 'hold', reason: flags.reason })
    session.stdout.write(`${whenHoldTakesEffect(record, ports.clock.now())}\n`)
    return exit
  },
})
