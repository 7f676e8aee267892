import { groupOfNode } from '../../../model/groups-of-nodes.ts'
import type { GroupIntent, Intent } from '../../../model/intent.ts'
import { NODEGROUP_LABEL, type Node } from '../../../model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from '../../../model/snapshot.ts'

export function nodesOf(snapshot: ClusterSnapshot): readonly Node[] {
  return objectsOf<Node>(snapshot, 'Node')
}

/** The managed group a node belongs to, by its label; for words only, since a self-managed group has none. */
export function groupNameOf(node: Node): string | undefined {
  return node.metadata.labels?.[NODEGROUP_LABEL]
}

/** Groups that the run changes, in its order. */
export function changingGroups(intent: Intent): readonly GroupIntent[] {
  return intent.groups.filter((group) => group.changes)
}

/** Those of them that EKS moves. */
export function changingManaged(intent: Intent): readonly GroupIntent[] {
  return changingGroups(intent).filter(({ form }) => form !== 'self-managed')
}

/** Why a check about moving groups has nothing to judge, or undefined when a group moves. */
export function noGroupChanges({ intent }: { readonly intent: Intent }): string | undefined {
  return changingGroups(intent).length === 0 ? 'No node group changes in this run.' : undefined
}

/** Nodes that the run drains and replaces. */
export function drainedNodes(snapshot: ClusterSnapshot, intent: Intent): readonly Node[] {
  const groups = new Set(changingGroups(intent).map((group) => group.name))
  return nodesOf(snapshot).filter((node) => groups.has(groupOfNode(node, snapshot) ?? ''))
}
