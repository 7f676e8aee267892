import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { instantOf, iso, isoMicro, MINUTE } from '../../../src/model/instant.ts'
import type { KubernetesEvent, KubernetesObject, Pod } from '../../../src/model/kubernetes.ts'
import type { ClusterSnapshot, ContainerLog } from '../../../src/model/snapshot.ts'
import type { Draw } from './draw.ts'
import { pastAndBeside } from './past.ts'
import type { ScenarioData } from './stage.ts'

const SHIPPED = join(import.meta.dirname, '../../../plans/scenarios/noise.yaml')

/** The noise that is shipped, as data that other scenarios stand beside. */
export const NOISE: ScenarioData = (() => {
  const { world, faults } = parse(readFileSync(SHIPPED, 'utf8')) as ScenarioData
  return { ...(world && { world }), ...(faults && { faults }) }
})()

/**
 * What stands between a cluster and its diagnosis: objects in any order, old events gone, events of either style, what is over or
 * waits for other reasons, and words of causes that are not there, said by others about others.
 */
export function disturbed(draw: Draw, snapshot: ClusterSnapshot): ClusterSnapshot {
  const { sandbox: _, ...seen } = snapshot
  const captured = seen.kubernetes.items ?? []
  const items = [...captured, ...pastAndBeside(draw, captured, seen.capturedAt)]
  const kept = items.filter((item) => item.kind !== 'Event' || isKept(draw, item as KubernetesEvent, seen.capturedAt))
  const styled = kept.map((item) => (item.kind === 'Event' ? restyled(draw, item as KubernetesEvent) : item))
  const foreign = draw.chance('foreign', 0.5) ? foreignWords(draw, items, seen.capturedAt) : { events: [], logs: [] }
  return {
    ...seen,
    kubernetes: { ...seen.kubernetes, items: draw.shuffled('order', [...styled, ...foreign.events]) },
    logs: draw.shuffled('log-order', [...(seen.logs ?? []), ...foreign.logs]),
  }
}

/** The API server keeps events for an hour; some are set to less. */
function isKept(draw: Draw, event: KubernetesEvent, capturedAt: string): boolean {
  if (!draw.chance('forgetful', 0.3)) return true
  const last = instantOf(event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime) ?? 0
  return (instantOf(capturedAt) ?? 0) - last < draw.whole('memory', 12, 25) * MINUTE
}

/** Newer reporters write events.k8s.io/v1, of which v1 shows null times and a series. */
function restyled(draw: Draw, event: KubernetesEvent): KubernetesEvent {
  const { name } = event.metadata
  if (event.eventTime != null || !draw.chance('new-style', 0.5) || !draw.chance(`style/${event.reason}`, 0.6)) return event
  const first = instantOf(event.firstTimestamp)
  const last = instantOf(event.lastTimestamp)
  if (first === undefined || last === undefined) return event
  const { count = 1, source, ...rest } = event
  return {
    ...rest,
    metadata: { ...event.metadata, name },
    source: {},
    firstTimestamp: null,
    lastTimestamp: null,
    eventTime: isoMicro(first),
    reportingComponent: source?.component ?? event.reportingComponent ?? '',
    ...(count > 1 ? { series: { count, lastObservedTime: isoMicro(last) } } : {}),
  }
}

/** Words that look like causes, about pods that have nothing to do with them, or from long ago about pods that are gone. */
const FOREIGN: readonly { readonly reason: string; readonly message: string }[] = [
  { reason: 'FailedSync', message: 'controller: failed to assign an IP address to container group billing-7' },
  { reason: 'BackupFailed', message: 'UnauthorizedOperation: You are not authorized to perform this operation (ec2:CreateSnapshot)' },
  { reason: 'ProvisioningFailed', message: 'RequestLimitExceeded: Request limit exceeded.' },
  { reason: 'Unhealthy', message: 'Liveness probe failed: timeout: failed to connect service "10.0.4.4:50051" within 5s' },
  { reason: 'SyncFailed', message: 'pod updates may not change fields other than spec.containers[*].image' },
  { reason: 'ReconcileError', message: 'InsufficientFreeAddressesInSubnet while creating load balancer nodes' },
]

const FOREIGN_LOGS = [
  'panic: runtime error: index out of range [3] with length 3\n\ngoroutine 7 [running]:\nmain.parse(...)\n',
  'E1201 dial tcp 172.20.0.1:443: i/o timeout\nretrying\n',
  'Failed to connect to ipamd exporter, metrics of it are left out\n',
  'operation error EC2: DescribeVolumes, api error UnauthorizedOperation: You are not authorized to perform this operation.\n',
]

function foreignWords(
  draw: Draw,
  items: readonly KubernetesObject[],
  capturedAt: string,
): { readonly events: readonly KubernetesEvent[]; readonly logs: readonly ContainerLog[] } {
  const pods = items.filter((item): item is Pod => item.kind === 'Pod' && item.metadata.namespace !== 'kube-system')
  const about = pods.length === 0 ? undefined : draw.pick('foreign-pod', pods)
  const words = draw.shuffled('foreign-words', FOREIGN).slice(0, draw.whole('foreign-count', 1, 3))
  const at = (instantOf(capturedAt) ?? 0) - draw.whole('foreign-age', 1, 50) * MINUTE
  const events = words.map(
    ({ reason, message }, index): KubernetesEvent => ({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `foreign.${index}`, namespace: about?.metadata.namespace ?? 'default' },
      involvedObject: {
        kind: 'Pod',
        name: about?.metadata.name ?? 'gone',
        namespace: about?.metadata.namespace ?? 'default',
        ...(about?.metadata.uid && { uid: about.metadata.uid }),
      },
      reason,
      message,
      type: 'Warning',
      count: 3,
      source: { component: 'billing-operator' },
      firstTimestamp: iso(at),
      lastTimestamp: iso(at),
    }),
  )
  const log = {
    namespace: 'kube-system',
    pod: 'ebs-csi-controller-0',
    container: 'csi-provisioner',
    text: draw.pick('foreign-log', FOREIGN_LOGS),
  }
  return { events, logs: [log] }
}
