import { type Instant, MINUTE, type Millis } from '../../../../model/instant.ts'
import type { Condition } from '../../../../model/kubernetes.ts'
import type { NodeRepairSpec } from '../../node-group-spec.ts'
import { activeMembers, type Member } from '../auto-scaling/group.ts'
import type { NodeGroup } from '../node-groups.ts'
import { managedGroups, type NodeGroupApiDeps } from './context.ts'

/** How long each condition may last before a node is repaired (https://docs.aws.amazon.com/eks/latest/userguide/node-repair.html). */
const PATIENCE: Readonly<Record<string, Millis>> = {
  Ready: 30 * MINUTE,
  NetworkingReady: 30 * MINUTE,
  StorageReady: 30 * MINUTE,
  KernelReady: 30 * MINUTE,
  ContainerRuntimeReady: 30 * MINUTE,
  AcceleratedHardwareReady: 10 * MINUTE,
}
/** Same page: with more than five nodes, repair stops when more than a fifth of them ails. */
const SMALL = 5
const MOST_AILING = 20
/** Our assumptions: how often EKS looks, and how many nodes it repairs at once. */
const LOOK_AGAIN: Millis = MINUTE
const AT_ONCE = 1

/** Looks at the nodes of groups with node auto repair from now on. A Reboot is carried out as a replacement. */
export function watchNodes(deps: NodeGroupApiDeps): void {
  deps.timeline.after(LOOK_AGAIN, 'node-repair', () => {
    for (const group of managedGroups(deps.groups)) repairGroup(deps, group)
    watchNodes(deps)
  })
}

function repairGroup(deps: NodeGroupApiDeps, group: NodeGroup): void {
  const { repair } = group.settings
  if (repair?.enabled !== true || group.status !== 'ACTIVE') return
  const members = activeMembers(group.scaling)
  const ailing = members.filter((member) => ailmentsOf(deps, member).length > 0)
  if (ailing.length === 0 || tooMany(repair, ailing.length, members.length)) return
  const due = ailing.filter((member) => ailmentsOf(deps, member).some((condition) => isDue(repair, condition, deps.timeline.now())))
  // Those on their way out or in count as being repaired.
  const underWay = Math.max(0, group.scaling.sizes.desired - members.filter(({ instance }) => deps.nodes.exists(instance.nodeName)).length)
  for (const { instance } of due.slice(0, Math.max(0, atOnce(repair, ailing.length) - underWay))) {
    deps.nodes.retire(instance.nodeName)
    const why = `instance ${instance.id} was taken out of service by EKS node auto repair`
    deps.autoScaling.terminate(group.scaling, instance.id, false, why)
  }
}

function ailmentsOf(deps: NodeGroupApiDeps, { instance }: Member): readonly Condition[] {
  return deps.nodes.conditions(instance.nodeName).filter(({ type, status }) => type in PATIENCE && status !== 'True')
}

function tooMany(repair: NodeRepairSpec, ailing: number, nodes: number): boolean {
  const { maxUnhealthyNodeThresholdCount: count, maxUnhealthyNodeThresholdPercentage: percentage } = repair
  if (count !== undefined) return ailing > count
  if (percentage !== undefined) return ailing * 100 > percentage * nodes
  return nodes > SMALL && ailing * 100 > MOST_AILING * nodes
}

function atOnce(repair: NodeRepairSpec, ailing: number): number {
  const { maxParallelNodesRepairedCount: count, maxParallelNodesRepairedPercentage: percentage } = repair
  return count ?? (percentage === undefined ? AT_ONCE : Math.max(1, Math.floor((ailing * percentage) / 100)))
}

function isDue(repair: NodeRepairSpec, { type, reason, lastTransitionTime }: Condition, now: Instant): boolean {
  const override = repair.nodeRepairConfigOverrides?.find(
    (each) => each.nodeMonitoringCondition === type && each.nodeUnhealthyReason === reason,
  )
  if (override?.repairAction === 'NoAction') return false
  const patience = override === undefined ? (PATIENCE[type] ?? 0) : override.minRepairWaitTimeMins * MINUTE
  return now - Date.parse(lastTransitionTime ?? '') >= patience
}
