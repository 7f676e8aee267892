import { isSerinError } from '../../errors/serin-error.ts'
import { instantOf, iso } from '../../model/instant.ts'
import type { KubernetesEvent, KubernetesObject, Pod, Workload } from '../../model/kubernetes.ts'
import { conditionOf } from '../../model/kubernetes.ts'
import { redactText } from '../../model/secret-text.ts'
import type { ClusterSnapshot, ContainerLog } from '../../model/snapshot.ts'
import { type Kubernetes, RESOURCES, type Resource } from '../../ports/kubernetes.ts'
import type { ClusterPorts } from '../../ports/ports.ts'
import { redactObject } from '../redact.ts'
import type { Pass } from './pass.ts'

/** Kinds that are read, in the order in which they stand in the snapshot. Secrets never are, and of ConfigMaps only what the CNI is told. */
const KINDS: readonly Resource[] = [
  RESOURCES.nodes,
  RESOURCES.namespaces,
  RESOURCES.pods,
  RESOURCES.daemonSets,
  RESOURCES.deployments,
  RESOURCES.statefulSets,
  RESOURCES.replicaSets,
  RESOURCES.budgets,
  RESOURCES.services,
  RESOURCES.jobs,
  RESOURCES.cronJobs,
  RESOURCES.persistentVolumes,
  RESOURCES.persistentVolumeClaims,
  RESOURCES.storageClasses,
  RESOURCES.priorityClasses,
  RESOURCES.mutatingWebhooks,
  RESOURCES.validatingWebhooks,
  RESOURCES.events,
]

/** Kinds that a cluster has only when somebody installed them: that there are none is no gap. */
const INSTALLED_KINDS: readonly Resource[] = [
  RESOURCES.eniConfigs,
  RESOURCES.securityGroupPolicies,
  RESOURCES.cniNodes,
  RESOURCES.kyvernoPolicies,
  RESOURCES.nodePools,
  RESOURCES.nodeClasses,
]

const MOST_EVENTS = 2_000
const LOGS_OF_PODS = 20
const LOG_LINES = 200

/** Objects of the kinds that checks and rehearsals read, redacted. */
export async function readObjects({ kubernetes }: ClusterPorts, pass: Pass): Promise<readonly KubernetesObject[]> {
  const questions = [
    ...KINDS.map((kind) => ({ kind, list: () => kubernetes.list(kind) })),
    ...INSTALLED_KINDS.map((kind) => ({ kind, list: () => listIfServed(kubernetes, kind) })),
  ]
  const [settings, ...lists] = await Promise.all([
    readCniSettings(kubernetes, pass),
    ...questions.map(({ kind, list }) => pass.read(`kubernetes:${kind.plural}`, list)),
  ])
  const objects = lists.flatMap((items) => bounded(items ?? []))
  return redacted(kubernetes, settings === undefined ? objects : [...objects, settings])
}

/** What the VPC resource controller and the network policy controller are told (docs/sgp/sgp_config_options.md of amazon-vpc-resource-controller-k8s). */
const CNI_SETTINGS = ['branch-eni-cooldown', 'enable-network-policy-controller', 'enable-windows-ipam']

async function readCniSettings(kubernetes: Kubernetes, pass: Pass): Promise<KubernetesObject | undefined> {
  const name = 'amazon-vpc-cni'
  const found = await pass.read(`kubernetes:configmaps/${name}`, async () => ({
    object: await kubernetes.get<KubernetesObject & { data?: Record<string, string> }>(RESOURCES.configMaps, 'kube-system', name),
  }))
  if (found?.object === undefined) return undefined
  const { apiVersion, kind, metadata, data = {} } = found.object
  const { resourceVersion, uid } = metadata
  const told = Object.fromEntries(CNI_SETTINGS.flatMap((key) => (data[key] === undefined ? [] : [[key, data[key]]])))
  return { apiVersion, kind, metadata: { name, namespace: 'kube-system', resourceVersion, uid }, data: told } as KubernetesObject
}

/** What was made of an object's version, by uid. */
type Redacted = ReadonlyMap<string, { readonly version: string; readonly made: KubernetesObject | undefined }>

/** What the pass before made of each cluster's objects: a run makes many passes, and few objects changed between two. */
const passBefore = new WeakMap<Kubernetes, Redacted>()

function redacted(kubernetes: Kubernetes, objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  const before: Redacted = passBefore.get(kubernetes) ?? new Map()
  const now = new Map<string, { readonly version: string; readonly made: KubernetesObject | undefined }>()
  const kept = objects.flatMap((object) => {
    const { uid, resourceVersion: version } = object.metadata
    if (uid === undefined || version === undefined) return redactObject(object) ?? []
    const known = before.get(uid)
    const redaction = known?.version === version ? known : { version, made: redactObject(object) }
    now.set(uid, redaction)
    return redaction.made ?? []
  })
  passBefore.set(kubernetes, now)
  return kept
}

async function listIfServed(kubernetes: Kubernetes, kind: Resource): Promise<readonly KubernetesObject[]> {
  try {
    return await kubernetes.list(kind)
  } catch (error) {
    if (isSerinError(error, 'REMOTE_NOT_FOUND')) return []
    throw error
  }
}

