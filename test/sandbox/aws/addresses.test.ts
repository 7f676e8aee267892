import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SECOND } from '../../../src/model/instant.ts'
import { RESERVED } from '../../../src/sandbox/world/aws/addresses.ts'
import type { Instance } from '../../../src/sandbox/world/aws/instances.ts'
import { addressesHeld, podNetwork } from './pod-network.ts'

type Env = Readonly<Record<string, string>>

const PREFIXES = { ENABLE_PREFIX_DELEGATION: 'true', WARM_PREFIX_TARGET: '1' }
const CUSTOM = { AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: 'true' }

/** A world with one node whose ipamd has started. */
function oneNode(type: string, options: Parameters<typeof podNetwork>[0] = {}) {
  const world = podNetwork(options)
  const node = world.launch(type)
  if (node === undefined) throw new Error('no address for the node')
  const started = world.start(node)
  const assign = (count: number, name = 'pod') =>
    Array.from({ length: count }, (_none, nth) => world.network.assign(node.id, `${name}-${nth}`)).filter((each) => each !== undefined)
      .length
  const release = (count: number, name = 'pod') => {
    for (let nth = 0; nth < count; nth++) world.network.release(node.id, `${name}-${nth}`)
  }
  const wait = (seconds: number) => world.timeline.advanceTo(world.timeline.now() + seconds * SECOND)
  const slots = () => world.attached(node).map(({ secondary, prefixes }) => secondary.size + prefixes.size)
  return { ...world, node, started, assign, release, wait, slots }
}

