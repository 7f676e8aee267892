import { type Instant, instantOf } from '../../model/instant.ts'
import { conditionOf, type OwnerReference, type Pod } from '../../model/kubernetes.ts'

/** `shop/web-1` */
export function podKey(pod: Pod): string {
  return `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`
}

export function controllerOf(pod: { readonly metadata: Pod['metadata'] }): OwnerReference | undefined {
  const owners = pod.metadata.ownerReferences ?? []
  return owners.find((owner) => owner.controller === true) ?? owners[0]
}

/** When the pod was bound to its node: PodScheduled, else its start, else its creation. */
export function boundAt(pod: Pod): Instant {
  const scheduled = conditionOf(pod.status?.conditions, 'PodScheduled')
  return (
    (scheduled?.status === 'True' ? instantOf(scheduled.lastTransitionTime) : undefined) ??
    instantOf(pod.status?.startTime) ??
    instantOf(pod.metadata.creationTimestamp) ??
    0
  )
}

export function hasEnded(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}

/** Whether the pod takes an address of the pod network, and not its node's. */
export function isOnPodNetwork(pod: Pod): boolean {
  return pod.spec?.hostNetwork !== true
}

/**
 * When the pod got its address: once its sandbox stood, which is the condition PodReadyToStartContainers
 * (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-has-network), else the first start of a container
 * that never restarted. A restarted container tells nothing: its pod may have had the address for days.
 */
export function addressedAt(pod: Pod): Instant | undefined {
  if (!isOnPodNetwork(pod) || !pod.status?.podIP) return undefined
  const sandbox = conditionOf(pod.status.conditions, 'PodReadyToStartContainers')
  if (sandbox?.status === 'True') return instantOf(sandbox.lastTransitionTime)
  const statuses = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])]
  const starts = statuses
    .filter((status) => (status.restartCount ?? 0) === 0)
    .map((status) => instantOf(status.state?.running?.startedAt ?? status.state?.terminated?.startedAt))
    .filter((start) => start !== undefined)
  return starts.length === 0 ? undefined : Math.min(...starts)
}

/** Whether a drain would evict the pod: not of a DaemonSet, not a mirror of a static pod, not ended. */
export function isEvictable(pod: Pod): boolean {
  const owner = controllerOf(pod)
  const isMirror = owner?.kind === 'Node' || pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined
  return owner?.kind !== 'DaemonSet' && !isMirror && !hasEnded(pod)
}
