import { windowAt } from '../../forecast/window.ts'
import type { RunForecast } from '../../model/forecast.ts'
import { formatDuration, type Instant, iso, MINUTE } from '../../model/instant.ts'
import type { PlanWindow } from '../../model/plan.ts'
import type { CheckDefinition, CheckFinding, CheckInput } from './definition.ts'
import { runForecast } from './reading/run-forecast.ts'
import { foundOr } from './reading/verdicts.ts'

/** The window is long enough for what has to happen in it. */
export const windowFits: CheckDefinition = {
  code: 'WINDOW_FITS',
  title: 'The window is long enough: for every group, and for the whole run',
  severity: 'block',
  waivable: true,
  needs: ['kubernetes:nodes', 'kubernetes:pods', 'kubernetes:replicasets', 'kubernetes:poddisruptionbudgets'],
  notApplicable: ({ plan }) => (plan.window === undefined ? 'The plan names no window.' : undefined),
  prevents:
    'A group that is still being replaced when the window closes, since EKS cannot stop an update; and a run that everybody thought would be over by the morning.',
  remedy: 'Give `window.open` of the plan more time, raise `maxUnavailable` of its groups, or split the plan.',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html',
  evaluate: (input) => {
    const { plan, now } = input
    const span = plan.window === undefined ? undefined : spanAt(plan.window, now)
    if (span === undefined) return foundOr([], plan, 'The window stays open for more than a week.')
    const { takes } = runForecast(input.snapshot, plan, input.intent)
    const room = `from ${iso(span.from)} to ${iso(span.to)}, ${formatDuration(span.to - span.from)}`
    const message = `The window is open ${room}; the run takes ${spanOf(takes)}.`
    return foundOr([...tooLong(input, span, room), ...notAtOnce(input, span, takes)], plan, message)
  },
}

interface Span {
  readonly from: Instant
  readonly to: Instant
}

/** The window that is open now, or the next one. */
function spanAt(window: PlanWindow, now: Instant): Span | undefined {
  const state = windowAt(window, now)
  const from = state.open ? now : state.opensAt
  const to = from === undefined ? undefined : state.open ? state.until : windowAt(window, from).until
  return from === undefined || to === undefined ? undefined : { from, to }
}

/** A group that fits no window, neither what is left of this one nor the next: it would certainly run over. */
function tooLong({ snapshot, plan, intent }: CheckInput, { from, to }: Span, room: string): readonly CheckFinding[] {
  const next = plan.window === undefined ? undefined : spanAt(plan.window, to)
  const longest = Math.max(to - from, next === undefined ? 0 : next.to - next.from)
  return runForecast(snapshot, plan, intent)
    .stages.flatMap(({ groups }) => groups)
    .filter(({ takes }) => takes.p50 > longest)
    .map(({ group, takes }) => ({
      verdict: 'block',
      subject: `NodeGroup/${group}`,
      message: `${group} takes ${spanOf(takes)}, longer than the whole window (${room}); EKS cannot stop an update that has begun.`,
    }))
}

/** A run that does not fit stops at a safe point when the window closes; people should know beforehand. */
function notAtOnce({ plan }: CheckInput, { from, to }: Span, takes: RunForecast['takes']): readonly CheckFinding[] {
  if (from + takes.p90 <= to) return []
  const surely = from + takes.p50 > to
  return [
    {
      verdict: 'warn',
      subject: `Cluster/${plan.cluster.name}`,
      message:
        `The run takes ${spanOf(takes)} and the window closes ${formatDuration(to - from)} after its start: ` +
        `it ${surely ? 'stops' : 'may stop'} at a safe point then (exit 31), and \`serin resume\` goes on in the next one.`,
      remedy:
        'Give `window.open` more time, raise `maxUnavailable` of the groups, or plan for two nights: a run that holds goes on with `serin resume`.',
    },
  ]
}

/** `35m to 52m`, in whole minutes. */
function spanOf({ p50, p90 }: RunForecast['takes']): string {
  const [from, to] = [p50, p90].map((takes) => formatDuration(Math.ceil(takes / MINUTE) * MINUTE))
  return from === to ? `about ${from}` : `${from} to ${to}`
}
