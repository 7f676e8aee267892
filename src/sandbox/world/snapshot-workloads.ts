import { conditionOf, type KubernetesObject, type ObjectMeta, type Pod } from '../../model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from '../../model/snapshot.ts'
import type { ContainerTrouble, Unwell } from '../levers.ts'
import { requireUnderstoodPolicy } from './kubernetes/api/kyverno.ts'

/** What stands in a cluster besides its nodes, in the order in which it has to be there. */
const CARRIED = [
  'Namespace',
  'PriorityClass',
  'StorageClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'ENIConfig',
  'SecurityGroupPolicy',
  'PodDisruptionBudget',
  'Service',
  'DaemonSet',
  'Deployment',
  'StatefulSet',
  'CronJob',
  'Job',
  'Pod',
  // What judges new objects comes last: what stands there has passed.
  'ClusterPolicy',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
] as const

type Trouble = ContainerTrouble['fault']
type AnyObject = KubernetesObject & { readonly spec?: unknown }

/** Objects of a snapshot's world, and which workloads of it are unwell for good, by `namespace/name`. */
export interface SnapshotObjects {
  readonly objects: readonly KubernetesObject[]
  readonly unwell: Unwell
}

/** Everything that people put into the cluster, as they wrote it; what cannot be carried over is said in `assumptions`. */
export function objectsOfSnapshot(snapshot: ClusterSnapshot, assumptions: string[]): SnapshotObjects {
  const all = CARRIED.flatMap((kind) => objectsOf<AnyObject>(snapshot, kind).filter((object) => isPeoples(object)))
  const objects = all.flatMap((object) => carried(object, assumptions))
  if (objects.some(({ kind }) => kind.endsWith('WebhookConfiguration')))
    assumptions.push('What the code behind admission webhooks does is unknown: it is taken to allow everything and to change nothing.')
  return { objects, unwell: unwellOf(snapshot, assumptions) }
}

/** Objects that every world brings itself. */
const OF_ADDONS = new Set([
  'DaemonSet/kube-system/aws-node',
  'DaemonSet/kube-system/kube-proxy',
  'DaemonSet/kube-system/eks-pod-identity-agent',
  'Deployment/kube-system/coredns',
  'PodDisruptionBudget/kube-system/coredns',
  'Service/default/kubernetes',
])

/** Neither an add-on's nor made by a controller: what has an owner comes back with it. */
function isPeoples({ kind, metadata, ...rest }: AnyObject): boolean {
  if (metadata.ownerReferences?.some(({ controller }) => controller !== false)) return false
  if (metadata.deletionTimestamp !== undefined || OF_ADDONS.has(`${kind}/${metadata.namespace}/${metadata.name}`)) return false
  const status = (rest as { readonly status?: { readonly phase?: string; readonly completionTime?: string } }).status
  return status?.phase !== 'Succeeded' && status?.phase !== 'Failed' && status?.completionTime === undefined
}

function carried(object: AnyObject, assumptions: string[]): readonly KubernetesObject[] {
  const bare = { ...object, metadata: bareMetadata(object.metadata) } as KubernetesObject & Record<string, unknown>
  if (object.kind === 'Namespace') return [{ ...bare, status: { phase: 'Active' } } as KubernetesObject]
  const { status: _status, ...rest } = bare
  if (object.kind.endsWith('WebhookConfiguration')) return reachable(rest, assumptions)
  if (object.kind === 'ClusterPolicy') return understood(rest, assumptions)
  if (object.kind === 'PersistentVolume') return [reservedVolume(rest)]
  if (object.kind === 'PersistentVolumeClaim') return [unboundClaim(rest)]
  return [object.kind === 'Pod' ? { ...rest, spec: unbound(object.spec) } : rest] as readonly KubernetesObject[]
}

/** Who somebody is stays; what the API server gave goes. */
function bareMetadata({ name, namespace, labels, annotations, creationTimestamp }: ObjectMeta): ObjectMeta {
  const members = { name, namespace, labels, annotations, creationTimestamp }
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as unknown as ObjectMeta
}

/** The claim that it is reserved for is the one of that name, whatever its uid is here. */
function reservedVolume(volume: KubernetesObject & { readonly spec?: unknown }): KubernetesObject {
  const { claimRef, ...spec } = (volume.spec ?? {}) as { readonly claimRef?: { readonly namespace?: string; readonly name?: string } }
  const reserved = claimRef === undefined ? {} : { claimRef: { namespace: claimRef.namespace, name: claimRef.name } }
  return { ...volume, spec: { ...spec, ...reserved } } as KubernetesObject
}