/** The run that is open on the cluster; of the record in its ConfigMap no more than who and since when. */
export async function readOpenRun({ kubernetes }: ClusterPorts, pass: Pass): Promise<Pick<ClusterSnapshot, 'openRun'>> {
  const found = await pass.read('kubernetes:serin-run', async () => ({
    object: await kubernetes.get<KubernetesObject & { data?: Record<string, string> }>(RESOURCES.configMaps, 'kube-system', 'serin-run'),
  }))
  if (found === undefined) return {}
  const record = parsed(found.object?.data?.['record.json'])
  if (record?.status !== 'open') return { openRun: null }
  return { openRun: { run: String(record.run), openedBy: String(record.openedBy), openedAt: iso(Number(record.openedAt)) } }
}

/** A record that cannot be read as one is somebody else's ConfigMap; taking the Lease will say so. */
function parsed(text: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? 'null')
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

/** Who answered: only where an answer came, since an address alone proves nothing. */
export async function readServer({ kubernetes }: ClusterPorts, pass: Pass): Promise<ClusterSnapshot['kubernetes']['server']> {
  const version = await pass.read('kubernetes:server', () => kubernetes.version())
  return version === undefined || kubernetes.server === undefined ? undefined : { ...kubernetes.server, version }
}

/** The newest events only, and no ReplicaSets that are nothing but history. */
function bounded(items: readonly KubernetesObject[]): readonly KubernetesObject[] {
  const kind = items[0]?.kind
  if (kind === 'ReplicaSet') return items.filter(isInUse)
  if (kind !== 'Event' || items.length <= MOST_EVENTS) return items
  return items.toSorted((a, b) => lastSeen(b) - lastSeen(a)).slice(0, MOST_EVENTS)
}

function isInUse({ spec, status, metadata }: Workload): boolean {
  return (spec?.replicas ?? 1) > 0 || (status?.replicas ?? 0) > 0 || (metadata.ownerReferences ?? []).length === 0
}

function lastSeen(event: KubernetesEvent): number {
  return instantOf(event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp) ?? 0
}

/**
 * The end of the aws-node logs of pods that are not ready, then of those that were restarted, then of those on nodes where
 * other pods are not well: of each container the present run and, after a restart, the last.
 */
export async function readLogs(ports: ClusterPorts, pass: Pass, objects: readonly KubernetesObject[]): Promise<readonly ContainerLog[]> {
  const troubled = new Set(objects.filter(isUnwell).map((pod) => pod.spec?.nodeName))
  const all = objects.filter(isAwsNodePod)
  const sick = [
    ...all.filter((pod) => !isReady(pod)),
    ...all.filter((pod) => isReady(pod) && wasRestarted(pod)),
    ...all.filter((pod) => isReady(pod) && !wasRestarted(pod) && troubled.has(pod.spec?.nodeName)),
  ]
  const logs = await Promise.all(
    sick
      .slice(0, LOGS_OF_PODS)
      .flatMap(logsOf)
      .map((log) => readLog(ports.kubernetes, pass, log)),
  )
  return logs.filter((log) => log !== undefined)
}

function isReady({ status }: Pod): boolean {
  return conditionOf(status?.conditions, 'Ready')?.status === 'True'
}

function wasRestarted({ status }: Pod): boolean {
  return (status?.containerStatuses ?? []).some(({ restartCount = 0 }) => restartCount > 0)
}

/** A pod on the pod network that is bound to a node and not ready there, or does not end. */
function isUnwell(object: KubernetesObject): object is Pod {
  if (object.kind !== 'Pod') return false
  const { metadata, spec, status } = object as Pod
  if (spec?.nodeName === undefined || spec.hostNetwork === true || status?.phase === 'Succeeded') return false
  return !isReady(object as Pod) || metadata.deletionTimestamp !== undefined
}

function isAwsNodePod(object: KubernetesObject): object is Pod {
  return object.kind === 'Pod' && object.metadata.namespace === 'kube-system' && object.metadata.labels?.['k8s-app'] === 'aws-node'
}

type LogName = Omit<ContainerLog, 'text'>

function logsOf({ metadata, status }: Pod): readonly LogName[] {
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
  const begun = statuses.filter(({ state, restartCount = 0 }) => state?.running || state?.terminated || restartCount > 0)
  return begun.flatMap(({ name, restartCount = 0 }) => {
    const log = { namespace: metadata.namespace ?? '', pod: metadata.name, container: name }
    return restartCount > 0 ? [log, { ...log, previous: true }] : [log]
  })
}

async function readLog(kubernetes: Kubernetes, pass: Pass, log: LogName): Promise<ContainerLog | undefined> {
  const options = { tailLines: LOG_LINES, ...(log.previous === true ? { previous: true } : {}) }
  const text = await pass.read(`logs:${log.namespace}/${log.pod}`, () => kubernetes.logs(log.namespace, log.pod, log.container, options))
  return text === undefined ? undefined : { ...log, text: redactText(text) }
}
