import { type Instant, MINUTE, type Millis, SECOND } from '../../../../model/instant.ts'
import type { Input } from '../answers.ts'
import { inUse } from '../eks-errors.ts'
import { type NodeGroup, nodesOf, setStatus } from '../node-groups.ts'
import { aboutGroup, groupOf, type NodeGroupApiDeps } from './context.ts'
import { describeGroup } from './describe.ts'

/** So long a node may take to empty before its instance ends all the same (EKS user guide, "delete-managed-node-group"; the time is our assumption). */
const DRAIN_LIMIT: Millis = 15 * MINUTE
const LOOK_AGAIN: Millis = 10 * SECOND

const BUSY = new Set(['UPDATING', 'DELETING'])

/** DeleteNodegroup: nodes are drained as far as budgets allow within the limit, then everything of the group goes. */
export function deleteNodegroup(deps: NodeGroupApiDeps, input: Input): Record<string, unknown> {
  const group = groupOf(deps, input)
  if (BUSY.has(group.status))
    throw inUse(`Nodegroup ${group.spec.name} cannot be deleted as it is currently in ${group.status} state`, aboutGroup(deps, group))
  setStatus(group, 'DELETING', deps.timeline.now(), 0)
  for (const node of nodesOf(group)) deps.nodes.retire(node)
  drain(deps, group, deps.timeline.now() + DRAIN_LIMIT)
  deps.accepted('eks:DeleteNodegroup', group.spec.name)
  return { nodegroup: describeGroup(deps, group) }
}

function drain(deps: NodeGroupApiDeps, group: NodeGroup, deadline: Instant): void {
  const { timeline } = deps
  const left = nodesOf(group).reduce((sum, node) => sum + deps.nodes.evictAll(node), 0)
  if (left > 0 && timeline.now() < deadline) {
    again(deps, group, () => drain(deps, group, deadline))
    return
  }
  deps.autoScaling.resize(group.scaling, { min: 0, max: 0, desired: 0 }, 'EKS set the')
  again(deps, group, () => awaitEnd(deps, group))
}

function again({ timeline }: NodeGroupApiDeps, { spec }: NodeGroup, action: () => void): void {
  timeline.after(LOOK_AGAIN, `node-group/${spec.name}/delete`, action)
}

function awaitEnd(deps: NodeGroupApiDeps, group: NodeGroup): void {
  if (group.scaling.members.size > 0) {
    again(deps, group, () => awaitEnd(deps, group))
    return
  }
  deps.autoScaling.remove(group.scaling)
  deps.groups.delete(group.spec.name)
}