/** It finds its volume again by the name that stands in its spec; marks of having been bound go. */
function unboundClaim(claim: KubernetesObject): KubernetesObject {
  const kept = Object.entries(claim.metadata.annotations ?? {}).filter(([key]) => !/^(pv|volume)(\.beta)?\.kubernetes\.io\//.test(key))
  return { ...claim, metadata: { ...claim.metadata, annotations: Object.fromEntries(kept) } }
}

function unbound(spec: unknown): unknown {
  const { nodeName: _nodeName, ...rest } = (spec ?? {}) as Record<string, unknown>
  return rest
}

interface Configuration extends KubernetesObject {
  readonly webhooks?: readonly { readonly name: string; readonly clientConfig?: { readonly url?: string } }[]
}

/** Webhooks that are called by their address, as EKS calls its own, stand outside of the cluster and would never answer. */
function reachable(object: Configuration, assumptions: string[]): readonly KubernetesObject[] {
  const webhooks = (object.webhooks ?? []).filter(({ clientConfig }) => clientConfig?.url === undefined)
  const outside = (object.webhooks?.length ?? 0) - webhooks.length
  if (outside > 0) assumptions.push(`${object.metadata.name}: ${outside} of its webhooks are called by URL and are left out.`)
  return webhooks.length === 0 ? [] : [{ ...object, webhooks } as KubernetesObject]
}

function understood(object: KubernetesObject, assumptions: string[]): readonly KubernetesObject[] {
  try {
    requireUnderstoodPolicy(object as Parameters<typeof requireUnderstoodPolicy>[0])
    return [object]
  } catch (error) {
    assumptions.push(`Kyverno policy ${object.metadata.name} is left out: ${error instanceof Error ? error.message : String(error)}`)
    return []
  }
}

/** Workloads none of whose pods are ready stay so; where only some are not, all are taken to be well. */
function unwellOf(snapshot: ClusterSnapshot, assumptions: string[]): Unwell {
  const pods = objectsOf<Pod>(snapshot, 'Pod').filter(({ status }) => status?.phase === 'Running' || status?.phase === 'Pending')
  const unwell: Record<string, Trouble> = {}
  for (const [name, group] of Map.groupBy(pods, ownerOf)) {
    const sick = group.filter(({ status }) => conditionOf(status?.conditions, 'Ready')?.status !== 'True')
    const trouble = sick.map(troubleOf).find((found) => found !== undefined)
    if (trouble === undefined) continue
    if (sick.length === group.length && !OF_ADDON_PODS.test(name)) unwell[name] = trouble
    else
      assumptions.push(`${sick.length} of ${group.length} pods of ${name} are not ready (${wordsOf(trouble)}); all are taken to be well.`)
  }
  return unwell
}

const OF_ADDON_PODS = /^kube-system\/(aws-node|kube-proxy|coredns|eks-pod-identity-agent)$/

function ownerOf({ metadata }: Pod): string {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller !== false)
  const name = owner?.kind === 'ReplicaSet' ? owner.name.replace(/-[a-z0-9]+$/, '') : (owner?.name ?? metadata.name)
  return `${metadata.namespace}/${name}`
}

/** What is wrong with a pod's first container; undefined when the pod only waits for a node. */
function troubleOf({ status }: Pod): Trouble | undefined {
  const [first] = status?.containerStatuses ?? []
  if (first === undefined) return undefined
  const { reason = '', message = '' } = first.state?.waiting ?? {}
  if (/^(ErrImagePull|ImagePullBackOff|InvalidImageName)$/.test(reason)) return { kind: 'no-image', message }
  const ended = first.lastState?.terminated ?? first.state?.terminated
  if (reason === 'CrashLoopBackOff' || (reason === '' && first.state?.running === undefined && ended !== undefined))
    return { kind: 'exits', after: 5_000, code: ended?.exitCode ?? 1, ...(ended?.reason === undefined ? {} : { reason: ended.reason }) }
  return first.state?.running === undefined ? undefined : { kind: 'unready' }
}

function wordsOf({ kind }: Trouble): string {
  if (kind === 'exits') return 'they exit'
  return kind === 'unready' ? 'their probes fail' : 'their image cannot be pulled'
}
