import { formatDuration, MINUTE, SECOND } from '../../model/instant.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { noGroupChanges } from './reading/nodes.ts'
import { hasBranch } from './reading/pod-network.ts'
import { foundOr } from './reading/verdicts.ts'
import { count } from './reading/wording.ts'
import { type MovedWorkload, movedWorkloads } from './reading/workloads.ts'

/** EKS drains a node for so long before it gives up. */
const DRAIN = 15 * MINUTE

/** Nothing takes longer to end than a drain lasts, and no database is killed without a word. */
export const terminationGrace: CheckDefinition = {
  code: 'TERMINATION_GRACE',
  title: 'Every pod to be evicted ends within the 15 minutes that EKS drains a node, and nothing that needs a good-bye is killed at once',
  severity: 'warn',
  waivable: true,
  needs: ['kubernetes:nodes', 'kubernetes:pods', 'kubernetes:deployments', 'kubernetes:statefulsets'],
  notApplicable: noGroupChanges,
  prevents:
    'PodEvictionFailure because one pod was still shutting down when EKS lost patience; and, with a grace of zero, two members of a StatefulSet under one name, or branch interfaces that nobody gives back.',
  remedy: 'Set `terminationGracePeriodSeconds` between a few seconds and 15 minutes.',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html',
  evaluate: ({ snapshot, intent, plan }) => {
    const moved = movedWorkloads(snapshot, intent)
    return foundOr(moved.flatMap(judge), plan, `${count(moved.length, 'workload')} to be moved, each ending in good time.`)
  },
}

function judge({ subject, moved }: MovedWorkload): readonly CheckFinding[] {
  const [kind, namespace, name] = subject.split('/')
  const graces = moved.map((pod) => (pod.spec?.terminationGracePeriodSeconds ?? 30) * SECOND)
  const longest = Math.max(...graces)
  if (longest > DRAIN) {
    const message = `Pods of ${kind} ${namespace}/${name} may take ${formatDuration(longest)} to end; EKS drains a node for 15m and then fails with PodEvictionFailure.`
    return [{ verdict: 'warn', subject, message, remedy: 'Move them by hand before the run, or shorten `terminationGracePeriodSeconds`.' }]
  }
  if (Math.min(...graces) > 0) return []
  if (moved.some(hasBranch)) {
    const message = `Pods of ${kind} ${namespace}/${name} have a grace of 0 s and a branch interface each: killed at once they leave it behind, and its address and slot with it.`
    return [{ verdict: 'warn', subject, message, remedy: 'Give `terminationGracePeriodSeconds` a value above zero.' }]
  }
  if (kind !== 'StatefulSet') return []
  const message = `Pods of StatefulSet ${namespace}/${name} have a grace of 0 s: they are forgotten before they have stopped, and the next one starts under the same name beside them.`
  return [{ verdict: 'warn', subject, message, remedy: 'Give `terminationGracePeriodSeconds` a value above zero.' }]
}
