import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SECOND } from '../../../src/model/instant.ts'
import { createSubnets, RESERVED } from '../../../src/sandbox/world/aws/addresses.ts'
import { createInstanceTypes } from '../../../src/sandbox/world/aws/instance-types.ts'
import { createInstances, type Instance } from '../../../src/sandbox/world/aws/instances.ts'
import { createInterfaces } from '../../../src/sandbox/world/aws/interfaces.ts'
import { createPodNetwork, type PoolSettings } from '../../../src/sandbox/world/aws/pod-network.ts'
import { createTimeline } from '../../../src/sandbox/world/timeline.ts'

function network(cidr: string, settings: PoolSettings = { warmInterfaces: 1 }) {
  const timeline = createTimeline(0)
  const subnets = createSubnets([{ id: 's', zone: 'eu-central-1a', cidr, used: 0 }], () => false)
  const interfaces = createInterfaces(subnets, () => timeline.now(), 1)
  const instances = createInstances({
    timeline,
    subnets,
    interfaces,
    seed: 1,
    region: 'eu-central-1',
    refused: () => undefined,
    bootTime: () => 0,
  })
  const types = createInstanceTypes({})
  const pods = createPodNetwork({ timeline, instances, interfaces, types, settings: () => settings })
  const launch = (type: string): Instance | undefined => {
    const template = { id: 'lt', version: 1 }
    // In the past, so that it runs at once.
    const launchedAt = timeline.now() - 1
    const result = instances.launch({ group: 'g', type, market: 'on-demand', subnetId: 's', imageId: 'ami', template, launchedAt })
    return result.ok ? result.instance : undefined
  }
  const addresses = () => interfaces.all().flatMap(({ primary, secondary }) => [primary, ...secondary])
  return { timeline, subnets, interfaces, instances, pods, launch, addresses }
}

describe('the warm pool', () => {
  // Vectors of AWS's tables: docs/eni-and-ip-target.md of amazon-vpc-cni-k8s and the EKS best practices guide, "vpc-cni".
  it.each([
    { type: 't3.small', settings: { warmInterfaces: 1 }, pods: 0, taken: 4 },
    { type: 't3.small', settings: { warmInterfaces: 1 }, pods: 5, taken: 12 },
    { type: 't3.small', settings: { warmInterfaces: 1 }, pods: 9, taken: 12 },
    { type: 't3.small', settings: { warmInterfaces: 1, warmAddresses: 1, minimumAddresses: 1 }, pods: 0, taken: 2 },
    { type: 't3.small', settings: { warmInterfaces: 1, warmAddresses: 1, minimumAddresses: 1 }, pods: 5, taken: 8 },
    { type: 't3.small', settings: { warmInterfaces: 1, warmAddresses: 2, minimumAddresses: 5 }, pods: 5, taken: 10 },
    { type: 'm5.large', settings: { warmInterfaces: 1 }, pods: 0, taken: 10 },
    { type: 'm5.large', settings: { warmInterfaces: 1 }, pods: 1, taken: 20 },
    { type: 'm5.large', settings: { warmInterfaces: 1 }, pods: 10, taken: 30 },
    { type: 'm5.large', settings: { warmInterfaces: 1 }, pods: 27, taken: 30 },
    { type: 'm5.large', settings: { warmInterfaces: 0 }, pods: 1, taken: 10 },
    { type: 'm5.large', settings: { warmInterfaces: 0 }, pods: 9, taken: 20 },
    { type: 'm5.xlarge', settings: { warmInterfaces: 1 }, pods: 15, taken: 45 },
    { type: 'p3dn.24xlarge', settings: { warmInterfaces: 1 }, pods: 3, taken: 100 },
    { type: 'p3dn.24xlarge', settings: { warmInterfaces: 1, warmAddresses: 5, minimumAddresses: 10 }, pods: 45, taken: 52 },
  ])('of $type with $settings and $pods pods takes $taken addresses', ({ type, settings, pods, taken }) => {
    const world = network('10.0.0.0/20', settings)
    const { id = '' } = world.launch(type) ?? {}
    world.pods.start(id)
    for (let pod = 0; pod < pods; pod++) expect(world.pods.assign(id, `pod-${pod}`)).toBeDefined()
    expect(world.subnets.taken('s')).toBe(taken)
  })

  it('gives a pod its address once, cools it for thirty seconds, and detaches what is not needed after a minute', () => {
    const world = network('10.0.0.0/24')
    const { id = '' } = world.launch('m5.large') ?? {}
    world.pods.start(id)
    const address = world.pods.assign(id, 'a')
    expect(world.pods.assign(id, 'a')).toBe(address)
    world.pods.release(id, 'a')
    expect(world.subnets.taken('s')).toBe(20)
    world.timeline.advanceTo(200 * SECOND)
    expect(world.subnets.taken('s')).toBe(10)
  })

  it('starts all the same when the subnet is full, and has nothing to give', () => {
    const world = network('10.0.0.0/28') // 11 addresses
    const first = world.launch('m5.large')?.id ?? ''
    const second = world.launch('m5.large')?.id ?? ''
    world.pods.start(first)
    expect(world.subnets.free('s')).toBe(0)
    expect(world.pods.start(second)).toEqual({ ok: true })
    expect(world.pods.assign(second, 'pod')).toBeUndefined()
    expect(world.launch('m5.large')).toBeUndefined()
  })
})

