import { awsNodeEnvOf, awsNodeTemplateDigest, awsNodeVersionOf } from '../../model/aws-node.ts'
import { conditionOf, type Pod, type PodDisruptionBudget, type Workload } from '../../model/kubernetes.ts'
import type { BudgetFacts, DaemonSetFacts, WorkloadFacts } from '../../model/seen.ts'
import { containersOf } from './containers.ts'
import type { OwnedPods } from './owned-pods.ts'
import { controllerOf } from './pods.ts'

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

/** @param owned the pods that the workload owns, by owner: itself or its ReplicaSets */
export function workloadFacts(workload: Workload, owned: readonly OwnedPods[]): WorkloadFacts {
  const lists = owned.map((pods) => pods.nodes()).filter((nodes) => nodes.length > 0)
  const short = owned.map((pods) => pods.shortSince()).filter((since) => since !== undefined)
  return Object.freeze({
    key: workloadKey(workload),
    namespace: workload.metadata.namespace ?? '',
    generation: workload.metadata.generation ?? 0,
    desired: workload.spec?.replicas ?? 1,
    available: workload.status?.availableReplicas ?? 0,
    nodes: lists.length === 1 ? (lists[0] ?? []) : [...new Set(lists.flat())].sort(),
    shortSince: short.length === 0 ? undefined : Math.min(...short),
    ...trouble(owned),
  })
}

/** Absent where there is none, which is most workloads most of the time. */
function trouble(owned: readonly OwnedPods[]): Pick<WorkloadFacts, 'restarts' | 'restarting' | 'pending'> {
  const restarts = owned.reduce((sum, pods) => sum + pods.restarts(), 0)
  const restarting = owned.flatMap((pods) => pods.restarting()).map(restartingPod)
  const pending = owned.flatMap((pods) => pods.pending())
  const because = pending
    .map((pod) => conditionOf(pod.status?.conditions, 'PodScheduled')?.message)
    .find((message) => message !== undefined)
  return {
    ...(restarts > 0 && { restarts }),
    ...(restarting.length > 0 && { restarting }),
    ...(pending.length > 0 && { pending: { pods: pending.length, ...(because !== undefined && { because }) } }),
  }
}

function restartingPod(pod: Pod): NonNullable<WorkloadFacts['restarting']>[number] {
  const [worst] = containersOf(pod).toSorted((a, b) => b.restarts - a.restarts)
  const { restarts = 0, lastExit, startedAt } = worst ?? {}
  return { pod: pod.metadata.name, node: pod.spec?.nodeName ?? '', restarts, lastExit, startedAt }
}

/** @param pods what the budget guards, in the order of their names */
export function budgetFacts(budget: PodDisruptionBudget, pods: BudgetFacts['pods']): BudgetFacts {
  return Object.freeze({
    key: `${budget.metadata.namespace ?? ''}/${budget.metadata.name}`,
    disruptionsAllowed: budget.status?.disruptionsAllowed ?? 0,
    currentHealthy: budget.status?.currentHealthy ?? 0,
    desiredHealthy: budget.status?.desiredHealthy ?? 0,
    ...(budget.spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow' && { sparesUnready: true }),
    pods,
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
