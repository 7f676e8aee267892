import { EXIT } from '../../errors/catalogue.ts'
import { command } from '../command.ts'
import { askOrDrive, type DriveFlags, driveFlags } from '../doors.ts'
import { OUTPUT_ALIAS, runArgument, text } from '../flags.ts'
import { OK } from '../io.ts'

interface Flags extends DriveFlags {
  readonly reason: string
}

export const abandon = command<Flags, [run?: string]>({
  text: {
    brief: 'End an open run and leave the cluster as it is',
    description:
      'Ends an open run where it stands: nothing is changed and nothing taken back. The report says what was changed and what not. Exit 0 when the run was ended as asked.',
    examples: ['serin abandon --reason "finished by hand, see CHG0048213"'],
  },
  parameters: {
    flags: { ...driveFlags, reason: { kind: 'parsed', parse: text, brief: 'Why, for the journal', placeholder: 'text' } },
    aliases: OUTPUT_ALIAS,
    positional: { kind: 'tuple', parameters: [runArgument] },
  },
  async run(session, flags, run) {
    const exit = await askOrDrive(session, flags, run, { kind: 'abandon', reason: flags.reason })
    // The run ended neither as intended nor taken back (22): that is what was asked for here.
    return exit === EXIT.failed ? OK : exit
  },
})
