import type { DrainBlocker, GroupForecast, RunForecast, Span, StageForecast, SubnetForecast } from '../model/forecast.ts'
import type { Millis } from '../model/instant.ts'
import { type DrainCluster, readCluster } from './drain/opening.ts'
import { type Course, SLOW, USUAL } from './drain/pace.ts'
import { type Rehearsed, type RehearsedStage, rehearseDrain, type Stage } from './drain/rehearse.ts'
import { TERMINATE, WAIT_AFTER_DRAIN } from './drain/rolling.ts'

/** Moving so many pods is what a forecast may cost; a large cluster is played through once, a small one in several orders. */
const WORTH = 20_000
const MOST_ORDERS = 7

/**
 * A run played through several times at the usual pace, each time in another order, and once slowly: that when a 90th percentile
 * is first read, since what a run checks again before each of its batches seldom asks for one.
 */
export function forecastRun(cluster: DrainCluster, stages: readonly Stage[]): RunForecast {
  const read = readCluster(cluster)
  const usual = coursesFor(cluster, stages).map((course) => rehearseDrain(read, stages, course))
  let played: Rehearsed | undefined
  const slow = (): Rehearsed => {
    played ??= rehearseDrain(read, stages, { pace: SLOW, seed: 0 })
    return played
  }
  const [first] = usual
  if (first === undefined) throw new Error('no rehearsal')
  return {
    takes: spanOf(
      usual.map(({ takes }) => takes),
      () => slow().takes,
    ),
    stages: stages.map((stage, index) => stageForecast(stage, index, usual, slow)),
    blockers: blockersOf(usual),
    unplaced: first.unplaced,
    disruptions: middleDisruptions(usual),
    addresses: addressesOf(cluster, usual),
    rehearsals: usual.length,
  }
}

function coursesFor({ pods }: DrainCluster, stages: readonly Stage[]): readonly Course[] {
  if (stages.every(({ moves }) => moves.length === 0)) return [{ pace: USUAL }]
  const orders = Math.min(MOST_ORDERS, Math.max(1, Math.floor(WORTH / Math.max(1, pods.length))))
  return Array.from({ length: orders }, (_none, seed) => ({ pace: USUAL, seed }))
}

/** The slow one counts for the 90th percentile, the others for the middle. */
function spanOf(usual: readonly Millis[], slow: () => Millis): Span {
  const p50 = quantile(usual, 0.5)
  return {
    p50,
    get p90() {
      return Math.max(p50, slow(), quantile(usual, 0.9))
    },
  }
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
}

function stageForecast({ id, soak }: Stage, index: number, all: readonly Rehearsed[], slow: () => Rehearsed): StageForecast {
  const usual = all.flatMap(({ stages }) => stages[index] ?? [])
  const names = (usual[0]?.groups ?? []).map(({ group }) => group)
  const groups = names.map((group) => groupForecast(group, usual, () => slow().stages[index]))
  return {
    id,
    from: quantile(
      usual.map(({ from }) => from),
      0.5,
    ),
    steps: spanOf(
      usual.map(({ steps }) => steps),
      () => slow().stages[index]?.steps ?? 0,
    ),
    gates: quantile(
      usual.map(({ gates }) => gates),
      0.5,
    ),
    soak,
    groups: groups.sort((a, b) => b.takes.p50 - a.takes.p50 || (a.group < b.group ? -1 : 1)),
  }
}

function groupForecast(name: string, played: readonly RehearsedStage[], slowly: () => RehearsedStage | undefined): GroupForecast {
  const of = ({ groups }: RehearsedStage) => groups.find(({ group }) => group === name)
  const rolled = played.flatMap((stage) => of(stage) ?? [])
  const slow = () => {
    const stage = slowly()
    return stage && of(stage)
  }
  const [first] = rolled
  const usual = rolled.flatMap(({ drains }) => drains.map(({ takes }) => takes))
  const after = WAIT_AFTER_DRAIN + TERMINATE
  const slowest = [...(first?.drains ?? [])].sort((a, b) => b.takes - a.takes)[0]
  return {
    group: name,
    nodes: first?.drains.length ?? 0,
    takes: spanOf(
      rolled.map(({ takes }) => takes),
      () => slow()?.takes ?? 0,
    ),
    perNode: {
      p50: quantile(usual, 0.5) + after,
      get p90() {
        const slowly = slow()?.drains.map(({ takes }) => takes) ?? []
        return Math.max(quantile(usual, 0.9), quantile(slowly, 0.5)) + after
      },
    },
    ...(slowest && { slowest: { node: slowest.node, takes: slowest.takes + after } }),
  }
}

/** Each pod that blocked in any order, once; and in how many orders its budgets blocked the group. */
function blockersOf(usual: readonly Rehearsed[]): readonly DrainBlocker[] {
  const key = ({ group, budgets }: { readonly group: string; readonly budgets: readonly string[] }) => `${group}\n${budgets.join('\n')}`
  const seen = new Map<string, number>()
  for (const { blockers } of usual) for (const each of new Set(blockers.map(key))) seen.set(each, (seen.get(each) ?? 0) + 1)
  const told = new Map<string, Rehearsed['blockers']>()
  for (const { blockers } of usual) for (const [each, all] of Map.groupBy(blockers, key)) if (!told.has(each)) told.set(each, all)
  return [...told]
    .flatMap(([each, all]) => all.map((blocker) => ({ ...blocker, seen: seen.get(each) ?? 0 })))
    .sort((a, b) => a.minute - b.minute)
}

function middleDisruptions(usual: readonly Rehearsed[]): RunForecast['disruptions'] {
  const owners = new Set(usual.flatMap(({ disruptions }) => disruptions.map(({ owner }) => owner)))
  const counts = usual.map(({ disruptions }) => new Map(disruptions.map(({ owner, evictions }) => [owner, evictions])))
  return [...owners]
    .map((owner) => ({
      owner,
      evictions: quantile(
        counts.map((each) => each.get(owner) ?? 0),
        0.5,
      ),
    }))
    .filter(({ evictions }) => evictions > 0)
    .sort((a, b) => b.evictions - a.evictions || (a.owner < b.owner ? -1 : 1))
}

function addressesOf({ addresses }: DrainCluster, all: readonly Rehearsed[]): readonly SubnetForecast[] {
  if (addresses === undefined) return []
  return [...addresses.rooms]
    .map(([subnet, { free }]): SubnetForecast => {
      const seen = all.flatMap(({ peaks }) => peaks.get(subnet) ?? [])
      const worst = seen.reduce((most, each) => (each.peak > most.peak ? each : most), { peak: 0, stage: '' })
      const dry = seen.flatMap((each) => each.dry ?? [])
      return {
        subnet,
        zone: addresses.zoneOf(subnet),
        free,
        peak: {
          usual: quantile(
            seen.map(({ peak }) => peak),
            0.5,
          ),
          worst: worst.peak,
        },
        ...(worst.peak > 0 && { stage: worst.stage }),
        ...(2 * dry.length >= all.length && { dry: dry[0] }),
      }
    })
    .sort((a, b) => a.free - a.peak.worst - (b.free - b.peak.worst) || (a.subnet < b.subnet ? -1 : 1))
}
