import type { CheckDefinition } from './definition.ts'
import { count } from './reading/wording.ts'

/** Everything that moves was resolved to exact versions and numbers. */
export const planResolved: CheckDefinition = {
  code: 'PLAN_RESOLVED',
  title: 'Everything in the plan resolves to exact versions and numbers',
  severity: 'block',
  waivable: false,
  needs: [],
  prevents: 'A canary that proves one version and waves that get another: what cannot be pinned now would be chosen later by EKS.',
  remedy: 'Mend the plan at the subject named, or make its evidence readable (`serin permissions --read` prints what that needs).',
  source: 'https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateNodegroupVersion.html',
  evaluate: ({ intent, plan }) => {
    if (intent.problems.length > 0) return intent.problems
    const message = `${count(intent.addons.length, 'add-on')} and ${count(intent.groups.length, 'node group')}, each resolved.`
    return [{ verdict: 'pass', subject: `Cluster/${plan.cluster.name}`, message }]
  },
}
