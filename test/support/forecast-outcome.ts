import { captureSnapshot } from '../../src/engine/capture.ts'
import { type Prepared, prepare } from '../../src/engine/prepare.ts'
import { instantOf, MINUTE, type Millis, SECOND } from '../../src/model/instant.ts'
import type { GroupStep } from '../../src/model/itinerary.ts'
import { NODEGROUP_LABEL, type Node, type Pod, type Workload } from '../../src/model/kubernetes.ts'
import type { AwsHandlers, World } from '../../src/sandbox/contract.ts'
import type { ForecastCase } from './forecast-case.ts'
import { openSimulation } from './rehearsal.ts'

/** What the sandbox did with the node groups of a plan, in the plan's order and nothing besides: no gates, nobody who stops it. */
export interface Outcome {
  readonly prepared: Prepared
  /** In the order of their beginnings; those behind a batch that failed never began. */
  readonly groups: readonly GroupOutcome[]
  /** Evictions by owner, `Deployment/shop/web`. */
  readonly disruptions: ReadonlyMap<string, number>
  /** The most that was taken of each subnet at one moment, beyond what was taken at the beginning; by id. */
  readonly addresses: ReadonlyMap<string, number>
  /** A pod was without an address for more than a moment. */
  readonly dry: boolean
  /** No group failed. */
  readonly finished: boolean
}

export interface GroupOutcome {
  readonly group: string
  readonly took: Millis
  /** Codes of the update's errors, `PodEvictionFailure`; empty when it went well. */
  readonly errors: readonly string[]
  /** Owners of pods that were left on nodes that were not emptied in time. */
  readonly held: readonly string[]
  /** How long old nodes took from their first eviction until they were gone. */
  readonly drains: ReadonlyMap<string, Millis>
}

const STEP: Millis = 5 * SECOND
/** A pod without an address for so long waits for the subnet, not for its node. */
const DRY_AFTER: Millis = 2 * MINUTE

export async function outcomeOf({ seed, world: file, plan }: ForecastCase): Promise<Outcome> {
  const simulation = openSimulation({ plan: { plan, world: JSON.stringify(file) }, seed })
  try {
    const { world } = simulation
    const ports = await simulation.connect()
    const prepared = prepare(plan, await captureSnapshot(ports, plan.cluster.name, {}))
    const witness = witnessOf(world)
    const groups: GroupOutcome[] = []
    for (const batch of prepared.itinerary.batches) {
      const steps = batch.steps.filter((step): step is GroupStep => step.kind === 'nodegroup-update')
      const done = updateTogether(world, steps, witness)
      groups.push(...done)
      if (done.some(({ errors }) => errors.length > 0)) break
    }
    const finished = groups.every(({ errors }) => errors.length === 0)
    return { prepared, groups, disruptions: witness.disruptions, addresses: witness.taken(), dry: witness.dry(), finished }
  } finally {
    simulation.close()
  }
}

interface Witness {
  readonly disruptions: Map<string, number>
  readonly dry: () => boolean
  readonly taken: () => ReadonlyMap<string, number>
  /** When the first pod was asked to go, and when the node had gone, by node. */
  readonly drains: Map<string, { readonly from: number; until: number; readonly group: string }>
  readonly look: () => void
}

function witnessOf(world: World): Witness {
  const disruptions = new Map<string, number>()
  const drains: Witness['drains'] = new Map()
  const old = new Set(world.store.list('Node').map(({ metadata }) => metadata.name))
  world.store.subscribe(({ type, object, before }) => {
    const pod = object as unknown as Pod
    if (object.kind !== 'Pod' || pod.metadata.ownerReferences?.some(({ kind }) => kind === 'DaemonSet')) return
    const node = pod.spec?.nodeName ?? ''
    const now = world.timeline.now()
    if (begins(pod, type, before as Pod | undefined) && world.store.get('Node', undefined, node)) {
      const owner = ownerOf(world, pod)
      disruptions.set(owner, (disruptions.get(owner) ?? 0) + 1)
      if (old.has(node) && !drains.has(node)) drains.set(node, { from: now, until: now, group: groupOf(world, node) })
    }
  })
  world.store.subscribe(({ type, object }) => {
    const drain = object.kind === 'Node' && type === 'DELETED' ? drains.get(object.metadata.name) : undefined
    if (drain) drain.until = world.timeline.now()
  })
  return { disruptions, drains, ...networkWitness(world) }
}

/** A pod is asked to go, or goes without having been asked. */
function begins({ metadata }: Pod, type: string, before: Pod | undefined): boolean {
  const goes = metadata.deletionTimestamp !== undefined || type === 'DELETED'
  return goes && before?.metadata.deletionTimestamp === undefined
}

