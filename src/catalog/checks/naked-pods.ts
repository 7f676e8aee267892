import type { Pod } from '../../model/kubernetes.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { noGroupChanges } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'
import { count, names } from './reading/wording.ts'
import { controllerOf, movedPods } from './reading/workloads.ts'

/** Every pod that goes is made anew by somebody. */
export const nakedPods: CheckDefinition = {
  code: 'NAKED_POD',
  title: 'Every pod to be evicted has a controller that makes it anew',
  severity: 'warn',
  waivable: true,
  needs: ['kubernetes:nodes', 'kubernetes:pods'],
  notApplicable: noGroupChanges,
  prevents: 'A pod that somebody started by hand and that is gone for good once its node is drained; no way back brings it again.',
  remedy: 'Give it a controller, or ask whose it is and delete it: `kubectl -n NAMESPACE get pod NAME -o yaml`.',
  source: 'https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/',
  evaluate: ({ snapshot, intent, plan }) => {
    const pods = movedPods(snapshot, intent)
    const naked = pods.filter((pod) => controllerOf(pod.metadata.ownerReferences) === undefined)
    return foundOr(
      [...Map.groupBy(naked, ({ metadata }) => metadata.namespace ?? '')].map(warned),
      plan,
      `${count(pods.length, 'pod')} to be evicted, each with a controller.`,
    )
  },
}

function warned([namespace, pods]: readonly [string, readonly Pod[]]): CheckFinding {
  const on = new Set(pods.map(({ spec }) => spec?.nodeName ?? ''))
  const [first] = pods
  return {
    verdict: 'warn',
    subject: `Namespace/${namespace}`,
    message: `${count(pods.length, 'pod')} of ${namespace} without a controller (${names(pods.map(({ metadata }) => metadata.name))}) on ${names([...on], 3)}: once evicted they are gone for good, on the way back too.`,
    remedy: `Keep them with \`kubectl -n ${namespace} get pod ${first?.metadata.name} -o yaml\`, give them a controller, or delete them.`,
  }
}
