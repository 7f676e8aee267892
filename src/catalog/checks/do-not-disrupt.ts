import type { Pod } from '../../model/kubernetes.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { noGroupChanges } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'
import { count, names } from './reading/wording.ts'
import { movedPods } from './reading/workloads.ts'

/** Marks by which owners ask other tools to leave a pod alone; a drain honours none of them. */
const MARKS: readonly (readonly [annotation: string, value: string])[] = [
  ['karpenter.sh/do-not-disrupt', 'true'],
  ['karpenter.sh/do-not-evict', 'true'],
  ['cluster-autoscaler.kubernetes.io/safe-to-evict', 'false'],
]

/** Nobody asked for a pod to be left alone that the run evicts. */
export const doNotDisrupt: CheckDefinition = {
  code: 'DO_NOT_DISRUPT',
  title: 'No pod to be evicted carries a mark that asks to leave it alone',
  severity: 'warn',
  waivable: true,
  needs: ['kubernetes:nodes', 'kubernetes:pods'],
  notApplicable: noGroupChanges,
  prevents:
    'A long calculation or a leader that its owner protected from Karpenter and the autoscaler, ended by a node group update, which knows budgets only.',
  remedy: 'Ask the owner and wait for it to end (`kubectl -n NAMESPACE get pods -w`), or take its group out of the plan with `exclude`.',
  source: 'https://karpenter.sh/docs/concepts/disruption/#pod-level-controls',
  evaluate: ({ snapshot, intent, plan }) => {
    const pods = movedPods(snapshot, intent)
    const marked = Map.groupBy(
      pods.filter((pod) => markOf(pod) !== undefined),
      ({ metadata }) => metadata.namespace ?? '',
    )
    return foundOr([...marked].map(warned), plan, `${count(pods.length, 'pod')} to be evicted, none marked to be left alone.`)
  },
}

/** `karpenter.sh/do-not-disrupt=true` */
function markOf({ metadata: { annotations } }: Pod): string | undefined {
  return MARKS.find(([annotation, value]) => annotations?.[annotation] === value)?.join('=')
}

function warned([namespace, pods]: readonly [string, readonly Pod[]]): CheckFinding {
  const marks = new Set(pods.flatMap((pod) => markOf(pod) ?? []))
  return {
    verdict: 'warn',
    subject: `Namespace/${namespace}`,
    message: `${count(pods.length, 'pod')} of ${namespace} (${names(pods.map(({ metadata }) => metadata.name))}) marked ${names([...marks])}: a node group update honours budgets only and evicts them.`,
  }
}