describe('the warm pool', () => {
  it('gives a pod its address once, cools it for thirty seconds, and detaches what is not needed after a minute', () => {
    const { network, node, subnets, release, wait } = oneNode('m5.large', { cidr: '10.0.0.0/24' })
    const address = network.assign(node.id, 'pod-0')
    expect(network.assign(node.id, 'pod-0')).toBe(address)
    release(1)
    expect(subnets.taken('s')).toBe(20)
    wait(200)
    expect(subnets.taken('s')).toBe(10)
  })

  it.each<{ title: string; env: Env; cooled: number }>([
    { title: 'by default', env: {}, cooled: 30 },
    { title: 'as IP_COOLDOWN_PERIOD says', env: { IP_COOLDOWN_PERIOD: '45' }, cooled: 45 },
  ])('keeps an address from the next pod while it cools, $title', ({ env, cooled }) => {
    const { assign, release, wait } = oneNode('m5.large', { env: { MINIMUM_IP_TARGET: '2', ...env } })
    expect(assign(2)).toBe(2)
    release(1)
    wait(cooled - 1)
    expect(assign(1, 'next')).toBe(0)
    wait(1)
    expect(assign(1, 'next')).toBe(1)
  })

  it('starts all the same when the subnet is full, and has nothing to give', () => {
    const world = podNetwork({ cidr: '10.0.0.0/28' }) // 11 addresses
    const [first, second] = [world.launch('m5.large'), world.launch('m5.large')]
    if (first === undefined || second === undefined) throw new Error('no address for a node')
    world.start(first)
    expect(world.subnets.free('s')).toBe(0)
    expect(world.start(second)).toEqual({ ok: true })
    expect(world.network.assign(second.id, 'pod')).toBeUndefined()
    expect(world.launch('m5.large')).toBeUndefined()
  })

  it.each<{ title: string; env: Env; pods: number; left: number[] }>([
    { title: 'addresses over WARM_IP_TARGET', env: { WARM_IP_TARGET: '2' }, pods: 5, left: [2] },
    { title: 'no address below MINIMUM_IP_TARGET', env: { WARM_IP_TARGET: '2', MINIMUM_IP_TARGET: '6' }, pods: 9, left: [4, 2] },
    { title: 'prefixes over WARM_PREFIX_TARGET', env: PREFIXES, pods: 40, left: [1] },
    { title: 'prefixes over WARM_IP_TARGET', env: { ...PREFIXES, WARM_IP_TARGET: '17' }, pods: 40, left: [2] },
    { title: 'whole interfaces only, with WARM_ENI_TARGET', env: {}, pods: 12, left: [9] },
  ])('gives back $title when the pods are gone', ({ env, pods, left }) => {
    const { assign, release, wait, slots } = oneNode('m5.large', { env })
    expect(assign(pods)).toBe(pods)
    release(pods)
    wait(300)
    expect(slots()).toEqual(left)
  })

  it('neither grows nor frees interfaces while the node is cordoned, and does both when it looks again', () => {
    const { assign, release, wait, slots, state, network, node } = oneNode('m5.large')
    state.cordoned = true
    expect(assign(12)).toBe(9)
    expect(slots()).toEqual([9])
    state.cordoned = false
    network.look(node.id)
    expect(slots()).toEqual([9, 9])
    expect(assign(12)).toBe(12)
    state.cordoned = true
    release(12)
    wait(300)
    expect(slots()).toEqual([9, 9, 9])
  })

  it('does both on a cordoned node with AWS_MANAGE_ENIS_NON_SCHEDULABLE', () => {
    const { assign, slots, state } = oneNode('m5.large', { env: { AWS_MANAGE_ENIS_NON_SCHEDULABLE: 'true' } })
    state.cordoned = true
    expect(assign(12)).toBe(12)
    expect(slots()).toEqual([9, 9, 9])
  })

  it('stops at max-pods', () => {
    const { assign, slots } = oneNode('m5.large', { maxPods: 9 })
    expect(assign(20)).toBe(9)
    expect(slots()).toEqual([9])
  })

  it('waits two minutes after a subnet had nothing, and five seconds after any other refusal', () => {
    const codes: string[] = ['InsufficientFreeAddressesInSubnet', 'UnauthorizedOperation']
    for (const code of codes) {
      let refused = true
      const refusal = (action: string) => (refused && action === 'AssignPrivateIpAddresses' ? { code, message: code } : undefined)
      const { slots, wait } = oneNode('m5.large', { refusal })
      refused = false
      const pause = code === 'UnauthorizedOperation' ? 5 : 120
      wait(pause - 1)
      expect(slots()).toEqual([0])
      wait(1)
      expect(slots()).toEqual([9])
    }
  })

  it('counts calls that fail by what EC2 said, those without an answer apart, and what it could not grow', () => {
    const refusal = (action: string) => (action === 'AttachNetworkInterface' ? { code: 'UnauthorizedOperation', message: '' } : undefined)
    const { assign, node, network, state, wait } = oneNode('m5.large', { refusal })
    assign(1)
    const figures = () => {
      const { errors, failedCalls, failures } = network.figures(node.id) ?? {}
      return [errors, failedCalls, failures].map((counts) => Object.fromEntries(counts ?? []))
    }
    const refused = { 'AttachNetworkInterface UnauthorizedOperation': 1 }
    expect(figures()).toEqual([refused, { AttachNetworkInterface: 1 }, { increaseIPPoolAllocENI: 1 }])
    state.reachesAws = false
    wait(10)
    const unanswered = { AttachNetworkInterface: 1, DescribeSubnets: 2, CreateNetworkInterface: 2 }
    expect(figures()).toEqual([refused, unanswered, { increaseIPPoolAllocENI: 3 }])
  })

  it('tries for a single address when several are refused', () => {
    const { slots, subnets } = oneNode('m5.large', { cidr: '10.0.0.0/28', env: { WARM_IP_TARGET: '40' } }) // 11 addresses
    expect(slots()).toEqual([9])
    expect(subnets.free('s')).toBe(1)
  })

  it('takes no more than its prefix when the subnet is fragmented', () => {
    const world = podNetwork({ cidr: '10.0.0.0/26', env: PREFIXES }) // two prefixes
    const node = world.launch('m5.large')
    world.subnets.hold('s', '10.0.0.40')
    if (node !== undefined) world.start(node)
    for (let nth = 0; nth < 16; nth++) expect(world.network.assign(node?.id ?? '', `pod-${nth}`)).toBeDefined()
    expect(world.network.assign(node?.id ?? '', 'pod-16')).toBeUndefined()
    expect(world.subnets.free('s')).toBeGreaterThan(16)
  })

  it('is empty at the start with custom networking and no ENIConfig: the one start that fails', () => {
    const world = podNetwork({ env: CUSTOM })
    world.state.hasEniConfig = false
    const node = world.launch('m5.large')
    expect(node && world.start(node)).toEqual({ ok: false, reason: 'Failed to attach any ENIs for custom networking' })
  })

  it('of an IPv6 node is the /80 on its primary interface, for as many pods as there are', () => {
    const { started, node, network, attached, subnets } = oneNode('m5.large', {
      env: { ENABLE_IPv6: 'true', ENABLE_PREFIX_DELEGATION: 'true' },
    })
    expect(started).toEqual({ ok: true })
    const [primary] = attached(node)
    expect(primary?.ipv6Prefix).toBe('2a05:d014:abc:1200:1::/80')
    const given = Array.from({ length: 110 }, (_none, nth) => network.assign(node.id, `pod-${nth}`))
    expect(new Set(given).size).toBe(110)
    expect(given[0]).toBe('2a05:d014:abc:1200:1::1')
    expect([attached(node).length, subnets.taken('s')]).toEqual([1, 1])
  })

  it('takes what pods have over into another mode, and gives new pods addresses of the new kind', () => {
    const { assign, state, start, node, attached, release, wait, slots } = oneNode('m5.large')
    expect(assign(5)).toBe(5)
    state.env = PREFIXES
    start(node)
    expect(attached(node).map(({ prefixes }) => prefixes.size)).toEqual([0, 0, 1])
    expect(assign(5)).toBe(5)
    expect(assign(3, 'next')).toBe(3)
    release(5)
    wait(300)
    expect(slots()).toEqual([9, 2])
  })
})

