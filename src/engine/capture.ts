import { iso } from '../model/instant.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'
import { API_VERSION, type ClusterSnapshot, type Unavailable } from '../model/snapshot.ts'
import type { ClusterPorts } from '../ports/ports.ts'
import { readAccess } from './capture/access.ts'
import { readAws } from './capture/aws.ts'
import { readLogs, readObjects, readOpenRun, readServer } from './capture/kubernetes.ts'
import type { NamedByPlan } from './capture/named.ts'
import { type LogReader, readNodeLogs } from './capture/node-logs.ts'
import { reachOutside } from './capture/outside.ts'
import { createPass } from './capture/pass.ts'
import { withPodSubnets } from './capture/pod-subnets.ts'
import { tryProbes } from './capture/probes.ts'
import { readSystem } from './capture/system.ts'
import { probeUpdates } from './capture/update-probes.ts'
import { readWrittenObjects } from './capture/written-objects.ts'
import { redactTexts } from './redact.ts'

export interface CaptureOptions extends NamedByPlan {
  /** Questions at a time; 8 when absent. */
  readonly concurrency?: number
  /** Pods that have read the logs of their nodes. */
  readonly logReaders?: readonly LogReader[]
  /** The pod Serin itself may run in; told only when this cluster has such a pod, or when that cannot be read. */
  readonly takenFrom?: ClusterSnapshot['takenFrom']
}

/** Left as they are: they are sent back to the API word for word, or are public. */
const VERBATIM = ['configurationValues', 'configurationSchema', 'certificateAuthority', 'arn', 'endpoint']

/**
 * One pass over a cluster. What may not or cannot be read stands in `unavailable`, and the pass goes on.
 * @throws SerinError REMOTE_* when the cluster itself cannot be read.
 */
export async function captureSnapshot(ports: ClusterPorts, cluster: string, options: CaptureOptions = {}): Promise<ClusterSnapshot> {
  const capturedAt = iso(ports.clock.now())
  const described = await ports.eks.describeCluster(cluster)
  const pass = createPass(options.concurrency ?? 8, ports.clock)
  const [aws, server, objects, written, openRun, access, { lease, ...system }, dryRuns, outside] = await Promise.all([
    readAws(ports, pass, described, options),
    readServer(ports, pass),
    readObjects(ports, pass),
    readWrittenObjects(ports, pass, described.version),
    readOpenRun(ports, pass),
    readAccess(ports, pass, options.access ?? []),
    readSystem(ports, pass),
    tryProbes(ports, pass, options.probes ?? []),
    reachOutside(ports, pass, options.questions ?? []),
  ])
  const items = [...objects, ...written]
  const [whole, logs, nodeLogs, updateProbes] = await Promise.all([
    withPodSubnets(ports, pass, aws, items),
    readLogs(ports, pass, items),
    readNodeLogs(ports, pass, options.logReaders ?? []),
    probeUpdates(ports, pass, items),
  ])
  return {
    apiVersion: API_VERSION,
    kind: 'ClusterSnapshot',
    capturedAt,
    ...sandboxOf(ports),
    aws: redactTexts(whole, VERBATIM),
    kubernetes: { items, ...access, ...system, ...present({ updateProbes, dryRuns, server }) },
    logs,
    ...(nodeLogs.length > 0 && { nodeLogs }),
    ...openRun,
    ...present({ lease, outside }),
    unavailable: pass.unavailable(),
    ...takenFromHere(options.takenFrom, items, pass.unavailable()),
  }
}

/** Without the members that were not read. */
function present<T extends object>(members: T): Partial<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Partial<T>
}

/** Where Serin runs, if that is a pod of this cluster; a runner in another cluster is none of its business. */
function takenFromHere(
  takenFrom: ClusterSnapshot['takenFrom'],
  items: readonly KubernetesObject[],
  gaps: readonly Unavailable[],
): Pick<ClusterSnapshot, 'takenFrom'> {
  if (takenFrom === undefined) return {}
  const blind = gaps.some(({ source }) => source === 'kubernetes:pods')
  const pod = items.find(
    ({ kind, metadata }) =>
      kind === 'Pod' &&
      metadata.name === takenFrom.pod &&
      (metadata.namespace === takenFrom.namespace || takenFrom.namespace === undefined),
  )
  if (pod === undefined) return blind || takenFrom.node !== undefined ? { takenFrom } : {}
  return { takenFrom: { ...takenFrom, namespace: pod.metadata.namespace } }
}

function sandboxOf({ sandbox }: ClusterPorts): Pick<ClusterSnapshot, 'sandbox'> {
  if (sandbox?.world === undefined) return {}
  const { world, seed = 0, scenarios = [], assumptions = [] } = sandbox
  return { sandbox: { world, seed, scenarios, ...(assumptions.length === 0 ? {} : { assumptions }) } }
}
