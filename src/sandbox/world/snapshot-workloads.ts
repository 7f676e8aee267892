import { type PodDisruptionBudget, selectorMatches, type Workload } from '../../model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from '../../model/snapshot.ts'
import type { WorkloadSpec } from '../contract.ts'

const KINDS = ['Deployment', 'StatefulSet', 'DaemonSet'] as const

/** What the add-ons themselves bring. */
const OF_ADDONS = new Set(['DaemonSet/aws-node', 'DaemonSet/kube-proxy', 'Deployment/coredns', 'DaemonSet/eks-pod-identity-agent'])

/** Deployments, StatefulSets and DaemonSets with their budgets. Pods of other owners are left out, and that is said. */
export function workloadsOf(snapshot: ClusterSnapshot, assumptions: string[]): readonly WorkloadSpec[] {
  const budgets = objectsOf<PodDisruptionBudget>(snapshot, 'PodDisruptionBudget')
  const workloads = KINDS.flatMap((kind) => objectsOf<Workload>(snapshot, kind).map((workload) => ({ kind, workload })))
  const others = objectsOf(snapshot, 'Pod').filter(({ metadata }) => !metadata.ownerReferences?.some(({ kind }) => OWNERS.has(kind)))
  if (others.length > 0) assumptions.push(`${others.length} pods without a Deployment, StatefulSet or DaemonSet are left out.`)
  return workloads
    .filter(({ kind, workload }) => !(workload.metadata.namespace === 'kube-system' && OF_ADDONS.has(`${kind}/${workload.metadata.name}`)))
    .map(({ kind, workload }) => specOf(kind, workload, budgets))
}

const OWNERS = new Set(['ReplicaSet', 'StatefulSet', 'DaemonSet', 'Node'])

function specOf(kind: WorkloadSpec['kind'], { metadata, spec }: Workload, budgets: readonly PodDisruptionBudget[]): WorkloadSpec {
  const pod = spec?.template?.spec
  const labels = spec?.template?.metadata?.labels
  const guard = budgets.find((budget) => budget.metadata.namespace === metadata.namespace && selectorMatches(budget.spec?.selector, labels))
  const requests = pod?.containers?.[0]?.resources?.requests
  return {
    kind,
    namespace: metadata.namespace ?? 'default',
    name: metadata.name,
    ...(kind === 'DaemonSet' ? {} : { replicas: spec?.replicas ?? 1 }),
    ...(requests?.cpu === undefined ? {} : { cpu: requests.cpu }),
    ...(requests?.memory === undefined ? {} : { memory: requests.memory }),
    ...(pod?.nodeSelector === undefined ? {} : { nodeSelector: pod.nodeSelector }),
    ...(pod?.tolerations === undefined ? {} : { tolerations: pod.tolerations }),
    ...(pod?.hostNetwork === undefined ? {} : { hostNetwork: pod.hostNetwork }),
    ...(pod?.terminationGracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: pod.terminationGracePeriodSeconds }),
    ...(guard === undefined ? {} : { budget: boundsOf(guard) }),
  }
}

function boundsOf({ spec }: PodDisruptionBudget): NonNullable<WorkloadSpec['budget']> {
  return spec?.minAvailable === undefined ? { maxUnavailable: spec?.maxUnavailable } : { minAvailable: spec.minAvailable }
}
