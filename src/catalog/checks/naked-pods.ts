import type { Pod } from '../../model/kubernetes.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { noGroupChanges } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'
import { count } from './reading/wording.ts'
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
    return foundOr(naked.map(warned), plan, `${count(pods.length, 'pod')} to be evicted, each with a controller.`)
  },
}

function warned({ metadata: { namespace, name }, spec }: Pod): CheckFinding {
  return {
    verdict: 'warn',
    subject: `Pod/${namespace}/${name}`,
    message: `${namespace}/${name} on ${spec?.nodeName} has no controller: once evicted it is gone for good, on the way back too.`,
    remedy: `Keep it with \`kubectl -n ${namespace} get pod ${name} -o yaml\`, give it a controller, or delete it.`,
  }
}
