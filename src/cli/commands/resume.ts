import { command } from '../command.ts'
import { type DriveFlags, driveFlags, goOn } from '../doors.ts'
import { OUTPUT_ALIAS, runArgument } from '../flags.ts'

export const resume = command<DriveFlags, [run?: string]>({
  text: {
    brief: 'Go on with an open run',
    description:
      'Takes up the newest open run where it stands: after a hold, a crash or an interruption, on this machine or another one (then name the cluster or the plan). What is in flight is looked for before anything is sent again; what failed is tried again. Waits out the Lease of a dead driver. A run that has ended already is reported again. Exit codes are those of `apply`.',
    examples: ['serin resume', 'serin resume 20261123-1000-a1b2c3', 'serin resume --plan plan.yaml'],
  },
  parameters: { flags: driveFlags, aliases: OUTPUT_ALIAS, positional: { kind: 'tuple', parameters: [runArgument] } },
  run: (session, flags, run) => goOn(session, flags, run, { kind: 'resume' }),
})
