import type { RunForecast } from '../../src/model/forecast.ts'
import { MINUTE } from '../../src/model/instant.ts'
import type { GroupOutcome, Outcome } from './forecast-outcome.ts'

/** A forecast held against what the sandbox then did. */
export interface Score {
  readonly groups: readonly GroupScore[]
  /** Whether a pod or a node got no address: forecast and seen. */
  readonly dry: { readonly isForecastDry: boolean; readonly isDry: boolean }
  /** Minutes of single nodes, from their first eviction until they were gone: forecast (middle) and seen. */
  readonly nodes: readonly (readonly [forecast: number, seen: number])[]
  /** Peaks per subnet, where the run went through to its end. */
  readonly addresses: readonly { readonly usual: number; readonly worst: number; readonly seen: number }[]
  /** Evictions per owner, where the run went through to its end. */
  readonly disruptions: readonly (readonly [forecast: number, seen: number])[]
}

/** A group whose turn came. */
export interface GroupScore {
  readonly group: string
  readonly isForecastBlocked: boolean
  readonly isBlocked: boolean
  /** The forecast names a workload that was held on a node that was not emptied. */
  readonly namesOwner: boolean
  /** Absent where it was, or was forecast to be, blocked or dry. */
  readonly minutes?: { readonly p50: number; readonly p90: number; readonly seen: number }
}

export function scoreOf({ prepared, groups, disruptions, addresses, dry, finished }: Outcome): Score {
  const { run } = prepared.itinerary.forecast
  const scores = groups.map((outcome) => groupScore(run, outcome))
  return {
    groups: scores,
    dry: {
      isForecastDry: run.addresses.some((subnet) => subnet.dry !== undefined),
      isDry: dry || groups.some(({ errors }) => errors.includes('NodeCreationFailure')),
    },
    nodes: groups.flatMap(({ group, drains }) => {
      const forecast = run.stages.flatMap((stage) => stage.groups).find((each) => each.group === group)
      return [...drains.values()].map((seen) => [(forecast?.perNode.p50 ?? 0) / MINUTE, seen / MINUTE] as const)
    }),
    addresses: finished ? run.addresses.map(({ subnet, peak }) => ({ ...peak, seen: addresses.get(subnet) ?? 0 })) : [],
    disruptions: finished ? disruptionsOf(run, disruptions) : [],
  }
}

/** A budget blocks where it does in half of the orders or more, as DRAIN_BLOCKED has it. */
function blocksIn(run: RunForecast, group: string): RunForecast['blockers'] {
  return run.blockers.filter((blocker) => blocker.group === group && 2 * blocker.seen >= run.rehearsals)
}

function groupScore(run: RunForecast, { group, took, errors, held }: GroupOutcome): GroupScore {
  const blockers = blocksIn(run, group)
  const stage = run.stages.find(({ groups }) => groups.some((each) => each.group === group))
  const forecast = stage?.groups.find((each) => each.group === group)
  const isBlocked = errors.includes('PodEvictionFailure')
  const isForecastBlocked = blockers.length > 0
  return {
    group,
    isForecastBlocked,
    isBlocked,
    namesOwner: blockers.some(({ owner }) => held.includes(owner)),
    ...(!isBlocked &&
      !isForecastBlocked &&
      errors.length === 0 &&
      forecast && {
        minutes: { p50: forecast.takes.p50 / MINUTE, p90: forecast.takes.p90 / MINUTE, seen: took / MINUTE },
      }),
  }
}

function disruptionsOf(run: RunForecast, seen: ReadonlyMap<string, number>): Score['disruptions'] {
  const forecast = new Map(run.disruptions.map(({ owner, evictions }) => [owner, evictions]))
  return [...new Set([...forecast.keys(), ...seen.keys()])].map((owner) => [forecast.get(owner) ?? 0, seen.get(owner) ?? 0])
}