describe('requests of a starting node', () => {
  /** Requests per action until the pool is full and a pod has its address. */
  function spent(env: Env): Record<string, number> {
    const full = { burst: 1_000, refill: 0 }
    const actions = [
      'DescribeNetworkInterfaces/unfiltered',
      'CreateTags',
      'DescribeSubnets',
      'AssignPrivateIpAddresses',
      'CreateNetworkInterface',
      'DescribeInstances',
      'AttachNetworkInterface',
      'ModifyNetworkInterfaceAttribute',
      'AssignIpv6Addresses',
    ]
    const { buckets, assign } = oneNode('m5.large', { env, buckets: Object.fromEntries(actions.map((action) => [action, full])) })
    assign(1)
    const used = actions.map((action): [string, number] => [action, 1_000 - buckets.level(action)])
    return Object.fromEntries(used.filter(([, count]) => count > 0))
  }

  const boot = { 'DescribeNetworkInterfaces/unfiltered': 1, CreateTags: 1 }
  const attaching = { CreateNetworkInterface: 1, DescribeInstances: 1, AttachNetworkInterface: 1, ModifyNetworkInterfaceAttribute: 1 }
  it.each<{ title: string; env: Env; requests: Record<string, number> }>([
    { title: 'secondary addresses', env: {}, requests: { ...boot, DescribeSubnets: 1, AssignPrivateIpAddresses: 1, ...attaching } },
    {
      title: 'no subnet discovery',
      env: { ENABLE_SUBNET_DISCOVERY: 'false' },
      requests: { ...boot, AssignPrivateIpAddresses: 1, ...attaching },
    },
    { title: 'prefixes', env: PREFIXES, requests: { ...boot, AssignPrivateIpAddresses: 2 } },
    { title: 'IPv6', env: { ENABLE_IPv6: 'true' }, requests: { ...boot, AssignIpv6Addresses: 1 } },
  ])('with $title', ({ env, requests }) => {
    expect(spent(env)).toEqual(requests)
  })

  it('that are throttled delay the pool, and fail the start when its interface cannot be tagged', () => {
    const single = { burst: 1, refill: 0.2 }
    const world = podNetwork({ buckets: { AssignPrivateIpAddresses: single, CreateTags: single } })
    const node = world.launch('m5.large')
    if (node === undefined) throw new Error('no address for the node')
    world.buckets.take('AssignPrivateIpAddresses')
    expect(world.start(node)).toEqual({ ok: true })
    expect(world.attached(node).map(({ secondary }) => secondary.size)).toEqual([0])
    expect(world.start(node)).toMatchObject({ ok: false, reason: expect.stringContaining('RequestLimitExceeded') })
    world.timeline.advanceTo(5 * SECOND)
    expect(world.attached(node).map(({ secondary }) => secondary.size)).toEqual([9])
  })

  it('that make an interface which cannot be attached leave none behind, unless it cannot be deleted either', () => {
    for (const refused of [['AttachNetworkInterface'], ['AttachNetworkInterface', 'DeleteNetworkInterface']]) {
      const refusal = (action: string) => (refused.includes(action) ? { code: 'UnauthorizedOperation', message: '' } : undefined)
      const { assign, interfaces, attached, node } = oneNode('m5.large', { refusal })
      assign(1)
      expect(attached(node)).toHaveLength(1)
      const left = interfaces.all().filter(({ status }) => status === 'available')
      expect(left.map(({ description }) => description)).toEqual(refused.length > 1 ? [`aws-K8S-${node.id}`] : [])
    }
  })
})