type Step =
  | { readonly kind: 'launch'; readonly type: string }
  | { readonly kind: 'start' | 'end' | 'wait' | 'assign' | 'release'; readonly node: number; readonly pod: string }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('launch' as const), type: fc.constantFrom('t3.small', 'm5.large') }),
  fc.record({
    kind: fc.constantFrom('start' as const, 'end' as const, 'wait' as const, 'assign' as const, 'release' as const),
    node: fc.nat(5),
    pod: fc.nat(20).map(String),
  }),
)

describe('address accounts', () => {
  it('never give an address twice and never lose one, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.constantFrom('10.0.0.0/26', '10.0.0.0/28'), (steps, cidr) => {
        const world = network(cidr)
        const capacity = 2 ** (32 - Number(cidr.slice(-2))) - RESERVED
        const nodes: Instance[] = []
        const held = new Map<string, string>()
        for (const each of steps) {
          if (each.kind === 'launch') nodes.push(...[world.launch(each.type)].filter((made) => made !== undefined))
          else act(world, nodes[each.node], each, held)
          expectSound(world, capacity, [...held.values()])
        }
        for (const node of nodes) world.instances.terminate(node, '')
        world.timeline.advanceTo(world.timeline.now() + 45 * SECOND)
        expect(world.subnets.free('s')).toBe(capacity)
      }),
    )
  })
})

function expectSound(world: ReturnType<typeof network>, capacity: number, held: readonly string[]): void {
  const addresses = world.addresses()
  expect(new Set(addresses).size).toBe(addresses.length)
  expect(world.subnets.free('s') + addresses.length).toBe(capacity)
  expect(new Set(held).size).toBe(held.length)
  expect(addresses).toEqual(expect.arrayContaining([...held]))
}

type NodeStep = Exclude<Step, { kind: 'launch' }>

function act(world: ReturnType<typeof network>, node: Instance | undefined, { kind, pod }: NodeStep, held: Map<string, string>): void {
  if (node === undefined) return
  const key = `${node.id}/${pod}`
  const acts: Record<NodeStep['kind'], () => void> = {
    start: () => void world.pods.start(node.id),
    wait: () => world.timeline.advanceTo(world.timeline.now() + 45 * SECOND),
    end() {
      world.instances.terminate(node, '')
      world.timeline.advanceTo(world.timeline.now() + 45 * SECOND)
      for (const other of [...held.keys()]) if (other.startsWith(`${node.id}/`)) held.delete(other)
    },
    assign() {
      const address = world.pods.assign(node.id, pod)
      if (address !== undefined) held.set(key, address)
    },
    release() {
      world.pods.release(node.id, pod)
      held.delete(key)
    },
  }
  acts[kind]()
}
