import { type Millis, SECOND } from '../../../model/instant.ts'
import type { ReplaceStep } from '../../../model/itinerary.ts'
import type { GroupFacts, MemberFacts, NodeFacts, Seen } from '../../../model/seen.ts'
import { isLaunchedFrom } from '../../../model/self-managed.ts'
import { NO_MEMORY, type StepInput, type StepMemory } from '../definition.ts'

export type ReplaceInput = Omit<StepInput<ReplaceStep>, 'acceptedAt' | 'updateId'>

/** An instance that is to be replaced, with its node where it has one. */
export interface Old {
  readonly member: MemberFacts
  readonly node?: NodeFacts
}

/** How the replacement of a group's nodes stands. */
export interface Standing {
  readonly group: GroupFacts & { readonly autoScaling: NonNullable<GroupFacts['autoScaling']> }
  readonly memory: StepMemory
  /** All that were not told to go. */
  readonly staying: readonly Old[]
  /** In service, not of the target, not told to go, not given up. */
  readonly old: readonly Old[]
  /** Not of the target and staying, but not in service: coming up, or set aside in Standby. They cannot be replaced yet. */
  readonly waiting: readonly MemberFacts[]
  /** Of the target and staying: coming up or in service. */
  readonly fresh: readonly Old[]
  /** Old nodes whose drain has begun. */
  readonly draining: readonly (Old & { readonly node: NodeFacts })[]
  /** Instances whose nodes take pods and have proven themselves, old ones that nobody drains yet among them. */
  readonly available: ReadonlySet<string>
  /** By how much the desired size stands above the group's own. */
  readonly raised: number
  /** How many instances stay in each zone, given up or not. */
  readonly crowds: ReadonlyMap<string, number>
  /** The group's own size: as many nodes as are to be there at the end. */
  readonly size: number
}

/** How long after a node was cordoned a picture shows every pod that was bound to it before. */
const PICTURE_LAG = 5 * SECOND

/** Without one of these nothing is decided: what cannot be seen could be anything. */
const NEEDED = [
  'kubernetes:nodes',
  'kubernetes:pods',
  'kubernetes:poddisruptionbudgets',
  'autoscaling:DescribeAutoScalingGroups/self-managed',
]

export function gapOf({ seen }: Pick<ReplaceInput, 'seen'>): Seen['unavailable'][number] | undefined {
  return seen.unavailable.find(({ source }) => NEEDED.includes(source))
}

/** Whether no pod can be bound to the node any more, and the picture is late enough to show those that were bound before. */
export function isClosed({ name, cordoned }: NodeFacts, { memory, seen }: Pick<ReplaceInput, 'memory' | 'seen'>): boolean {
  // Somebody may have put it back into service meanwhile, and it was taken out again.
  const closedAt = memory?.lately[`retire-node/${name}`] ?? memory?.draining[name] ?? seen.now
  return cordoned && seen.now - closedAt >= PICTURE_LAG
}

/** Volumes hang on a node for a moment after their pods; one that stays on is not waited for beyond the time of a drain. */
export function areVolumesOff(
  { name, volumes = [] }: NodeFacts,
  { memory, now }: Pick<ReplaceInput, 'memory' | 'now'>,
  drainTimeout: Millis,
): boolean {
  return volumes.length === 0 || now - (memory?.draining[name] ?? now) >= drainTimeout
}

/** Undefined while the group cannot be seen. */
export function standingOf(input: ReplaceInput): Standing | undefined {
  const { step, seen, memory = NO_MEMORY } = input
  const group = seen.groups[step.group]
  if (group?.autoScaling?.members === undefined || gapOf(input) !== undefined) return undefined
  const byInstance = new Map(group.nodes.map((node) => [node.instanceId, node]))
  const staying = group.autoScaling.members
    .filter(({ instanceId, lifecycle }) => !isLeaving(lifecycle) && memory.terminated[instanceId] === undefined)
    .map((member): Old => ({ member, node: byInstance.get(member.instanceId) }))
  const isFresh = ({ member }: Old) => isLaunchedFrom(member, step.after)
  const left = staying.filter((each) => !isFresh(each) && !isSkipped(each, memory))
  const stale = left.filter(({ member }) => member.lifecycle === 'InService')
  const waiting = left.flatMap(({ member }) => (isWaiting(member) ? [member] : []))
  const raised = (step.raised ?? 0) + memory.raised
  const kept = staying.filter(isFresh)
  const crowds = crowdsOf(staying, step.zones)
  const extra = () => (raised > 0 ? surplus(kept, raised, memory, crowds) : unbalanced(kept, input, crowds))
  const old = stale.length > 0 || waiting.length > 0 ? stale : extra()
  return {
    group: { ...group, autoScaling: group.autoScaling },
    memory,
    staying,
    old,
    waiting,
    fresh: staying.filter((each) => isFresh(each) && !old.includes(each)),
    draining: old.flatMap(({ member, node }) => (node !== undefined && memory.draining[node.name] !== undefined ? [{ member, node }] : [])),
    available: new Set(staying.filter((each) => isAvailable(each, input, memory)).map(({ member }) => member.instanceId)),
    raised,
    crowds,
    size: sizeOf(group.autoScaling.sizes.desired, raised, input),
  }
}

