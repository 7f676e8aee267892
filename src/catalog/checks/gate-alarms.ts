import type { Alarm } from '../../model/alarm.ts'
import { formatDuration, instantOf, MINUTE } from '../../model/instant.ts'
import { type AlarmNamed, alarmsByGate } from '../gates/cloudwatch-alarm.ts'
import type { CheckDefinition, CheckFinding, CheckInput } from './definition.ts'
import { foundOr } from './reading/verdicts.ts'

/** An alarm that was made or changed just now has no data yet. */
const SETTLED = 15 * MINUTE

/** The alarms that gates ask about are there, and speak. */
export const gateAlarms: CheckDefinition = {
  code: 'GATE_ALARMS',
  title: 'The CloudWatch alarms that gates of the plan name are there, and are OK',
  severity: 'block',
  waivable: true,
  needs: [],
  notApplicable: ({ plan }) => (alarmsByGate(plan).length === 0 ? 'No gate of the plan names an alarm.' : undefined),
  prevents:
    'A run that holds at its first gate since an alarm is misspelled, in another Region or account, without data for days, or ringing before anything was changed.',
  remedy:
    "Mend the name in the plan, or make the alarm: `aws cloudwatch describe-alarms --query 'MetricAlarms[].AlarmName'` lists those there are.",
  source: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html',
  evaluate: (input) => {
    const named = alarmsByGate(input.plan)
    return foundOr(
      unread(input) ?? named.flatMap((each) => judged(each, input)),
      input.plan,
      `${named.map(({ name }) => name).join(', ')}: OK.`,
    )
  },
}

/** Only a snapshot for the plan looks for alarms. */
function unread({ snapshot, plan }: CheckInput): readonly CheckFinding[] | undefined {
  if (snapshot.aws.alarms !== undefined) return undefined
  const subject = `Cluster/${plan.cluster.name}`
  const verdict = alarmsByGate(plan).every(({ measured }) => measured) ? 'warn' : 'unknown'
  const gap = snapshot.unavailable?.find(({ source }) => source === 'cloudwatch:DescribeAlarms')
  if (gap !== undefined)
    return [
      {
        verdict,
        subject,
        message: `Alarms cannot be read: ${gap.message ?? gap.reason}.`,
        remedy: 'Allow `cloudwatch:DescribeAlarms`: `serin permissions --read --plan PLAN --only iam` prints the policy.',
      },
    ]
  const message = 'Whether the alarms of the plan are there was not asked: the snapshot was taken without the plan.'
  return [{ verdict, subject, message, remedy: 'Take it with the plan: `serin snapshot PLAN -o FILE`.' }]
}

function judged({ name, measured }: AlarmNamed, { snapshot, plan, now }: CheckInput): readonly CheckFinding[] {
  const subject = `Alarm/${name}`
  const alarm = snapshot.aws.alarms?.find(({ AlarmName }) => AlarmName === name)
  if (alarm === undefined) {
    const message = `There is no alarm \`${name}\` in ${plan.cluster.region} of account ${plan.cluster.accountId}: its gate could never pass.`
    return [{ verdict: measured ? 'warn' : 'block', subject, message }]
  }
  const trouble = measured ? undefined : troubleIn(alarm, now)
  return trouble === undefined ? [] : [{ verdict: 'warn', subject, ...trouble }]
}

function troubleIn(
  { StateValue: state, StateReason: why, StateUpdatedTimestamp: updated, EvaluationState: evaluation }: Alarm,
  now: number,
): Pick<CheckFinding, 'message' | 'remedy'> | undefined {
  const since = instantOf(updated) ?? now
  const lasting = now - since
  const because = why ? ` (${why})` : ''
  if (evaluation !== undefined)
    return {
      message: `It could not be evaluated: ${evaluation}${because}. Its gate would hold the run.`,
      remedy: 'See what it is evaluated from: `aws cloudwatch describe-alarms --alarm-names NAME`.',
    }
  if (state === 'ALARM')
    return {
      message: `It is in ALARM for ${formatDuration(lasting)} already${because}: its gate could not tell what the run does, and would hold it.`,
      remedy: 'Mend what it rings for, or leave it out of the plan.',
    }
  if (state !== 'INSUFFICIENT_DATA' || lasting < SETTLED) return undefined
  return {
    message: `It has had no data for ${formatDuration(lasting)}${because}: its gate would hold the run.`,
    remedy: 'See that its metric is published; where no data is good news, let it treat missing data as `notBreaching`.',
  }
}
