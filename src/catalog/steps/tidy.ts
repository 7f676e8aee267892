import type { Action } from '../../model/command.ts'
import { SECOND } from '../../model/instant.ts'
import type { Baseline, TidyStep } from '../../model/itinerary.ts'
import { KEEP_FROM_AUTOSCALER, RETIRED } from '../../model/kubernetes.ts'
import type { GroupFacts, NodeFacts, Seen } from '../../model/seen.ts'
import type { StepDefinition } from './definition.ts'
import { restoring } from './replacing/restoring.ts'

/**
 * Removes what a failed update leaves behind: cordons and balancer labels that were not there before, inflated maxima,
 * and our own marks. Never lowers a desired size: that terminates nodes without asking any budget.
 */
export const tidy: StepDefinition<'tidy'> = {
  kind: 'tidy',
  title: 'Remove leftovers of an update that failed',
  reversibility: 'reversible',
  call: () => 'kubernetes:PATCH nodes (uncordon, labels, our taints), autoscaling:UpdateAutoScalingGroup (maximum only)',
  actions: ({ step, seen, baseline, ...known }) => leftovers(step.groups, seen, baseline, knownIn(step, known)),
  repeats: { every: 10 * SECOND },
  progress: ({ step, seen, baseline, ...known }) => {
    const left = leftovers(step.groups, seen, baseline, knownIn(step, known))
    return left.length === 0 ? { kind: 'done' } : { kind: 'in-progress', because: `${left.length} leftovers to remove` }
  },
  compensate: () => undefined,
}

/** What is known of nodes beside what is seen of them. */
interface Known {
  /** Instances that were told to go: nothing is restored on their nodes. */
  readonly gone?: ReadonlySet<string>
  /** Whether a cordon on a node that came during the run is a person's; all are, unless said otherwise. */
  readonly closedByPeople?: (node: string) => boolean
  /** The run goes on later, or somebody else does. */
  readonly staysOpen?: boolean
}

/** What the step is there to put back into service is nobody's cordon, though this run knows nothing of its group. */
function knownIn({ nodes = [] }: TidyStep, { gone, closedByPeople = () => true }: Known): Known {
  return { ...(gone && { gone }), closedByPeople: (node) => !nodes.includes(node) && closedByPeople(node) }
}

/** What has to be done so that the groups carry nothing that an update left behind. What people did on new nodes stays. */
export function leftovers(
  groups: readonly string[],
  seen: Seen,
  baseline: Baseline,
  { gone = new Set(), closedByPeople = () => true, staysOpen = false }: Known = {},
): readonly Action[] {
  const marked = [...Object.values(seen.groups).flatMap((group) => group.nodes), ...seen.otherNodes].flatMap(ourMarks)
  const inGroups = groups.flatMap((name) => {
    const group = seen.groups[name]
    if (group === undefined || group.status === 'UPDATING') return []
    const isOurs = baseline.groups[name]?.scaling !== undefined
    // Nodes that Serin drains itself carry its mark; what EKS leaves cordoned carries none.
    const onNodes = isOurs
      ? restoring(group, baseline, gone, staysOpen && isUneven(group, seen, gone))
      : group.nodes.filter(({ instanceId = '' }) => !gone.has(instanceId)).flatMap((node) => onNode(node, baseline, closedByPeople))
    return [...onNodes, ...onSizes(group, baseline)]
  })
  return [...marked, ...inGroups]
}

/** Whether a zone of the group has two instances more than another: Auto Scaling would end one without asking any budget. */
function isUneven({ autoScaling, subnets: ids = [] }: GroupFacts, { subnets = {} }: Seen, gone: ReadonlySet<string>): boolean {
  const crowds = new Map(ids.flatMap((id): [string, number][] => (subnets[id]?.zone === undefined ? [] : [[subnets[id].zone, 0]])))
  for (const { zone = '', instanceId, lifecycle } of autoScaling?.members ?? [])
    if (crowds.has(zone) && !gone.has(instanceId) && !lifecycle.startsWith('Terminating')) crowds.set(zone, (crowds.get(zone) ?? 0) + 1)
  return crowds.size > 1 && Math.max(...crowds.values()) - Math.min(...crowds.values()) > 1
}

/** Our marks are removed wherever they are: nobody else puts them there. */
function ourMarks(node: NodeFacts): readonly Action[] {
  return node.deleting ? [] : node.ourTaints.map((key) => ({ kind: 'remove-taint', node: node.name, key }))
}

/** Whether it was there before, or was launched meanwhile from what the group was before: what an update takes out of service. */
function isOld({ name, group = '', image, templateVersion }: NodeFacts, { groups }: Baseline): boolean {
  const before = groups[group]
  if (before?.nodes.includes(name) === true) return true
  const { version } = before?.spec.launchTemplate ?? {}
  return image !== undefined && before?.images?.includes(image) === true && (version ?? templateVersion) === templateVersion
}

function onNode(node: NodeFacts, baseline: Baseline, closedByPeople: (node: string) => boolean): readonly Action[] {
  const actions: Action[] = []
  // Drained nodes are kept for the way back, and go or come back with their group.
  if (node.deleting || node.kept === true) return actions
  if (node.retired === true) {
    actions.push({ kind: 'annotate-node', node: node.name, key: RETIRED })
    if (baseline.keptFromAutoscaler?.includes(node.name) !== true)
      actions.push({ kind: 'annotate-node', node: node.name, key: KEEP_FROM_AUTOSCALER })
  }
  // Of nodes that came during the run EKS closes none, until it takes them back.
  if (node.retired !== true && !isOld(node, baseline) && closedByPeople(node.name)) return actions
  const was = { cordoned: baseline.cordoned.includes(node.name), excluded: baseline.excludedFromBalancers.includes(node.name) }
  if (node.cordoned && !was.cordoned) actions.push({ kind: 'uncordon', node: node.name })
  if (node.excludedFromBalancers && !was.excluded) actions.push({ kind: 'include-in-balancers', node: node.name })
  // EKS puts every node back into service when it gives an update up, also those that somebody had taken out before the run.
  if (!node.cordoned && was.cordoned) actions.push({ kind: 'cordon', node: node.name })
  if (!node.excludedFromBalancers && was.excluded) actions.push({ kind: 'exclude-from-balancers', node: node.name })
  return actions
}

function onSizes(group: GroupFacts, baseline: Baseline): readonly Action[] {
  const before = baseline.groups[group.name]
  const now = group.autoScaling
  if (before?.autoScalingMax === undefined || before.autoScalingGroup === undefined || now === undefined) return []
  const wanted = Math.max(before.autoScalingMax, now.sizes.desired)
  return now.sizes.max > wanted
    ? [{ kind: 'restore-max-size', group: group.name, autoScalingGroup: before.autoScalingGroup, max: wanted }]
    : []
}