function crowdsOf(staying: readonly Old[], zones: readonly string[]): ReadonlyMap<string, number> {
  const crowds = new Map(zones.map((zone) => [zone, 0]))
  for (const {
    member: { zone = '' },
  } of staying)
    if (crowds.has(zone)) crowds.set(zone, (crowds.get(zone) ?? 0) + 1)
  return crowds
}

/** How long a read of the group may show a size from before our own change. */
export const READ_LAG: Millis = 30 * SECOND

/** What was read before the size was raised says nothing about it: until then the size at the time of the change counts, if it is more. */
function sizeOf(desired: number, raised: number, { memory = NO_MEMORY, now }: ReplaceInput): number {
  const { sized } = memory
  return sized !== undefined && now - sized.at < READ_LAG ? Math.max(sized.keeps, desired - raised) : desired - raised
}

/**
 * One node of the zone that has too many, once all are replaced: Auto Scaling balances zones as soon as it may, by ending nodes
 * without asking any budget, so it must find nothing to do (https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-benefits.html).
 */
function unbalanced(
  fresh: readonly Old[],
  { step, baseline, memory = NO_MEMORY }: ReplaceInput,
  crowds: ReadonlyMap<string, number>,
): readonly Old[] {
  const leftAlone = baseline.groups[step.group]?.scaling?.suspended.includes('AZRebalance') !== false
  // Where a zone takes no nodes they cannot be balanced, and to try again and again would launch and end nodes without end.
  const tried = Object.keys(memory.terminated).length - step.nodes
  if (leftAlone || step.zones.length < 2 || tried >= step.zones.length) return []
  const begun = fresh.filter(({ node }) => node !== undefined && memory.draining[node.name] !== undefined)
  if (begun.length > 0) return begun
  const [most, least] = [Math.max(...crowds.values()), Math.min(...crowds.values())]
  const crowded = fresh.filter(({ member: { zone } }) => zone !== undefined && crowds.get(zone) === most)
  return most - least > 1 ? surplus(crowded, 1, memory, crowds) : []
}

/**
 * Nodes that are too many once all are replaced, because an old one ended by itself, or since one was launched to balance the
 * zones: those whose drain has begun, then of the zone that has most, the emptiest. The one just launched is empty too, and
 * has to stay where it was missing.
 */
function surplus(fresh: readonly Old[], raised: number, memory: StepMemory, crowds: ReadonlyMap<string, number>): readonly Old[] {
  const chosen: Old[] = []
  const here = new Map(crowds)
  const left = fresh.filter((each) => each.member.lifecycle === 'InService' && !isSkipped(each, memory))
  const begun = ({ node }: Old) => (node !== undefined && memory.draining[node.name] !== undefined ? 0 : 1)
  const crowd = ({ member: { zone = '' } }: Old) => here.get(zone) ?? 0
  const pods = ({ node }: Old) => node?.evictablePods ?? 0
  const name = ({ member }: Old) => member.instanceId
  for (let count = Math.min(raised, left.length); count > 0; count--) {
    left.sort((a, b) => begun(a) - begun(b) || crowd(b) - crowd(a) || pods(a) - pods(b) || (name(a) < name(b) ? -1 : 1))
    const [next] = left.splice(0, 1)
    if (next === undefined) break
    chosen.push(next)
    if (next.member.zone !== undefined) here.set(next.member.zone, crowd(next) - 1)
  }
  return chosen
}

/** The world needs a moment to show what it was told, so what was told to go counts as gone. */
function isLeaving(lifecycle: string): boolean {
  return lifecycle.startsWith('Terminating') || lifecycle.startsWith('Detach')
}

function isWaiting({ lifecycle }: MemberFacts): boolean {
  return lifecycle.startsWith('Pending') || lifecycle.endsWith('Standby')
}

function isSkipped({ node }: Old, { skipped }: StepMemory): boolean {
  return node !== undefined && skipped[node.name] !== undefined
}

function isAvailable({ member, node }: Old, { proven }: ReplaceInput, { draining }: StepMemory): boolean {
  if (node === undefined || node.deleting || node.cordoned || draining[node.name] !== undefined) return false
  return member.lifecycle === 'InService' && node.ready === 'True' && (proven?.(node) ?? false)
}
