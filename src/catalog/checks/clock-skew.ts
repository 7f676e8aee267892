import { formatDuration, MINUTE } from '../../model/instant.ts'
import type { CheckDefinition } from './definition.ts'
import { foundOr } from './reading/verdicts.ts'

/** What AWS takes of a difference between the clocks. */
const TOLERATED = 5 * MINUTE

/** The clock of the machine that Serin runs on is right. */
export const clockSkew: CheckDefinition = {
  code: 'CLOCK_SKEW',
  title: "This machine's clock agrees with that of AWS",
  severity: 'warn',
  waivable: true,
  needs: ['aws:clock'],
  prevents:
    'A run that begins outside its window, a waiver that counts after its day, and tokens for the API server that are refused: all of them go by the clock of the machine.',
  remedy: 'Set the clock: `timedatectl set-ntp true`, or the time service of the host where this is a container.',
  source: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html',
  evaluate: ({ snapshot, plan }) => {
    const offset = snapshot.aws.clockOffset ?? 0
    const message = `AWS's clock is ${formatDuration(Math.abs(offset))} ${offset > 0 ? 'ahead of' : 'behind'} the one here; windows, waivers and tokens go by the one here.`
    const found = { verdict: 'warn' as const, subject: `Cluster/${plan.cluster.name}`, message }
    return foundOr(Math.abs(offset) >= TOLERATED ? [found] : [], plan, 'The clock here agrees with that of AWS to within five minutes.')
  },
}
