import { awsNodeEnvOf, awsNodeTemplateDigest, awsNodeVersionOf } from '../../model/aws-node.ts'
import { type Instant, instantOf } from '../../model/instant.ts'
import { conditionOf, type Pod, type PodDisruptionBudget, selectorMatches, type Workload } from '../../model/kubernetes.ts'
import type { BudgetFacts, DaemonSetFacts, WorkloadFacts } from '../../model/seen.ts'
import { controllerOf, hasEnded, podKey } from './pods.ts'

/** `Deployment/shop/web` */
export function workloadKey(workload: { readonly kind: string; readonly metadata: Workload['metadata'] }): string {
  return `${workload.kind}/${workload.metadata.namespace ?? ''}/${workload.metadata.name}`
}

/** The key of the object that owns this one, `ReplicaSet/shop/web-abc`; undefined when nothing does. */
export function ownerKey(object: { readonly metadata: Workload['metadata'] }): string | undefined {
  const owner = controllerOf(object)
  return owner === undefined ? undefined : `${owner.kind}/${object.metadata.namespace ?? ''}/${owner.name}`
}

/** Workloads that gates judge: Deployments, StatefulSets, and ReplicaSets that nothing owns. */
export function isJudgedWorkload(workload: Workload): boolean {
  if (workload.kind === 'Deployment' || workload.kind === 'StatefulSet') return true
  return workload.kind === 'ReplicaSet' && controllerOf(workload) === undefined
}

/** @param pods the pods that the workload owns, directly or through its ReplicaSets */
export function workloadFacts(workload: Workload, pods: readonly Pod[]): WorkloadFacts {
  const nodes = pods.filter((pod) => !hasEnded(pod)).map((pod) => pod.spec?.nodeName)
  return Object.freeze({
    key: workloadKey(workload),
    namespace: workload.metadata.namespace ?? '',
    generation: workload.metadata.generation ?? 0,
    desired: workload.spec?.replicas ?? 1,
    available: workload.status?.availableReplicas ?? 0,
    nodes: [...new Set(nodes.filter((node) => node !== undefined))].sort(),
    shortSince: shortSince(pods),
  })
}

/** Since when one of these pods is not Ready: the earliest of them; undefined when all are. */
function shortSince(pods: readonly Pod[]): Instant | undefined {
  const since = pods.filter((pod) => !hasEnded(pod)).map(notReadySince)
  const times = since.filter((time) => time !== undefined)
  return times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b))
}

function notReadySince(pod: Pod): Instant | undefined {
  const ready = conditionOf(pod.status?.conditions, 'Ready')
  if (ready?.status === 'True') return undefined
  return instantOf(ready?.lastTransitionTime) ?? instantOf(pod.metadata.creationTimestamp)
}

/**
 * A budget with the pods it guards.
 * @param pods pods of the budget's namespace
 * @param ownerOf the workload behind a pod, `Deployment/shop/web`
 */
export function budgetFacts(budget: PodDisruptionBudget, pods: readonly Pod[], ownerOf: (pod: Pod) => string | undefined): BudgetFacts {
  const guarded = pods.filter((pod) => !hasEnded(pod) && selectorMatches(budget.spec?.selector, pod.metadata.labels))
  return Object.freeze({
    key: `${budget.metadata.namespace ?? ''}/${budget.metadata.name}`,
    disruptionsAllowed: budget.status?.disruptionsAllowed ?? 0,
    currentHealthy: budget.status?.currentHealthy ?? 0,
    desiredHealthy: budget.status?.desiredHealthy ?? 0,
    pods: guarded
      .map((pod) => ({ pod: podKey(pod), node: pod.spec?.nodeName, owner: ownerOf(pod) }))
      .sort((x, y) => (x.pod < y.pod ? -1 : x.pod > y.pod ? 1 : 0)),
  })
}

/** The aws-node DaemonSet: how far it has rolled, and what it rolls. Never proof of health: gates look at the pods. */
export function daemonSetFacts(daemonSet: Workload): DaemonSetFacts {
  const status = daemonSet.status
  return Object.freeze({
    generation: daemonSet.metadata.generation ?? 0,
    observedGeneration: status?.observedGeneration ?? 0,
    desired: status?.desiredNumberScheduled ?? 0,
    updated: status?.updatedNumberScheduled ?? 0,
    available: status?.numberAvailable ?? 0,
    version: awsNodeVersionOf(daemonSet.spec?.template?.spec?.containers),
    templateDigest: awsNodeTemplateDigest(daemonSet),
    env: awsNodeEnvOf(daemonSet.spec?.template?.spec?.containers),
  })
}
