import type { Action } from '../../../model/command.ts'
import type { Baseline } from '../../../model/itinerary.ts'
import { KEEP_FROM_AUTOSCALER, RETIRED } from '../../../model/kubernetes.ts'
import type { GroupFacts, NodeFacts } from '../../../model/seen.ts'

/** Auto Scaling would move nodes between zones meanwhile, and ends them without asking any budget. */
export const SUSPENDED = 'AZRebalance'

/**
 * What has to be done so that a self-managed group is set as it was: processes, protection, and the marks on its nodes.
 * @param gone instances that were told to go, whatever the group still shows of them: their nodes stay out of service
 * @param uneven the run stays open with zones of different sizes: Auto Scaling is not let balance them yet
 */
export function restoring(group: GroupFacts, baseline: Baseline, gone: ReadonlySet<string>, uneven = false): readonly Action[] {
  const before = baseline.groups[group.name]
  const { autoScaling } = group
  if (before?.scaling === undefined || autoScaling?.members === undefined) return []
  const { suspended, protected: kept, protectsNew } = before.scaling
  const actions: Action[] = []
  if (!uneven && autoScaling.suspended?.includes(SUSPENDED) === true && !suspended.includes(SUSPENDED))
    actions.push({ kind: 'resume-processes', autoScalingGroup: autoScaling.name, processes: [SUSPENDED] })
  const unprotect = autoScaling.members.filter(
    ({ instanceId, lifecycle, protected: now }) =>
      now && lifecycle === 'InService' && !gone.has(instanceId) && !protectsNew && !kept.includes(instanceId),
  )
  if (unprotect.length > 0)
    actions.push({
      kind: 'protect-instances',
      autoScalingGroup: autoScaling.name,
      instanceIds: unprotect.map(({ instanceId }) => instanceId),
      protect: false,
    })
  const staying = new Set(
    autoScaling.members
      .filter(({ instanceId, lifecycle }) => lifecycle === 'InService' && !gone.has(instanceId))
      .map((one) => one.instanceId),
  )
  const nodes = group.nodes.filter(({ instanceId = '' }) => staying.has(instanceId))
  const ours = nodes.filter(({ kept: forWayBack }) => forWayBack !== true)
  return [...actions, ...ours.flatMap((node) => [...reinstating(node, baseline), ...releasing(node, baseline)])]
}

/**
 * A node that was taken out of service and stays after all takes pods again. Cordons of others are left alone. The mark by which it is
 * known goes last: of calls that are sent together any may be lost.
 */
export function reinstating(node: NodeFacts, baseline: Baseline): readonly Action[] {
  if (node.retired !== true || node.deleting) return []
  const { name } = node
  const served: readonly Action[] = [
    ...(node.cordoned && !baseline.cordoned.includes(name) ? [{ kind: 'uncordon' as const, node: name }] : []),
    ...(node.excludedFromBalancers && !baseline.excludedFromBalancers.includes(name)
      ? [{ kind: 'include-in-balancers' as const, node: name }]
      : []),
  ]
  return served.length > 0 ? served : [{ kind: 'annotate-node', node: name, key: RETIRED }]
}

/** The autoscaler may take a node that Serin kept from it. */
export function releasing(node: NodeFacts, { keptFromAutoscaler = [] }: Baseline): readonly Action[] {
  const ours = node.keptFromAutoscaler === true && !node.deleting && !keptFromAutoscaler.includes(node.name)
  return ours ? [{ kind: 'annotate-node', node: node.name, key: KEEP_FROM_AUTOSCALER }] : []
}
