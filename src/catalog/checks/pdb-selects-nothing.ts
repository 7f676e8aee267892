import { guardsOf } from '../../forecast/drain/evictable.ts'
import type { Pod, PodDisruptionBudget } from '../../model/kubernetes.ts'
import { objectsOf } from '../../model/snapshot.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { noGroupChanges } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'
import { count } from './reading/wording.ts'

/** Every budget guards something. */
export const pdbSelectsNothing: CheckDefinition = {
  code: 'PDB_SELECTS_NOTHING',
  title: 'Every PodDisruptionBudget guards at least one pod',
  severity: 'warn',
  waivable: true,
  needs: ['kubernetes:pods', 'kubernetes:poddisruptionbudgets'],
  notApplicable: noGroupChanges,
  prevents: 'A budget whose selector misses its pods, after a renamed label: the workload counts as protected and goes down all at once.',
  remedy: 'Compare the selector with the labels: `kubectl -n NAMESPACE get pods --show-labels`; delete a budget that is left over.',
  source: 'https://kubernetes.io/docs/tasks/run-application/configure-pdb/',
  evaluate: ({ snapshot, plan }) => {
    const budgets = objectsOf<PodDisruptionBudget>(snapshot, 'PodDisruptionBudget')
    const used = new Set(objectsOf<Pod>(snapshot, 'Pod').flatMap(guardsOf(budgets)))
    const empty = budgets.filter((budget) => !used.has(budget))
    return foundOr(empty.map(warned), plan, `${count(budgets.length, 'budget')}, each guarding a pod.`)
  },
}

function warned({ metadata: { namespace, name }, spec }: PodDisruptionBudget): CheckFinding {
  const selector = spec?.selector === undefined ? 'no selector' : `the selector ${JSON.stringify(spec.selector)}`
  return {
    verdict: 'warn',
    subject: `PodDisruptionBudget/${namespace}/${name}`,
    message: `${namespace}/${name} has ${selector}, which no pod of ${namespace} matches: it protects nothing.`,
    remedy: `\`kubectl -n ${namespace} get pods --show-labels\` beside \`kubectl -n ${namespace} get pdb ${name} -o yaml\`; delete it if it is left over.`,
  }
}
