import type { ReplaceStep } from '../../../model/itinerary.ts'
import type { Standing } from './standing.ts'

/** The nodes of one zone. */
interface ZoneCount {
  readonly all: number
  /** Those that are there at the end: of the target, or given up. */
  readonly final: number
}

/** By zone. */
export type ZoneCounts = ReadonlyMap<string, ZoneCount>

const NONE: ZoneCount = { all: 0, final: 0 }

/** How the zones stand by what the group shows. */
export function zonesShown({ zones }: Pick<ReplaceStep, 'zones'>, { staying, old, waiting }: Standing): ZoneCounts {
  const going = new Set([...old.map(({ member }) => member), ...waiting].map(({ instanceId }) => instanceId))
  return staying.reduce<ZoneCounts>(
    (counts, { member }) => adding(counts, member.zone ?? '', { all: 1, final: going.has(member.instanceId) ? 0 : 1 }),
    new Map(zones.map((zone) => [zone, NONE])),
  )
}

/** The same with the nodes that were asked for and do not show yet, where they will be. */
export function zonesOf(step: Pick<ReplaceStep, 'zones'>, standing: Standing): ZoneCounts {
  const { staying, size, raised } = standing
  let counts = zonesShown(step, standing)
  for (let pending = size + raised - staying.length; pending > 0; pending--) counts = landed(counts)
  return counts
}

function adding(counts: ZoneCounts, zone: string, more: ZoneCount): ZoneCounts {
  const { all, final } = counts.get(zone) ?? NONE
  return new Map([...counts, [zone, { all: all + more.all, final: final + more.final }]])
}

/** Without one old node of a zone. */
export function leaving(counts: ZoneCounts, zone = ''): ZoneCounts {
  return adding(counts, zone, { all: -1, final: 0 })
}

/** With one more node, which comes to the zone with the fewest: https://docs.aws.amazon.com/autoscaling/ec2/userguide/auto-scaling-benefits.html */
export function landed(counts: ZoneCounts): ZoneCounts {
  return adding(counts, emptiest(counts), { all: 1, final: 1 })
}

function emptiest(counts: ZoneCounts): string {
  const [first] = [...counts].sort(([, a], [, b]) => a.all - b.all || a.final - b.final)
  return first?.[0] ?? ''
}

/** How many nodes are missing of those that are there at the end. */
export function toCome(counts: ZoneCounts, size: number): number {
  return size - [...counts.values()].reduce((sum, { final }) => sum + final, 0)
}

/**
 * Whether a node that is launched now comes to where one is still missing at the end, whichever of the emptiest zones it takes. Where the other zones
 * need all that are yet to come it does not, and would have to be taken away again with a whole round of launching, proving and draining.
 */
export function isWanted(counts: ZoneCounts, size: number): boolean {
  const [share, left] = [Math.floor(size / counts.size), toCome(counts, size)]
  const fewest = Math.min(...[...counts.values()].map(({ all }) => all))
  const lacking = (zone: string) =>
    [...counts].reduce((sum, [other, { final }]) => sum + (other === zone ? 0 : Math.max(0, share - final)), 0)
  return left > 0 && [...counts].every(([zone, { all, final }]) => all > fewest || final < share || lacking(zone) < left)
}
