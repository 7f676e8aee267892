import { command } from '../command.ts'
import { askOrDrive, type DriveFlags, driveFlags } from '../doors.ts'
import { OUTPUT_ALIAS, runArgument, text } from '../flags.ts'

interface Flags extends DriveFlags {
  readonly step: string
  readonly reason: string
}

export const accept = command<Flags, [run?: string]>({
  text: {
    brief: 'Take responsibility for a step that was repaired by hand',
    description:
      'Says that a person repaired a step or batch by hand, or takes it as it is, and lets the run go on behind it. Journalled with who and why. `serin status` names the steps.',
    examples: ['serin accept --step canary/1 --reason "node replaced by hand, checked with the network team"'],
  },
  parameters: {
    flags: {
      ...driveFlags,
      step: { kind: 'parsed', parse: text, brief: 'The step or batch, as `serin status` names it', placeholder: 'id' },
      reason: { kind: 'parsed', parse: text, brief: 'Why, for the journal', placeholder: 'text' },
    },
    aliases: OUTPUT_ALIAS,
    positional: { kind: 'tuple', parameters: [runArgument] },
  },
  run: (session, flags, run) => askOrDrive(session, flags, run, { kind: 'accept', step: flags.step, reason: flags.reason }),
})
