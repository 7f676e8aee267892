import { z } from 'zod'
import { formatDuration, type Instant, MINUTE, SECOND } from '../../model/instant.ts'
import type { GroupSpec } from '../../model/intent.ts'
import { groupsOfStep, type NodesStep, replacesNodes } from '../../model/itinerary.ts'
import type { NodeFacts, UnjoinedInstance } from '../../model/seen.ts'
import type { Verdict } from '../../model/verdict.ts'
import type { GateDefinition, GateInput } from './definition.ts'
import type { Control, Item, NodeSays } from './judging/item.ts'
import { judgeNodes, type NodeRule } from './judging/nodes.ts'
import { clockTime, exactTime, names } from './judging/words.ts'

/** So long a node has to be Ready without a break. */
const STEADY = 60 * SECOND
/** So long a node may take from InService until it is Ready. */
const JOIN_BUDGET = 15 * MINUTE
/** The loss of Ready that fails. */
const LOSSES = 2

const RULE: NodeRule = {
  needs: ['kubernetes:nodes'],
  judge: judgeNode,
  control,
  failedBefore: (node) => node.ready !== 'True',
  beside: (input, subjects) => groupSteps(input).flatMap((step) => besideNodes(step, subjects, input)),
  passed: (nodes) => `${nodes} with the target have been Ready for ${formatDuration(STEADY)}`,
}

export const nodesReady: GateDefinition = {
  kind: 'nodes-ready',
  summary: 'New nodes with the target image join, become Ready and stay so, in every zone that had one.',
  rule: {
    pass: 'All nodes of the group with the target are Ready=True for 60 s, their kubelet has the target minor, and each zone that had a node has one.',
    fail: 'A new node is not Ready 15 min after it came into service, or lost Ready twice, while untouched nodes are Ready.',
    unknown:
      'Ready=Unknown, a node that is not of the target although EKS is done, a zone that stays without a node, or no new node at all.',
  },
  options: z.strictObject({}),
  appliesTo: ['nodes'],
  cause: 'nodes-never-join',
  least: STEADY,
  provesNode: true,
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html',
  judge: (input) => judgeNodes(input, RULE),
}

function judgeNode(node: NodeFacts, input: GateInput<unknown>): NodeSays {
  const lost = node.readyLost ?? 0
  if (lost >= LOSSES) return say(node, 'fail', `has lost Ready ${lost} times since ${clockTime(node.createdAt)}${because(node)}`)
  if (node.ready === 'Unknown') return say(node, 'unknown', `is Ready=Unknown${since(node)}: its kubelet does not report${because(node)}`)
  return node.ready === 'True' ? ready(node, input) : notReady(node, input.now)
}

function notReady(node: NodeFacts, now: Instant): NodeSays {
  const from = Math.max(node.createdAt, node.readySince ?? 0)
  if (now - from >= JOIN_BUDGET) return say(node, 'fail', `is not Ready after ${formatDuration(now - from)}${because(node)}`)
  return say(node, 'pending', `is not Ready yet${because(node)}; it has until ${exactTime(from + JOIN_BUDGET)}`)
}

function ready(node: NodeFacts, input: GateInput<unknown>): NodeSays {
  const step = groupSteps(input).find((candidate) => candidate.group === node.group)
  const other = step === undefined ? undefined : notOfTarget(node, step.after)
  if (other !== undefined) return say(node, input.settledAt === undefined ? 'pending' : 'unknown', other)
  if (node.readySince === undefined) return say(node, 'unknown', 'is Ready, but does not say since when')
  const until = node.readySince + STEADY
  if (input.now >= until) return say(node, 'pass', `is Ready since ${clockTime(node.readySince)}`)
  return say(node, 'pending', `is Ready and has to stay so for ${formatDuration(STEADY)}, until ${exactTime(until)}`)
}

