import type { Pod } from '../../model/kubernetes.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { noGroupChanges } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'
import { isOfNode, type Volume, volumesOf } from './reading/volumes.ts'
import { count, names } from './reading/wording.ts'
import { controllerOf, movedPods } from './reading/workloads.ts'

/** Nothing is kept on a node that goes. */
export const localStorage: CheckDefinition = {
  code: 'LOCAL_STORAGE',
  title: 'No pod to be evicted keeps its data on its node',
  severity: 'warn',
  waivable: true,
  needs: ['kubernetes:nodes', 'kubernetes:pods', 'kubernetes:persistentvolumes', 'kubernetes:persistentvolumeclaims'],
  notApplicable: noGroupChanges,
  prevents:
    'Data that is gone with its node: a local volume cannot follow its pod, which then waits for a node that never comes back; a StatefulSet on emptyDir starts empty.',
  remedy: 'Copy the data first, or give the workload volumes that outlive a node.',
  source: 'https://kubernetes.io/docs/concepts/storage/volumes/#local',
  evaluate: ({ snapshot, plan, intent }) => {
    const pods = movedPods(snapshot, intent)
    const volumes = volumesOf(snapshot)
    const found = [...Map.groupBy(pods, ownerOf)].flatMap(([owner, all]) => judge(owner, all, volumes))
    return foundOr(found, plan, `${count(pods.length, 'pod')} to be evicted, none with its data on its node.`)
  },
}

function ownerOf({ metadata }: Pod): string {
  const owner = controllerOf(metadata.ownerReferences)
  return `${owner?.kind ?? 'Pod'}/${metadata.namespace}/${owner?.name ?? metadata.name}`
}

function judge(owner: string, pods: readonly Pod[], volumes: (pod: Pod) => readonly Volume[]): readonly CheckFinding[] {
  const bound = pods.filter((pod) => volumes(pod).some(isOfNode))
  const [first] = bound
  if (first !== undefined) {
    const message = `${count(bound.length, 'pod')} of ${owner} (${names(bound.map(({ metadata }) => metadata.name))}) have local volumes: once their nodes are gone they stay Pending, and the data is lost.`
    const remedy = `Copy the data, then delete the claim: \`kubectl -n ${first.metadata.namespace} get pvc\`; the controller makes another on the next node.`
    return [{ verdict: 'warn', subject: owner, message, remedy }]
  }
  if (!owner.startsWith('StatefulSet/') || !pods.some(keepsOnNode)) return []
  const message = `Pods of ${owner} have no volume but emptyDir or hostPath: what they keep there is gone after the move.`
  return [{ verdict: 'warn', subject: owner, message }]
}

/** Only where there is no claim beside it: an emptyDir is mostly a place for temporary files. */
function keepsOnNode({ spec }: Pod): boolean {
  const volumes: readonly object[] = spec?.volumes ?? []
  const has = (kind: string) => volumes.some((volume) => kind in volume)
  return !has('persistentVolumeClaim') && (has('emptyDir') || has('hostPath'))
}
