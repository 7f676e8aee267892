import { type GuardedDrain, guardedDrains } from '../../forecast/drain/evictable.ts'
import type { Pod, PodDisruptionBudget } from '../../model/kubernetes.ts'
import { objectsOf } from '../../model/snapshot.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { drainedNodes, groupNameOf, noGroupChanges } from './reading/nodes.ts'
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
    const groups = new Map(nodes.map((node) => [node.metadata.name, groupNameOf(node) ?? '']))
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
  const subject = `PodDisruptionBudget/${drain.key}`
  const [namespace, name] = drain.key.split('/')
  const where = `${count(drain.pods.length, 'pod')} on ${count(drain.nodes.length, 'node')} of ${names([...new Set(drain.nodes.map((node) => groups.get(node) ?? ''))])}`
  if (drain.allowed === undefined) {
    const message = `${drain.key} guards ${where}, but its status is not up to date: how many may go is not known, and the API server evicts none until it is.`
    return [{ verdict: 'unknown', subject, message, remedy: `Look again: \`kubectl -n ${namespace} get pdb ${name}\`.` }]
  }
  const { currentHealthy, desiredHealthy } = drain.budget.status ?? {}
  const message =
    `${drain.key} allows no disruption now: ${currentHealthy ?? '?'} healthy, ${desiredHealthy ?? '?'} must stay. It guards ${where} ` +
    `(${names(drain.pods.map((pod) => pod.metadata.name))}); EKS would try for 15 minutes a node and fail with PodEvictionFailure.`
  const remedy = `Raise the replicas or loosen the budget until \`kubectl -n ${namespace} get pdb ${name}\` shows allowed disruptions; or move the pods by hand and waive this.`
  return [{ verdict: 'block', subject, message, remedy }]
}
