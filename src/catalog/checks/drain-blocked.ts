import type { DrainBlocker } from '../../model/forecast.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { noGroupChanges } from './reading/nodes.ts'
import { runForecast } from './reading/run-forecast.ts'
import { foundOr } from './reading/verdicts.ts'
import { count, names } from './reading/wording.ts'

/** The drains of the run, rehearsed in their order, all end in time. */
export const drainBlocked: CheckDefinition = {
  code: 'DRAIN_BLOCKED',
  title: 'Every node can be drained when its turn comes, as the run would have moved everything before it',
  severity: 'block',
  waivable: true,
  needs: ['kubernetes:nodes', 'kubernetes:pods', 'kubernetes:replicasets', 'kubernetes:poddisruptionbudgets'],
  notApplicable: noGroupChanges,
  prevents:
    'PodEvictionFailure in the middle of a run: a budget that allows a disruption now, and none any more when the drain comes to its second pod, because the first found no place to come up again.',
  remedy: 'Make room for the pod that waits, or loosen the budget; `serin plan` shows the whole rehearsal.',
  source: 'https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-budgets',
  evaluate: ({ snapshot, plan, intent }) => {
    const { blockers, stages, rehearsals } = runForecast(snapshot, plan, intent)
    const groups = stages.flatMap((stage) => stage.groups)
    const byBudget = [...Map.groupBy(blockers, ({ budgets }) => budgets.join('+'))]
    return foundOr(
      byBudget.map(([budget, all]) => blocked(budget, all, rehearsals)),
      plan,
      `${count(groups.length, 'group')} drained in a rehearsal of the planned order; every pod went in time.`,
    )
  },
}

function blocked(budget: string, all: readonly DrainBlocker[], rehearsals: number): CheckFinding {
  const [first] = all
  if (first === undefined) throw new Error('a budget that blocks nothing')
  const { pod, owner, node, group, stage, healthy, desired, waiting } = first
  const most = Math.max(...all.map(({ seen }) => seen))
  const sometimes = most < rehearsals ? ` So it is in ${most} of ${rehearsals} orders in which EKS may take the nodes.` : ''
  const others = all.length > 1 ? `; ${all.length - 1} more later, on ${names([...new Set(all.slice(1).map((one) => one.node))], 3)}` : ''
  const why = first.budgets.length > 1 ? 'two budgets guard it, and the API evicts no such pod' : `${healthy} healthy, ${desired} must stay`
  const cause = waiting[0] === undefined ? '' : ` ${waiting[0].pod} waits for a place: ${waiting[0].because}.`
  return {
    verdict: 2 * most >= rehearsals ? 'block' : 'warn',
    subject: `PodDisruptionBudget/${budget}`,
    message:
      `Pod ${pod} of ${owner} cannot be evicted from ${node} when its turn comes, in ${stage} (${group}), about ${first.minute} min into the run: ${why}.${cause} ` +
      `EKS gives up after 15 minutes with PodEvictionFailure${others}.${sometimes}`,
    remedy: remedyFor(first),
  }
}

function remedyFor({ budgets, waiting, owner }: DrainBlocker): string {
  const [budget = '', other] = budgets
  const [namespace, name] = budget.split('/')
  if (other !== undefined) return `Keep one of ${budget} and ${other}: \`kubectl -n ${namespace} delete pdb ${other.split('/')[1]}\`.`
  if (waiting[0] !== undefined) return `Make room for ${waiting[0].pod.replace(/ \(.*/, '')} and its like, or loosen ${budget}.`
  return `Raise the replicas of ${owner} or loosen the budget: \`kubectl -n ${namespace} edit pdb ${name}\`.`
}
