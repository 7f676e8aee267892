import { guardsOf } from '../../forecast/drain/evictable.ts'
import type { Pod, PodDisruptionBudget } from '../../model/kubernetes.ts'
import { objectsOf } from '../../model/snapshot.ts'
import type { CheckDefinition } from './definition.ts'
import { noGroupChanges } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'
import { count, names } from './reading/wording.ts'
import { movedPods } from './reading/workloads.ts'

/** No pod that has to move is guarded by two budgets. */
export const pdbOverlap: CheckDefinition = {
  code: 'PDB_OVERLAP',
  title: 'No pod to be evicted is guarded by more than one PodDisruptionBudget',
  severity: 'block',
  waivable: true,
  needs: ['kubernetes:nodes', 'kubernetes:pods', 'kubernetes:poddisruptionbudgets'],
  notApplicable: noGroupChanges,
  prevents:
    'A pod that nobody can evict: the API server answers 500 to every attempt while two budgets guard it, which looks like an outage, and EKS gives up after 15 minutes.',
  remedy: 'Narrow the selectors until one budget guards each pod: `kubectl -n NAMESPACE get pdb -o wide`.',
  source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/#how-api-initiated-eviction-works',
  evaluate: ({ snapshot, intent, plan }) => {
    const guarding = guardsOf(objectsOf<PodDisruptionBudget>(snapshot, 'PodDisruptionBudget'))
    const moved = movedPods(snapshot, intent)
    const guarded = moved.map((pod) => ({ pod, by: guarding(pod) })).filter(({ by }) => by.length > 1)
    const found = [...Map.groupBy(guarded, ({ pod, by }) => namesOf(pod, by))].map(([which, pods]) => ({
      verdict: 'block' as const,
      subject: `PodDisruptionBudget/${which}`,
      message:
        `${which} guard the same ${count(pods.length, 'pod')} (${names(pods.map(({ pod }) => pod.metadata.name))}): ` +
        'the API server answers every eviction of them with 500, "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."',
      remedy: `Narrow the selector of one of them: \`kubectl -n ${pods[0]?.pod.metadata.namespace} edit pdb ${pods[0]?.by[1]?.metadata.name}\`.`,
    }))
    return foundOr(found, plan, `${count(moved.length, 'pod')} to be evicted, none guarded twice.`)
  },
}

function namesOf(pod: Pod, budgets: readonly PodDisruptionBudget[]): string {
  return `${pod.metadata.namespace}/${budgets.map(({ metadata }) => metadata.name).join('+')}`
}
