import { type GuardedDrain, guardedDrains } from '../../forecast/drain/evictable.ts'
import { groupOfNode } from '../../model/groups-of-nodes.ts'
import { conditionOf, type Pod, type PodDisruptionBudget } from '../../model/kubernetes.ts'
import { objectsOf } from '../../model/snapshot.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { drainedNodes, noGroupChanges } from './reading/nodes.ts'
import { count, names } from './reading/wording.ts'

/** No budget forbids every eviction of pods that the run has to move. */
export const pdbAllowsNone: CheckDefinition = {
  code: 'PDB_ALLOWS_NONE',
  title: 'Every PodDisruptionBudget on nodes to be drained allows a disruption now',
  severity: 'block',
  waivable: true,
  needs: ['kubernetes:nodes', 'kubernetes:pods', 'kubernetes:poddisruptionbudgets'],
  notApplicable: noGroupChanges,
  prevents:
    'A drain that cannot end: EKS tries for 15 minutes a node, then fails the update with PodEvictionFailure and leaves the group in between.',
  remedy: 'Raise the replicas or loosen the budget until `kubectl get pdb -A` shows allowed disruptions.',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html',
  evaluate: ({ snapshot, intent, plan }) => {
    const nodes = drainedNodes(snapshot, intent)
    const groups = new Map(nodes.map((node) => [node.metadata.name, groupOfNode(node, snapshot) ?? '']))
    const budgets = objectsOf<PodDisruptionBudget>(snapshot, 'PodDisruptionBudget')
    const drains = guardedDrains(new Set(groups.keys()), objectsOf<Pod>(snapshot, 'Pod'), budgets)
    const found = drains.flatMap((drain) => judge(drain, groups))
    if (found.length > 0) return found
    const message = `${count(drains.length, 'budget')} on ${count(nodes.length, 'node')} to be drained, each with a disruption to spare.`
    return [{ verdict: 'pass', subject: `Cluster/${plan.cluster.name}`, message }]
  },
}

function judge(drain: GuardedDrain, groups: ReadonlyMap<string, string>): readonly CheckFinding[] {
  if (drain.allowed !== undefined && drain.allowed > 0) return []
  const held = drain.pods.filter((pod) => !mayGoUnhealthy(pod, drain.budget))
  if (held.length === 0 && drain.allowed !== undefined) return []
  const subject = `PodDisruptionBudget/${drain.key}`
  const [namespace, name] = drain.key.split('/')
  const where = `${count(held.length, 'pod')} on ${count(drain.nodes.length, 'node')} of ${names([...new Set(drain.nodes.map((node) => groups.get(node) ?? ''))])}`
  if (drain.allowed === undefined) {
    const message = `${drain.key} guards ${where}, but its status is not up to date: how many may go is not known, and the API server evicts none until it is.`
    return [{ verdict: 'unknown', subject, message, remedy: `Look again: \`kubectl -n ${namespace} get pdb ${name}\`.` }]
  }
  const { currentHealthy, desiredHealthy } = drain.budget.status ?? {}
  const message =
    `${drain.key} allows no disruption now: ${currentHealthy ?? '?'} healthy, ${desiredHealthy ?? '?'} must stay. It guards ${where} ` +
    `(${names(held.map((pod) => pod.metadata.name))})${unwell(held)}; EKS would try for 15 minutes a node and fail with PodEvictionFailure.`
  const ill = held.some((pod) => !isReady(pod))
  const policy = `Mend the pods that are not ready, or let them go: \`kubectl -n ${namespace} patch pdb ${name} --type=merge -p '{"spec":{"unhealthyPodEvictionPolicy":"AlwaysAllow"}}'\`. Or raise`
  const remedy = `${ill ? policy : 'Raise'} the replicas or loosen the budget until \`kubectl -n ${namespace} get pdb ${name}\` shows allowed disruptions; or move the pods by hand and waive this.`
  return [{ verdict: 'block', subject, message, remedy }]
}

/**
 * Whether a pod may go although its budget allows no disruption: one that is not ready does under AlwaysAllow, and else as long as
 * enough others are healthy. https://kubernetes.io/docs/tasks/run-application/configure-pdb/#unhealthy-pod-eviction-policy
 */
function mayGoUnhealthy(pod: Pod, { spec, status }: PodDisruptionBudget): boolean {
  if (isReady(pod)) return false
  if (pod.status?.phase === 'Pending' || spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {}
  return desiredHealthy > 0 && currentHealthy >= desiredHealthy
}

function isReady({ status }: Pod): boolean {
  return conditionOf(status?.conditions, 'Ready')?.status === 'True'
}

function unwell(pods: readonly Pod[]): string {
  const ill = pods.filter((pod) => !isReady(pod)).length
  return ill === 0 ? '' : `, ${ill} of them not ready, which their unhealthyPodEvictionPolicy holds back too`
}