type Step =
  | { readonly kind: 'launch'; readonly type: string }
  | { readonly kind: 'start' | 'end' | 'wait' | 'assign' | 'release' | 'cordon'; readonly node: number; readonly pod: string }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('launch' as const), type: fc.constantFrom('t3.small', 'm5.large') }),
  fc.record({
    kind: fc.constantFrom('start', 'end', 'wait', 'assign', 'assign', 'assign', 'release', 'cordon'),
    node: fc.nat(5),
    pod: fc.nat(40).map(String),
  }),
)

const MODES: readonly { readonly mode: string; readonly env: Readonly<Record<string, string>> }[] = [
  { mode: 'secondary addresses', env: {} },
  { mode: 'address targets', env: { WARM_IP_TARGET: '2', MINIMUM_IP_TARGET: '4' } },
  { mode: 'prefixes', env: PREFIXES },
  { mode: 'prefixes and address targets', env: { ...PREFIXES, WARM_IP_TARGET: '3' } },
  { mode: 'custom networking', env: CUSTOM },
  { mode: 'custom networking with prefixes', env: { ...CUSTOM, ...PREFIXES } },
  { mode: 'security groups for pods', env: { ENABLE_POD_ENI: 'true' } },
  { mode: 'IPv6', env: { ENABLE_IPv6: 'true' } },
]

describe('address accounts', () => {
  it.each(MODES)('never give an address twice and never lose one, with $mode', ({ env }) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.constantFrom('10.0.0.0/25', '10.0.0.0/26', '10.0.0.0/28'), (steps, cidr) => {
        const world = podNetwork({ cidr, env })
        const capacity = { s: world.subnets.free('s'), pods: world.subnets.free('pods') }
        expect(capacity.s).toBe(2 ** (32 - Number(cidr.slice(-2))) - RESERVED)
        const nodes: Instance[] = []
        const held = new Map<string, string>()
        for (const each of steps) {
          if (each.kind === 'launch') nodes.push(...[world.launch(each.type)].filter((made) => made !== undefined))
          else act(world, nodes[each.node], each, held)
          expectSound(world, capacity, [...held.values()])
        }
        for (const node of nodes) world.instances.terminate(node, 'the end')
        world.timeline.advanceTo(world.timeline.now() + 60 * SECOND)
        expect([world.subnets.free('s'), world.subnets.free('pods')]).toEqual([capacity.s, capacity.pods])
      }),
      { numRuns: 60 },
    )
  })
})

type Accounts = ReturnType<typeof podNetwork>

function expectSound(world: Accounts, capacity: { readonly s: number; readonly pods: number }, held: readonly string[]): void {
  const addresses = new Set<string>()
  for (const subnetId of ['s', 'pods'] as const) {
    const own = world.interfaces.all().filter((each) => each.subnetId === subnetId)
    const taken = own.flatMap(addressesHeld)
    expect(world.subnets.free(subnetId)).toBe(capacity[subnetId] - taken.length)
    for (const address of taken) {
      expect(addresses.has(address), `${address} was given twice`).toBe(false)
      addresses.add(address)
    }
  }
  expect(new Set(held).size).toBe(held.length)
  for (const address of held) if (!address.includes(':')) expect(addresses.has(address), `${address} is nobody's`).toBe(true)
}

type NodeStep = Exclude<Step, { kind: 'launch' }>

function act(world: Accounts, node: Instance | undefined, { kind, pod }: NodeStep, held: Map<string, string>): void {
  if (node === undefined) return
  const key = `${node.id}/${pod}`
  const forgetEnded = () => {
    for (const other of [...held.keys()]) if (world.attached({ id: other.split('/')[0] } as Instance).length === 0) held.delete(other)
  }
  const acts: Record<NodeStep['kind'], () => void> = {
    start: () => void world.start(node),
    wait: () => world.timeline.advanceTo(world.timeline.now() + 45 * SECOND),
    end: () => world.instances.terminate(node, 'a test'),
    cordon() {
      world.state.cordoned = !world.state.cordoned
      world.network.look(node.id)
    },
    assign() {
      const address = world.network.assign(node.id, pod)
      if (address !== undefined) held.set(key, address)
    },
    release() {
      world.network.release(node.id, pod)
      held.delete(key)
    },
  }
  acts[kind]()
  forgetEnded()
}