/** What differs from the target. EKS stamps no release on nodes, so the minor, the template number and a known AMI id are compared. */
function notOfTarget(node: NodeFacts, target: GroupSpec): string | undefined {
  if (target.version !== undefined && node.kubeletMinor !== target.version)
    return `runs kubelet ${node.kubeletMinor ?? 'of an unknown version'}, the target is ${target.version}`
  const template = target.launchTemplate?.version
  if (template !== undefined && node.templateVersion !== undefined && node.templateVersion !== template)
    return `comes from template version ${node.templateVersion}, the target is ${template}`
  if (target.imageId !== undefined && node.image !== undefined && node.image !== target.imageId)
    return `has image ${node.image}, the target is ${target.imageId}`
  return undefined
}

/** Instances that never became nodes, groups without a new node, and zones left without one. */
function besideNodes(step: NodesStep, subjects: readonly NodeFacts[], input: GateInput<unknown>): readonly Item[] {
  const own = subjects.filter((node) => node.group === step.group)
  const instances = (input.seen.groups[step.group]?.autoScaling?.unjoined ?? []).flatMap((instance) => unjoined(instance, step, input))
  if (input.settledAt === undefined) return instances
  return [...instances, ...missingZones(step, own, input, input.settledAt)]
}

function unjoined({ instanceId, launchedAt }: UnjoinedInstance, step: NodesStep, { now, actedAt }: GateInput<unknown>): readonly Item[] {
  if (launchedAt === undefined || launchedAt < actedAt) return []
  const overdue = now - launchedAt >= JOIN_BUDGET
  const limit = `it has until ${exactTime(launchedAt + JOIN_BUDGET)}`
  const says = `was launched at ${clockTime(launchedAt)} for ${step.group} and has not joined the cluster${overdue ? '' : `; ${limit}`}`
  return [
    {
      subject: `Instance/${instanceId}`,
      name: instanceId,
      verdict: overdue ? 'fail' : 'pending',
      says,
      sentence: `Instance ${instanceId} ${says}`,
    },
  ]
}

/**
 * Zones that had a node of the group and have no new one; a new node that is not ready speaks for itself. A group with
 * fewer nodes than zones cannot fill them all, and Auto Scaling chooses which: there as many zones as before are asked
 * for, whichever they are.
 */
function missingZones(step: NodesStep, own: readonly NodeFacts[], input: GateInput<unknown>, settledAt: Instant): readonly Item[] {
  if (own.length === 0) return emptied(step)
  const had = zonesBefore(groupsOfStep(step), input)
  const has = new Set(own.map((node) => node.zone))
  const missing = [...had].filter((zone) => !has.has(zone))
  const spread = own.length < Math.max(step.zones.length, had.size) && has.size >= Math.min(had.size, own.length)
  if (missing.length === 0 || spread) return []
  const verdict: Verdict = input.now - settledAt >= JOIN_BUDGET ? 'unknown' : 'pending'
  const says = `has no new node in ${names(missing)}, which had one`
  return [{ subject: `NodeGroup/${step.group}`, name: step.group, verdict, says, sentence: `Group ${step.group} ${says}` }]
}

function emptied(step: NodesStep): readonly Item[] {
  const says = 'has no new node, so there is nothing to judge'
  return [{ subject: `NodeGroup/${step.group}`, name: step.group, verdict: 'unknown', says, sentence: `Group ${step.group} ${says}` }]
}

function zonesBefore(groups: readonly string[], { baseline }: GateInput<unknown>): ReadonlySet<string> {
  const zones = Object.values(baseline.nodes).flatMap(({ group = '', zone }) =>
    groups.includes(group) && zone !== undefined ? [zone] : [],
  )
  return new Set(zones)
}

/** Untouched nodes that stopped being Ready, or stopped reporting, since the batch began: then it is not the batch. */
function control(node: NodeFacts): Control['state'] {
  return node.ready === 'True' ? 'fine' : 'fails'
}

function groupSteps(input: Pick<GateInput<unknown>, 'batch'>): readonly NodesStep[] {
  return input.batch.steps.filter(replacesNodes)
}

function because(node: NodeFacts): string {
  return node.notReadyBecause === undefined ? '' : ` (${node.notReadyBecause})`
}

function since(node: NodeFacts): string {
  return node.readySince === undefined ? '' : ` since ${clockTime(node.readySince)}`
}

function say(node: NodeFacts, verdict: Verdict, says: string): NodeSays {
  return { verdict, says, sentence: `Node ${node.name} ${says}` }
}
