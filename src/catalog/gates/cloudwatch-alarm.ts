import { z } from 'zod'
import type { Alarm } from '../../model/alarm.ts'
import { instantOf } from '../../model/instant.ts'
import type { Question } from '../../model/outside.ts'
import type { UpgradePlan } from '../../model/plan.ts'
import { redactText } from '../../model/secret-text.ts'
import type { GateDefinition } from './definition.ts'
import { type Asked, judgeEach, type Said } from './judging/outside.ts'
import { DRY_RUN } from './judging/outside-options.ts'
import { clockTime } from './judging/words.ts'
import { gatesOf } from './named.ts'

const OPTIONS = z.strictObject({
  alarms: z
    .array(z.string().min(1).max(255))
    .min(1)
    .max(100)
    .describe("Names of alarms of the cluster's account and Region: on metrics, on logs, or of other alarms."),
  noData: z
    .enum(['unknown', 'fail'])
    .default('unknown')
    .describe(
      'What INSUFFICIENT_DATA means; never a pass: where no data is good news, let the alarm treat missing data as `notBreaching`.',
    ),
  dryRun: DRY_RUN,
})

type Options = z.infer<typeof OPTIONS>

export const cloudwatchAlarm: GateDefinition<Options> = {
  kind: 'cloudwatch-alarm',
  summary: 'CloudWatch alarms that the plan names stay OK. An alarm is late by its own periods: give the batch a longer soak.',
  rule: {
    pass: 'Every alarm that the plan names is OK.',
    fail: 'One is in ALARM, and was not before the batch began.',
    unknown:
      'One is not there, has no data, could not be evaluated or read; or was in ALARM before the batch began, or nobody knows how it was then.',
  },
  options: OPTIONS as z.ZodType<Options>,
  appliesTo: ['addon', 'nodes'],
  cause: 'workloads-fail',
  source: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html',
  questions: (options) => [questionOf(options)],
  judge: (input) => {
    const { alarms, noData, dryRun } = input.options
    const asked = alarms.map(
      (name): Asked => ({ subject: `Alarm/${name}`, read: ({ answer }) => said(name, foundIn(answer, name), noData) }),
    )
    return judgeEach(input, questionOf(input.options), asked, dryRun)
  },
}

export interface AlarmNamed {
  readonly name: string
  /** No gate takes it for more than a measure. */
  readonly measured: boolean
}

/** The alarms that gates of a plan ask about, each once, by name. */
export function alarmsByGate(plan: UpgradePlan): readonly AlarmNamed[] {
  const gates = gatesOf(plan, cloudwatchAlarm.kind).map(({ options }) => OPTIONS.parse(options))
  const enforced = new Set(gates.flatMap(({ alarms, dryRun }) => (dryRun ? [] : alarms)))
  const names = [...new Set(gates.flatMap(({ alarms }) => alarms))].sort()
  return names.map((name) => ({ name, measured: !enforced.has(name) }))
}

/** Their names: a snapshot for the plan holds them, and a policy lets them be read. */
export function alarmsNamed(plan: UpgradePlan): readonly string[] {
  return alarmsByGate(plan).map(({ name }) => name)
}

function questionOf({ alarms }: Options): Question {
  return { kind: 'alarms', names: alarms }
}

function foundIn(answer: { readonly kind: string; readonly alarms?: readonly Alarm[] }, name: string): Alarm | undefined {
  return answer.alarms?.find(({ AlarmName }) => AlarmName === name)
}

/** States: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html */
function said(name: string, alarm: Alarm | undefined, noData: Options['noData']): Said {
  if (alarm === undefined)
    return {
      verdict: 'unknown',
      says: `there is no alarm \`${name}\` in the account and Region of the cluster: mend its name in the plan, or make it (\`aws cloudwatch describe-alarms --query 'MetricAlarms[].AlarmName'\` lists those there are)`,
    }
  const { StateValue: state, EvaluationState: evaluation } = alarm
  const since = instantOf(alarm.StateUpdatedTimestamp)
  const is = `alarm \`${name}\` is ${state === 'OK' ? 'OK' : `in ${state}`}${since === undefined ? '' : ` since ${clockTime(since)}`}`
  const why = alarm.StateReason ? ` (${redactText(alarm.StateReason).slice(0, MOST_WORDS)})` : ''
  if (evaluation !== undefined) return { verdict: 'unknown', says: `${is}, but could not be evaluated since: ${evaluation}` }
  if (state === 'OK') return { verdict: 'pass', says: is }
  if (state === 'ALARM') return { verdict: 'fail', says: `${is}${why}` }
  return { verdict: state === 'INSUFFICIENT_DATA' ? noData : 'unknown', says: `${is}${why}` }
}

/** Characters of an alarm's reason that are kept. */
const MOST_WORDS = 200