/** Looks at the subnets, and at pods that wait for an address. */
function networkWitness(world: World): Pick<Witness, 'look' | 'dry' | 'taken'> {
  const before = freeAddresses(world)
  const fewest = new Map(before)
  let dry = false
  const isDry = ({ spec, status }: Pod) =>
    spec?.nodeName !== undefined &&
    spec.hostNetwork !== true &&
    status?.podIP === undefined &&
    world.timeline.now() - (instantOf(status?.startTime) ?? world.timeline.now()) > DRY_AFTER
  return {
    look() {
      dry ||= (world.store.list('Pod') as readonly unknown[] as readonly Pod[]).some(isDry)
      for (const [id, free] of freeAddresses(world)) fewest.set(id, Math.min(fewest.get(id) ?? free, free))
    },
    dry: () => dry,
    taken: () => new Map([...before].map(([id, free]) => [id, free - (fewest.get(id) ?? free)])),
  }
}

function freeAddresses(world: World): ReadonlyMap<string, number> {
  const { Subnets = [] } = ask<{ Subnets?: readonly { SubnetId: string; AvailableIpAddressCount: number }[] }>(
    world.ec2,
    'DescribeSubnets',
    {},
  )
  return new Map(Subnets.map(({ SubnetId, AvailableIpAddressCount }) => [SubnetId, AvailableIpAddressCount]))
}

function ask<Answer>(handlers: AwsHandlers, operation: string, input: Record<string, unknown>): Answer {
  const handler = handlers[operation]
  if (handler === undefined) throw new Error(`the sandbox has no ${operation}`)
  return handler(input) as Answer
}

function groupOf(world: World, node: string): string {
  return (world.store.get('Node', undefined, node) as unknown as Node).metadata.labels?.[NODEGROUP_LABEL] ?? ''
}

function ownerOf(world: World, { metadata }: Pod): string {
  const own = metadata.ownerReferences?.find(({ controller }) => controller)
  if (own === undefined) return `Pod/${metadata.namespace}/${metadata.name}`
  const set = own.kind === 'ReplicaSet' ? (world.store.get('ReplicaSet', metadata.namespace, own.name) as unknown as Workload) : undefined
  const top = set?.metadata.ownerReferences?.find(({ controller }) => controller) ?? own
  return `${top.kind}/${metadata.namespace}/${top.name}`
}

interface UpdateAnswer {
  readonly update: {
    readonly status: string
    readonly errors: readonly { readonly errorCode: string; readonly resourceIds: readonly string[] }[]
  }
}

function updateTogether(world: World, steps: readonly GroupStep[], witness: Witness): readonly GroupOutcome[] {
  const clusterName = world.cluster.name
  const began = world.timeline.now()
  const open = new Map(
    steps.map(({ group, after }) => {
      const wanted = { clusterName, nodegroupName: group, version: after.version, releaseVersion: after.releaseVersion }
      const { update } = ask<{ update: { id: string } }>(world.eks, 'UpdateNodegroupVersion', wanted)
      return [group, update.id]
    }),
  )
  const done: GroupOutcome[] = []
  while (open.size > 0) {
    world.timeline.advanceTo(world.timeline.now() + STEP)
    witness.look()
    for (const [group, updateId] of open) {
      const asked = { name: clusterName, updateId, nodegroupName: group }
      const { update } = ask<UpdateAnswer>(world.eks, 'DescribeUpdate', asked)
      if (update.status === 'InProgress') continue
      open.delete(group)
      done.push(groupOutcome(world, group, world.timeline.now() - began, update, witness))
    }
  }
  return done
}

function groupOutcome(world: World, group: string, took: Millis, { errors }: UpdateAnswer['update'], { drains }: Witness): GroupOutcome {
  const stuck = errors.filter(({ errorCode }) => errorCode === 'PodEvictionFailure').flatMap(({ resourceIds }) => resourceIds)
  return {
    group,
    took,
    errors: errors.map(({ errorCode }) => errorCode),
    held: stuck.flatMap((node) => heldOn(world, node)),
    drains: new Map(
      [...drains]
        .filter(([, drain]) => drain.group === group && drain.until > drain.from)
        .map(([node, { from, until }]) => [node, until - from]),
    ),
  }
}

function heldOn(world: World, node: string): readonly string[] {
  const pods = world.store.podsOnNode(node) as readonly unknown[] as readonly Pod[]
  return pods
    .filter(
      ({ metadata }) => metadata.deletionTimestamp === undefined && metadata.ownerReferences?.some(({ kind }) => kind !== 'DaemonSet'),
    )
    .map((pod) => ownerOf(world, pod))
}
