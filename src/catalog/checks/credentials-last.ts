import { formatDuration, instantOf, iso } from '../../model/instant.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { runForecast } from './reading/run-forecast.ts'
import { foundOr } from './reading/verdicts.ts'

/** The credentials last to the end of the run and of its way back, or are renewed. */
export const credentialsLast: CheckDefinition = {
  code: 'CREDENTIALS_LAST',
  title: 'The credentials outlive the run and its way back, or are renewed',
  severity: 'block',
  waivable: true,
  needs: ['aws:credentials'],
  prevents:
    'A run that stops in the middle, or cannot be taken back when a gate fails, because the session of the morning ended: credentials pasted into a shell live an hour or twelve, and nobody renews them.',
  remedy:
    'Run with credentials that the SDK renews (a profile with SSO or a role to assume, a role of the runner), or with a longer session.',
  source: 'https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html',
  evaluate: ({ snapshot, plan, intent, now }) => {
    const { Expiration, session, renewable } = snapshot.aws.credentials ?? { session: true, renewable: false }
    if (renewable)
      return foundOr(
        [],
        plan,
        session ? 'The credentials are renewed before they end.' : 'The credentials are of no session: they do not end.',
      )
    const subject = `Cluster/${plan.cluster.name}`
    const ends = instantOf(Expiration)
    if (ends === undefined) {
      const message = 'The credentials are of a session that nobody renews, and when it ends is not told.'
      return [{ verdict: 'unknown', subject, message }]
    }
    // The way back takes as long again at the worst.
    const needed = 2 * runForecast(snapshot, plan, intent).takes.p90
    const told = `The credentials end at ${iso(ends)}, in ${formatDuration(ends - now)}; the run and a way back take up to ${formatDuration(needed)}`
    const short: readonly CheckFinding[] =
      ends < now + needed ? [{ verdict: 'block', subject, message: `${told}, and nobody renews them.` }] : []
    return foundOr(short, plan, `${told}.`)
  },
}
