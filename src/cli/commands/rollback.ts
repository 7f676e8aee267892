import { command } from '../command.ts'
import { askOrDrive, type DriveFlags, driveFlags } from '../doors.ts'
import { OUTPUT_ALIAS, optionalText, runArgument } from '../flags.ts'

interface Flags extends DriveFlags {
  readonly reason?: string
}

export const rollback = command<Flags, [run?: string]>({
  text: {
    brief: 'Take back what an open run changed',
    description:
      'Takes everything back that the run really did: vpc-cni first, then node groups, gated, smallest first. If a driver is alive it is asked to do so at the next safe point; otherwise this command drives. Exit 20 when everything is as it was, 21 when a person is needed.',
    examples: ['serin rollback', 'serin rollback --reason "latency of checkout doubled"'],
  },
  parameters: {
    flags: { ...driveFlags, reason: optionalText('Why, for the journal', 'text') },
    aliases: OUTPUT_ALIAS,
    positional: { kind: 'tuple', parameters: [runArgument] },
  },
  run: (session, flags, run) => askOrDrive(session, flags, run, { kind: 'rollback', reason: flags.reason }),
})
