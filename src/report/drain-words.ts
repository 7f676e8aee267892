import type { DrainForecast } from '../forecast/drain/rehearse.ts'
import { formatDuration, MINUTE, type Millis } from '../model/instant.ts'
import { count, listed } from './layout.ts'

/** How the drains of a run would go, usually and when everything is slow. */
export interface Drains {
  readonly usual: DrainForecast
  readonly slow: DrainForecast
}

/** What the rehearsed drains say, one line each; none where nothing is drained. */
export function drainLines({ usual, slow }: Drains): readonly string[] {
  const evictions = usual.disruptions.reduce((sum, each) => sum + each.evictions, 0)
  if (usual.groups.length === 0 || usual.takes === 0) return []
  const slowly = new Map(slow.groups.map(({ group, takes }) => [group, takes]))
  const groups = [...usual.groups].sort((a, b) => b.takes - a.takes)
  const longest = groups.map(({ group, takes }) => `${group} ${spanOf(takes, slowly.get(group) ?? takes)}`)
  const slowest = groups.reduce((most, each) => (each.slowest > most.slowest ? each : most))
  const owners = usual.disruptions.map(({ owner, evictions: number }) => `${owner.split('/').slice(1).join('/')} ${number}`)
  return [
    `Drains, rehearsed on this snapshot: ${spanOf(usual.takes, slow.takes)} in all, soaks and add-ons not counted.`,
    `Longest groups: ${listed(longest)}; longest drain: ${slowest.slowestNode}, ${rounded(slowest.slowest)}.`,
    `${count(evictions, 'eviction')}: ${listed(owners)}.`,
    usual.blockers.length === 0
      ? 'No drain is held up for 15 minutes.'
      : `${count(usual.blockers.length, 'pod')} would hold up a drain for 15 minutes: DRAIN_BLOCKED names them.`,
  ]
}

/** `35m to 52m`: as it usually goes, and as it goes when everything is slow. */
function spanOf(usual: Millis, slow: Millis): string {
  return `${rounded(usual)} to ${rounded(slow)}`
}

function rounded(span: Millis): string {
  return formatDuration(Math.max(MINUTE, Math.round(span / MINUTE) * MINUTE))
}
