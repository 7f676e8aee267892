import { isServing } from '../../catalog/gates/judging/agent-state.ts'
import { STUCK_AFTER } from '../../catalog/gates/judging/stuck.ts'
import { emptyIn, type Sample, trendOf, withSample } from '../../forecast/address-trend.ts'
import { lastSeen, saysThrottled, textOf } from '../../model/events.ts'
import { type Instant, MINUTE } from '../../model/instant.ts'
import type { KubernetesEvent } from '../../model/kubernetes.ts'
import type { GroupReading, MonitorReading, SubnetReading } from '../../model/monitor.ts'
import type { NodeFacts, Seen, SubnetFacts } from '../../model/seen.ts'
import { type Caches, RESOURCES } from '../../ports/kubernetes.ts'

interface Beside {
  readonly cluster: string
  readonly subnets: readonly SubnetReading[]
  readonly throttled: number
  readonly events: Pick<Caches, 'items'>
}

/** How long an event that speaks of throttling counts. */
const LATELY = 10 * MINUTE

/** What a picture says to those who watch a cluster; causes are looked for apart. */
export function readingOf(seen: Seen, { cluster, subnets, throttled, events }: Beside): MonitorReading {
  const groups = [...Object.entries(seen.groups).map(([name, { nodes }]) => [name, nodes] as const), ['-', seen.otherNodes] as const]
  return {
    at: seen.now,
    cluster,
    groups: groups.filter(([name, nodes]) => name !== '-' || nodes.length > 0).map(([name, nodes]) => groupReading(name, nodes, seen.now)),
    subnets,
    throttled,
    throttlingEvents: events
      .items<KubernetesEvent>(RESOURCES.events)
      .filter((event) => seen.now - lastSeen(event) <= LATELY && saysThrottled(textOf(event))).length,
    diagnoses: [],
    unavailable: seen.unavailable.map(({ source }) => source),
  }
}

function groupReading(name: string, nodes: readonly NodeFacts[], now: Instant): GroupReading {
  const expected = nodes.filter((node) => node.awsNodeExcluded === undefined && !node.deleting)
  const late = nodes.flatMap((node) => node.waitingPods).filter((pod) => now - pod.boundAt >= STUCK_AFTER)
  const stuck: Record<string, number> = { cni: 0 }
  for (const { cause } of late) stuck[cause] = (stuck[cause] ?? 0) + 1
  return {
    name,
    nodes: nodes.length,
    ready: nodes.filter(({ ready }) => ready === 'True').length,
    awsNodeExpected: expected.length,
    awsNodeReady: expected.filter(({ awsNode }) => awsNode !== undefined && isServing(awsNode)).length,
    stuck,
  }
}

/** Whether there is something for which a cause should be looked for. */
export function showsTrouble({ groups, throttlingEvents }: MonitorReading): boolean {
  return (
    throttlingEvents > 0 ||
    groups.some(({ awsNodeExpected, awsNodeReady, stuck }) => awsNodeReady < awsNodeExpected || (stuck.cni ?? 0) > 0)
  )
}

/** Follows the addresses of subnets over an hour; those of subnets that are gone are forgotten. */
export function createTrends(): (facts: Readonly<Record<string, SubnetFacts>>, now: Instant) => readonly SubnetReading[] {
  const samples = new Map<string, readonly Sample[]>()
  return (facts, now) => {
    for (const id of samples.keys()) if (facts[id] === undefined) samples.delete(id)
    return Object.entries(facts).map(([id, { free, zone }]): SubnetReading => {
      const known = withSample(samples.get(id) ?? [], { at: now, free })
      samples.set(id, known)
      const perHour = trendOf(known)
      const empty = emptyIn(free, perHour)
      return {
        id,
        free,
        ...(zone !== undefined && { zone }),
        ...(perHour !== undefined && { perHour }),
        ...(empty !== undefined && { emptyIn: empty }),
      }
    })
  }
}
