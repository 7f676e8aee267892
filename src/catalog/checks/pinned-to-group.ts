import { isAskedFor } from '../../forecast/drain/fitting.ts'
import { groupOfNode } from '../../model/groups-of-nodes.ts'
import type { GroupIntent } from '../../model/intent.ts'
import { IMAGE_LABEL, NODEGROUP_LABEL, type Node, type Pod, TEMPLATE_ID_LABEL, TEMPLATE_VERSION_LABEL } from '../../model/kubernetes.ts'
import { autoScalingNameOf } from '../../model/self-managed.ts'
import type { CheckDefinition, CheckFinding, CheckInput } from './definition.ts'
import { changingGroups, nodesOf } from './reading/nodes.ts'
import { noGroupIsReplaced, replacedGroups } from './reading/replaced.ts'
import { foundOr } from './reading/verdicts.ts'
import { type Volume, volumesOf } from './reading/volumes.ts'
import { count } from './reading/wording.ts'
import { movedPods, topOwner } from './reading/workloads.ts'

/** Pods that name the group, the node or the image they run on find nothing of that on a new group. */
export const pinnedToGroup: CheckDefinition = {
  code: 'PINNED_TO_GROUP',
  title: 'No workload asks for the very group that gives way',
  severity: 'block',
  waivable: true,
  needs: [
    'kubernetes:nodes',
    'kubernetes:pods',
    'kubernetes:replicasets',
    'kubernetes:persistentvolumes',
    'kubernetes:persistentvolumeclaims',
  ],
  notApplicable: noGroupIsReplaced,
  prevents:
    'Pods that stay Pending once they are evicted: their node selector, affinity or volume names the old group, and the nodes of the new one have another name.',
  remedy: 'Let them ask for a label that both groups have, before the run.',
  source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/',
  evaluate: (input) => {
    const groups = replacedGroups(input.intent)
    return foundOr(
      groups.flatMap((group) => judge(group, input)),
      input.plan,
      `${count(groups.length, 'group')} that give way, no pod on them that asks for their names.`,
    )
  },
}

type Labels = Readonly<Record<string, string>>

function judge(group: GroupIntent, { snapshot, intent }: CheckInput): readonly CheckFinding[] {
  const nodes = nodesOf(snapshot).filter((node) => groupOfNode(node, snapshot) === group.name)
  const labelsAfter = new Map(nodes.map((node) => [node.metadata.name, successorOf(node, group)]))
  const leaving = new Set(changingGroups(intent).map(({ name }) => name))
  const staying = nodesOf(snapshot).filter((node) => !leaving.has(groupOfNode(node, snapshot) ?? ''))
  const [volumes, ownerOf] = [volumesOf(snapshot), topOwner(snapshot)]
  const pinned = movedPods(snapshot, intent).flatMap((pod) => {
    const labels = labelsAfter.get(pod.spec?.nodeName ?? '')
    return labels !== undefined && !fits(pod, volumes(pod), labels) ? [pod] : []
  })
  const named = (pod: Pod) => ownerOf(pod) || `Pod/${pod.metadata.namespace}/${pod.metadata.name}`
  return [...Map.groupBy(pinned, named)].map(([owner, pods]): CheckFinding => {
    const elsewhere = pods.every((pod) => staying.some(({ metadata: { labels = {} } }) => fits(pod, volumes(pod), labels)))
    const fate = elsewhere ? 'only nodes of other groups take them' : 'once evicted they find no node'
    const message = `${count(pods.length, 'pod')} of ${owner} ask for ${group.name} or its nodes by node selector, affinity or volume; ${group.replacement?.group} has another name, and ${fate}.`
    return { verdict: elsewhere ? 'warn' : 'block', subject: owner, message, remedy: remedyFor(owner, group) }
  })
}

/** What the labels of a node's successor are: all that the group gives, nothing that is a node's or an image's own. */
function successorOf({ metadata: { labels = {} } }: Node, { replacement }: GroupIntent): Labels {
  const own = new Set(['kubernetes.io/hostname', IMAGE_LABEL, TEMPLATE_ID_LABEL, TEMPLATE_VERSION_LABEL])
  const kept = Object.fromEntries(Object.entries(labels).filter(([key]) => !own.has(key)))
  const name = replacement === undefined ? undefined : (autoScalingNameOf(replacement.group) ?? replacement.group)
  return NODEGROUP_LABEL in kept && name !== undefined ? { ...kept, [NODEGROUP_LABEL]: name } : kept
}

function fits({ spec = {} }: Pod, volumes: readonly Volume[], labels: Labels): boolean {
  const asks = volumes.map(({ spec: volume }) => ({
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: volume?.nodeAffinity?.required } },
  }))
  return [spec, ...asks].every((one) => isAskedFor(one as typeof spec, { labels }))
}

function remedyFor(owner: string, { name, replacement }: GroupIntent): string {
  const [kind = '', namespace, own] = owner.split('/')
  const both = `\`${NODEGROUP_LABEL} in (${name}, ${replacement?.group})\` as node affinity`
  return `Let it ask for a label that both groups have, or for ${both}: \`kubectl -n ${namespace} edit ${kind.toLowerCase()} ${own}\`. A volume that is a part of a node has to be copied first.`
}
