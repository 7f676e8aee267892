import type { RunForecast, Span } from '../model/forecast.ts'
import { formatDuration, MINUTE, type Millis } from '../model/instant.ts'
import type { Itinerary } from '../model/itinerary.ts'
import { count, listed } from './layout.ts'

/** The words of a forecast, shared by its renderers. */

/** What the forecast says, one line each; none where no node is drained. */
export function forecastLines({ forecast: { run } }: Itinerary): readonly string[] {
  const groups = run.stages.flatMap((stage) => stage.groups).sort((a, b) => b.takes.p50 - a.takes.p50)
  if (groups.every(({ nodes }) => nodes === 0)) return []
  const longest = groups.map(({ group, takes }) => `${group} ${spanText(takes)}`)
  const slowest = groups.flatMap((group) => group.slowest ?? []).reduce((most, each) => (each.takes > most.takes ? each : most))
  const evictions = run.disruptions.reduce((sum, each) => sum + each.evictions, 0)
  const owners = run.disruptions.map(({ owner, evictions: number }) => `${owner.split('/').slice(1).join('/')} ${number}`)
  return [
    `Rehearsed on this snapshot: ${spanText(run.takes)} in all.`,
    `Longest groups: ${listed(longest)}; slowest node: ${slowest.node}, ${minutes(slowest.takes)}.`,
    `${count(evictions, 'eviction')}: ${listed(owners)}.`,
    blockedSentence(run),
  ]
}

function blockedSentence({ blockers }: RunForecast): string {
  if (blockers.length === 0) return 'No drain is held up for 15 minutes.'
  return `${count(blockers.length, 'pod')} would hold up a drain for 15 minutes: DRAIN_BLOCKED names them.`
}

/** `35m to 52m`: as it usually goes, and so that nine of ten are faster. */
function spanText({ p50, p90 }: Span): string {
  const [usual, slow] = [minutes(p50), minutes(p90)]
  return usual === slow ? usual : `${usual} to ${slow}`
}

function minutes(span: Millis): string {
  return formatDuration(Math.max(MINUTE, Math.round(span / MINUTE) * MINUTE))
}
