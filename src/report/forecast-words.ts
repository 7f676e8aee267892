import type { DrainBlocker, GroupForecast, RunForecast, Span, StageForecast } from '../model/forecast.ts'
import { formatDuration, MINUTE, type Millis } from '../model/instant.ts'
import type { Batch, Itinerary } from '../model/itinerary.ts'
import { count, listed } from './layout.ts'

/** The words of a forecast, shared by its renderers. */

/** `1h35m usually, 1h58m when everything is slow; 35m of it are soaks`. */
export function lengthSentence({ forecast: { run, declaredWaits } }: Itinerary): string {
  const soaks = declaredWaits > 0 ? `, ${formatDuration(declaredWaits)} of it soaks` : ''
  const orders = run.rehearsals > 1 ? ` in ${run.rehearsals} orders of the nodes` : ''
  return `Forecast: ${minutes(run.takes.p50)}, nine times of ten at most ${minutes(run.takes.p90)}${soaks}. The drains were rehearsed on this snapshot${orders}; approvals and closed windows are not in it.`
}

/** What there is to know beyond the picture, one line each; none where no node is drained. */
export function forecastLines(itinerary: Itinerary): readonly string[] {
  const { run } = itinerary.forecast
  const groups = run.stages.flatMap((stage) => stage.groups).filter(({ nodes }) => nodes > 0)
  if (groups.length === 0) return []
  return [
    ...blockedLines(itinerary),
    longestWay(itinerary),
    nodesSentence(groups),
    disruptedSentence(run),
    ...addressLines(itinerary),
    ...unplacedLines(run),
  ]
}

const MOST_NAMED = 3

/** Pod, budget, owner and the batch at which it would block. */
function blockedLines(itinerary: Itinerary): readonly string[] {
  const { blockers, rehearsals } = itinerary.forecast.run
  const firsts = [...Map.groupBy(blockers, ({ budgets, group }) => `${budgets} ${group}`).values()].flatMap(([first]) => first ?? [])
  if (firsts.length === 0) return ['No drain is held up: every pod finds its budget willing when its turn comes.']
  const more = firsts.length - MOST_NAMED
  return [
    ...firsts.slice(0, MOST_NAMED).map((blocker) => blockedLine(itinerary, blocker, rehearsals)),
    ...(more > 0 ? [`Would block too: ${count(more, 'more budget')}; DRAIN_BLOCKED names them.`] : []),
  ]
}

function blockedLine(itinerary: Itinerary, blocker: DrainBlocker, rehearsals: number): string {
  const { stage, group, minute, pod, owner, node, budgets, healthy, desired, seen } = blocker
  const title = titleOf(itinerary, stage)
  const why = budgets.length > 1 ? `guarded by ${budgets.join(' and ')}` : `${budgets[0]} has ${healthy} healthy and needs ${desired}`
  const sometimes = seen < rehearsals ? ` (in ${seen} of ${rehearsals} orders)` : ''
  return `Would block${sometimes}: ${title}, ${group}, ${minute} min in: pod ${pod} of ${owner} stays on ${node}; ${why}.`
}

/** Batches follow one another, so in each the slowest group decides. */
function longestWay(itinerary: Itinerary): string {
  const { stages } = itinerary.forecast.run
  const slowest = stages.flatMap(({ id, groups: [group] }) => (group ? [{ id, group }] : []))
  const longest = slowest.toSorted((a, b) => b.group.takes.p50 - a.group.takes.p50).slice(0, MOST_NAMED)
  const named = longest.map(({ id, group }) => `${group.group} ${spanText(group.takes)} (${titleOf(itinerary, id)})`)
  return `Critical path: ${listed(named)}${slowest.length > longest.length ? `, then ${slowest.length - longest.length} shorter` : ''}.`
}

function nodesSentence(groups: readonly GroupForecast[]): string {
  const [fast, slow] = [Math.min(...groups.map(({ perNode }) => perNode.p50)), Math.max(...groups.map(({ perNode }) => perNode.p90))]
  const slowest = groups
    .flatMap((group) => (group.slowest ? [{ ...group.slowest, group: group.group }] : []))
    .reduce((most, each) => (each.takes > most.takes ? each : most))
  return `A node takes ${spanText({ p50: fast, p90: slow })}; slowest: ${slowest.node} (${slowest.group}), ${minutes(slowest.takes)}.`
}

function disruptedSentence({ disruptions }: RunForecast): string {
  const evictions = disruptions.reduce((sum, each) => sum + each.evictions, 0)
  const owners = disruptions.map(({ owner, evictions: number }) => `${owner.split('/').slice(1).join('/')} ${number}`)
  return `${count(evictions, 'eviction')}, a pod that moves twice counted twice: ${listed(owners)}.`
}

/** The tightest subnets, each with its arithmetic. */
function addressLines(itinerary: Itinerary): readonly string[] {
  const taking = itinerary.forecast.run.addresses.filter(({ peak }) => peak.worst > 0)
  return taking.slice(0, MOST_NAMED).map(({ subnet, zone, free, peak, stage, dry }) => {
    const at = stage === undefined ? '' : `, in ${titleOf(itinerary, stage)}`
    const runsDry = dry === undefined ? '' : ` RUNS DRY in ${titleOf(itinerary, dry)}.`
    return `Addresses of ${subnet} (${zone}): ${free} free, at most ${peak.worst} taken at once${at}, ${free - peak.worst} left.${runsDry}`
  })
}

function unplacedLines({ unplaced }: RunForecast): readonly string[] {
  if (unplaced.length === 0) return []
  const named = unplaced.map(({ owner, pods, because }) => `${owner} (${count(pods, 'pod')}: ${because})`)
  return [`Without a place for two minutes or more: ${listed(named, MOST_NAMED)}.`]
}

function titleOf({ batches }: Itinerary, id: string): string {
  return batches.find((batch) => batch.id === id)?.title ?? id
}

/** A batch with what is forecast for it. */
export interface Foreseen {
  readonly batch: Batch
  readonly stage: StageForecast
  readonly isBlocked: boolean
}

/** Batches with their forecasts, in the order of the run. */
export function foreseen({ batches, forecast: { run } }: Itinerary): readonly Foreseen[] {
  return batches.flatMap((batch) => {
    const stage = run.stages.find(({ id }) => id === batch.id)
    const isBlocked = run.blockers.some((blocker) => blocker.stage === batch.id)
    return stage === undefined ? [] : [{ batch, stage, isBlocked }]
  })
}

/** `35m to 52m`: as it usually goes, and so that nine of ten are faster. */
export function spanText({ p50, p90 }: Span): string {
  const [usual, slow] = [minutes(p50), minutes(p90)]
  return usual === slow ? usual : `${usual} to ${slow}`
}

function minutes(span: Millis): string {
  return formatDuration(Math.max(MINUTE, Math.round(span / MINUTE) * MINUTE))
}
