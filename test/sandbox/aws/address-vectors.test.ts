import { describe, expect, it } from 'vitest'
import { createInstanceTypes, maxPods, podsByAddresses } from '../../../src/sandbox/world/aws/instance-types.ts'
import { podNetwork } from './pod-network.ts'

const PREFIXES = { ENABLE_PREFIX_DELEGATION: 'true', WARM_PREFIX_TARGET: '1' }
const CUSTOM = { AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: 'true' }
const warm = (addresses: number, minimum: number) => ({ WARM_IP_TARGET: String(addresses), MINIMUM_IP_TARGET: String(minimum) })

/**
 * `slots`: secondary addresses, or prefixes, of each interface that pods use. `taken`: addresses out of the node's subnet.
 * Rows marked = stand in AWS's own tables: docs/eni-and-ip-target.md and docs/prefix-and-ip-target.md of amazon-vpc-cni-k8s, and the EKS
 * best practices guide, "vpc-cni"; the others follow from the rules of pkg/ipamd/ipamd.go.
 */
interface Vector {
  readonly row: string
  readonly type: string
  readonly env: Readonly<Record<string, string>>
  readonly pods: number
  readonly slots: readonly number[]
  readonly unused: number
  readonly taken: number
  /** Addresses out of the subnet of the pods, with custom networking. */
  readonly podSubnet?: number
}

const VECTORS: readonly Vector[] = [
  { row: '1 =', type: 't3.small', env: {}, pods: 0, slots: [3], unused: 3, taken: 4 },
  { row: '2 =', type: 't3.small', env: {}, pods: 5, slots: [3, 3, 3], unused: 4, taken: 12 },
  { row: '3 =', type: 't3.small', env: {}, pods: 9, slots: [3, 3, 3], unused: 0, taken: 12 },
  { row: '4 =', type: 't3.small', env: warm(1, 1), pods: 0, slots: [1], unused: 1, taken: 2 },
  { row: '5 =', type: 't3.small', env: warm(1, 1), pods: 5, slots: [3, 3], unused: 1, taken: 8 },
  { row: '6 =', type: 't3.small', env: warm(1, 1), pods: 9, slots: [3, 3, 3], unused: 0, taken: 12 },
  { row: '7 =', type: 't3.small', env: warm(2, 5), pods: 0, slots: [3, 2], unused: 5, taken: 7 },
  { row: '8 =', type: 't3.small', env: warm(2, 5), pods: 5, slots: [3, 3, 1], unused: 2, taken: 10 },
  { row: '9 =', type: 'p3dn.24xlarge', env: {}, pods: 0, slots: [49], unused: 49, taken: 50 },
  { row: '10 =', type: 'p3dn.24xlarge', env: {}, pods: 3, slots: [49, 49], unused: 95, taken: 100 },
  { row: '11 =', type: 'p3dn.24xlarge', env: {}, pods: 95, slots: [49, 49, 49], unused: 52, taken: 150 },
  { row: '12a =', type: 'p3dn.24xlarge', env: warm(5, 10), pods: 0, slots: [10], unused: 10, taken: 11 },
  { row: '12b =', type: 'p3dn.24xlarge', env: warm(5, 10), pods: 7, slots: [12], unused: 5, taken: 13 },
  { row: '12c =', type: 'p3dn.24xlarge', env: warm(5, 10), pods: 15, slots: [20], unused: 5, taken: 21 },
  { row: '13 =', type: 'p3dn.24xlarge', env: warm(5, 10), pods: 45, slots: [49, 1], unused: 5, taken: 52 },
  { row: '14a =', type: 'c5.large', env: {}, pods: 0, slots: [9], unused: 9, taken: 10 },
  { row: '14b =', type: 'm5.large', env: {}, pods: 0, slots: [9], unused: 9, taken: 10 },
  { row: '15a =', type: 'c5.large', env: {}, pods: 1, slots: [9, 9], unused: 17, taken: 20 },
  { row: '15b =', type: 'm5.large', env: {}, pods: 1, slots: [9, 9], unused: 17, taken: 20 },
  { row: '16a', type: 'm5.large', env: {}, pods: 9, slots: [9, 9], unused: 9, taken: 20 },
  { row: '16b', type: 'm5.large', env: {}, pods: 10, slots: [9, 9, 9], unused: 17, taken: 30 },
  { row: '16c', type: 'm5.large', env: {}, pods: 27, slots: [9, 9, 9], unused: 0, taken: 30 },
  { row: '17a', type: 'm5.large', env: warm(2, 12), pods: 0, slots: [9, 3], unused: 12, taken: 14 },
  { row: '17b', type: 'm5.large', env: warm(2, 12), pods: 10, slots: [9, 3], unused: 2, taken: 14 },
  { row: '17c', type: 'm5.large', env: warm(2, 12), pods: 11, slots: [9, 4], unused: 2, taken: 15 },
  { row: '18a', type: 'm5.large', env: { MINIMUM_IP_TARGET: '8' }, pods: 8, slots: [8], unused: 0, taken: 9 },
  { row: '19a', type: 'm5.large', env: { WARM_ENI_TARGET: '0' }, pods: 1, slots: [9], unused: 8, taken: 10 },
  { row: '19b', type: 'm5.large', env: { WARM_ENI_TARGET: '0' }, pods: 9, slots: [9, 9], unused: 9, taken: 20 },
  { row: '20a', type: 'm5.xlarge', env: {}, pods: 0, slots: [14], unused: 14, taken: 15 },
  { row: '20b', type: 'm5.xlarge', env: {}, pods: 1, slots: [14, 14], unused: 27, taken: 30 },
  { row: '20c', type: 'm5.xlarge', env: {}, pods: 15, slots: [14, 14, 14], unused: 27, taken: 45 },
  { row: '21a =', type: 'm4.4xlarge', env: {}, pods: 1, slots: [29, 29], unused: 57, taken: 60 },
  { row: '21b =', type: 'm4.4xlarge', env: {}, pods: 29, slots: [29, 29], unused: 29, taken: 60 },
  { row: '21c =', type: 'm4.4xlarge', env: {}, pods: 30, slots: [29, 29, 29], unused: 57, taken: 90 },
  { row: '22', type: 'm8i.large', env: {}, pods: 1, slots: [19, 19], unused: 37, taken: 40 },
  { row: '23a =', type: 't3.small', env: PREFIXES, pods: 0, slots: [1], unused: 16, taken: 17 },
  { row: '23b =', type: 't3.small', env: PREFIXES, pods: 5, slots: [2], unused: 27, taken: 33 },
  { row: '23c =', type: 't3.small', env: PREFIXES, pods: 16, slots: [2], unused: 16, taken: 33 },
  { row: '23d =', type: 't3.small', env: PREFIXES, pods: 17, slots: [3], unused: 31, taken: 49 },
  { row: '23e =', type: 't3.small', env: PREFIXES, pods: 58, slots: [3, 2], unused: 22, taken: 82 },
  { row: '24a =', type: 't3.small', env: { ...PREFIXES, ...warm(1, 1) }, pods: 0, slots: [1], unused: 16, taken: 17 },
  { row: '24b =', type: 't3.small', env: { ...PREFIXES, ...warm(1, 1) }, pods: 5, slots: [1], unused: 11, taken: 17 },
  { row: '24c =', type: 't3.small', env: { ...PREFIXES, ...warm(1, 1) }, pods: 17, slots: [2], unused: 15, taken: 33 },
  { row: '24d =', type: 't3.small', env: { ...PREFIXES, ...warm(1, 1) }, pods: 58, slots: [3, 1], unused: 6, taken: 66 },
  { row: '25a', type: 'm5.large', env: PREFIXES, pods: 0, slots: [1], unused: 16, taken: 17 },
  { row: '25b', type: 'm5.large', env: PREFIXES, pods: 1, slots: [2], unused: 31, taken: 33 },
  { row: '25c', type: 'm5.large', env: PREFIXES, pods: 17, slots: [3], unused: 31, taken: 49 },
  { row: '26a', type: 'm5.large', env: { ...PREFIXES, ...warm(5, 10) }, pods: 0, slots: [1], unused: 16, taken: 17 },
  { row: '26b', type: 'm5.large', env: { ...PREFIXES, ...warm(5, 10) }, pods: 11, slots: [1], unused: 5, taken: 17 },
  { row: '26c', type: 'm5.large', env: { ...PREFIXES, ...warm(5, 10) }, pods: 12, slots: [2], unused: 20, taken: 33 },
  { row: '27a', type: 'm5.large', env: CUSTOM, pods: 0, slots: [0, 9], unused: 9, taken: 1, podSubnet: 10 },
  { row: '27b', type: 'm5.large', env: CUSTOM, pods: 1, slots: [0, 9, 9], unused: 17, taken: 1, podSubnet: 20 },
  { row: '28a', type: 'm5.large', env: { ...CUSTOM, ...PREFIXES }, pods: 0, slots: [0, 1], unused: 16, taken: 1, podSubnet: 17 },
  { row: '28b', type: 'm5.large', env: { ...CUSTOM, ...PREFIXES }, pods: 1, slots: [0, 2], unused: 31, taken: 1, podSubnet: 33 },
]

/** A node after its ipamd has started and so many pods have their addresses. */
function nodeWith({ type, env, pods }: Pick<Vector, 'type' | 'env' | 'pods'>) {
  const world = podNetwork({ env })
  const node = world.launch(type)
  if (node === undefined) throw new Error('no address for the node')
  expect(world.start(node)).toEqual({ ok: true })
  const addresses = Array.from({ length: pods }, (_none, nth) => world.network.assign(node.id, `pod-${nth}`))
  expect(new Set(addresses).size).toBe(pods)
  expect(addresses).not.toContain(undefined)
  return { ...world, node }
}

describe('addresses that a node takes', () => {
  it.each(VECTORS)('row $row: $type with $env and $pods pods', (vector) => {
    const { subnets, attached, node } = nodeWith(vector)
    const interfaces = attached(node)
    const slots = interfaces.map(({ secondary, prefixes }) => secondary.size + prefixes.size)
    const total = interfaces.reduce((sum, { secondary, prefixes }) => sum + secondary.size + 16 * prefixes.size, 0)
    expect({ slots, unused: total - vector.pods, taken: subnets.taken('s'), podSubnet: subnets.taken('pods') }).toEqual({
      slots: vector.slots,
      unused: vector.unused,
      taken: vector.taken,
      podSubnet: vector.podSubnet ?? 0,
    })
  })

  it('row 18b: with only MINIMUM_IP_TARGET set a node never grows past it, and the ninth pod gets none', () => {
    const { network, node, subnets } = nodeWith({ type: 'm5.large', env: { MINIMUM_IP_TARGET: '8' }, pods: 8 })
    expect(network.assign(node.id, 'ninth')).toBeUndefined()
    expect(subnets.taken('s')).toBe(9)
  })

  it.each([0, 1, 9])('row 29: with security groups for pods one interface is the trunk, and %i branches stand beside it', (branches) => {
    const world = nodeWith({ type: 'm5.large', env: { ENABLE_POD_ENI: 'true' }, pods: 1 })
    const caller = { role: 'resource-controller', subnetId: 's', group: 'g' } as const
    const place = { subnetId: 's', description: 'trunk', deviceIndex: 2, type: 'trunk' } as const
    expect(world.calls.createAttached(caller, world.node, place)).not.toHaveProperty('code')
    for (let nth = 0; nth < branches; nth++)
      world.calls.create(caller, { subnetId: 's', deviceIndex: 0, description: 'branch', type: 'branch' })
    for (let nth = 1; nth < 18; nth++) expect(world.network.assign(world.node.id, `pod-${nth}`)).toBeDefined()
    expect(world.network.assign(world.node.id, 'pod-18')).toBeUndefined()
    expect(world.subnets.taken('s')).toBe(21 + branches)
  })
})

describe('max-pods', () => {
  const types = createInstanceTypes({})
  it.each([
    { type: 'm5.large', mode: { prefixes: false, customNetworking: false }, pods: 29, capped: 29 },
    { type: 'm5.large', mode: { prefixes: false, customNetworking: true }, pods: 20, capped: 20 },
    { type: 'm5.large', mode: { prefixes: true, customNetworking: false }, pods: 434, capped: 110 },
    { type: 'm5.large', mode: { prefixes: true, customNetworking: true }, pods: 290, capped: 110 },
    { type: 't3.small', mode: undefined, pods: 11, capped: 11 },
    { type: 't3.medium', mode: undefined, pods: 17, capped: 17 },
    { type: 't3.large', mode: undefined, pods: 35, capped: 35 },
    { type: 'm5.xlarge', mode: undefined, pods: 58, capped: 58 },
    { type: 'c5.4xlarge', mode: undefined, pods: 234, capped: 110 },
    { type: 'm4.4xlarge', mode: undefined, pods: 234, capped: 110 },
    { type: 'm8i.large', mode: undefined, pods: 59, capped: 59 },
    { type: 'm5.24xlarge', mode: undefined, pods: 737, capped: 250 },
    { type: 'p3dn.24xlarge', mode: undefined, pods: 737, capped: 250 },
  ])('of $type with $mode are $pods by addresses, $capped in EKS', ({ type, mode, pods, capped }) => {
    expect([podsByAddresses(types.get(type), mode), maxPods(types.get(type), mode)]).toEqual([pods, capped])
  })

  it.each([
    ['m5.large', 9],
    ['m6i.large', 9],
    ['m8i.large', 9],
    ['c5.4xlarge', 54],
    ['t3.small', 0],
    ['t3.2xlarge', 0],
    ['t4g.medium', 0],
  ])('%s has %i branch interfaces', (type, branches) => {
    expect(types.get(type).branchInterfaces).toBe(branches)
  })
})

describe('addresses that a surge takes', () => {
  it.each([
    { title: '6 nodes over three zones, per zone', type: 'm5.large', env: {}, nodes: 2, addresses: 40, blocks: 0 },
    { title: '6 nodes', type: 'm5.large', env: {}, nodes: 6, addresses: 120, blocks: 0 },
    { title: '6 nodes with prefixes', type: 'm5.large', env: PREFIXES, nodes: 6, addresses: 198, blocks: 12 },
    { title: '2 large nodes in one zone', type: 'p3dn.24xlarge', env: {}, nodes: 2, addresses: 200, blocks: 0 },
  ])('$title of $type with a pod each: $addresses addresses', ({ type, env, nodes, addresses, blocks }) => {
    const world = podNetwork({ env })
    for (let nth = 0; nth < nodes; nth++) {
      const node = world.launch(type)
      if (node === undefined) throw new Error('no address for the node')
      world.start(node)
      expect(world.network.assign(node.id, `pod-${nth}`)).toBeDefined()
    }
    expect(world.subnets.taken('s')).toBe(addresses)
    expect(world.interfaces.all().reduce((sum, { prefixes }) => sum + prefixes.size, 0)).toBe(blocks)
  })

  it.each([
    { free: 25, fits: false },
    { free: 45, fits: true },
  ])('2 nodes into a /26 with $free free addresses: $fits', ({ free, fits }) => {
    const world = podNetwork({ cidr: '10.0.0.0/26' })
    expect(world.subnets.free('s')).toBe(59)
    world.interfaces.create({ subnetId: 's', deviceIndex: 0, description: 'others', secondary: 59 - free - 1 })
    const nodes = ['a', 'b'].map(() => world.launch('m5.large'))
    for (const node of nodes) if (node !== undefined) world.start(node)
    for (const node of nodes) world.network.assign(node?.id ?? '', `pod of ${node?.id}`)
    const full = nodes.map((node) =>
      node === undefined ? 0 : world.attached(node).reduce((sum, { secondary }) => sum + 1 + secondary.size, 0),
    )
    expect(full.every((held) => held === 20)).toBe(fits)
  })
})

describe('prefixes of a subnet', () => {
  it.each([
    ['10.0.0.0/22', 62],
    ['10.0.0.0/23', 30],
    ['10.0.0.0/24', 14],
    ['10.0.0.0/25', 6],
    ['10.0.0.0/26', 2],
    ['10.0.0.0/27', 0],
    ['10.0.0.0/28', 0],
  ])('an empty %s gives %i', (cidr, blocks) => {
    const { subnets } = podNetwork({ cidr })
    expect(subnets.freePrefixes('s')).toBe(blocks)
    const taken = subnets.takePrefixes('s', blocks) ?? []
    expect(new Set(taken).size).toBe(blocks)
    for (const each of taken) expect(Number(/\.(\d+)\/28$/.exec(each)?.[1]) % 16).toBe(0)
    expect(subnets.takePrefixes('s', 1)).toBeUndefined()
  })

  it('one stray address in each of its fourteen blocks leaves a /24 with 237 free addresses and no prefix', () => {
    const { subnets } = podNetwork({ cidr: '10.0.0.0/24' })
    for (let block = 1; block <= 14; block++) expect(subnets.hold('s', `10.0.0.${block * 16 + 7}`)).toBe(true)
    expect([subnets.free('s'), subnets.freePrefixes('s')]).toEqual([237, 0])
  })

  it.each([
    { type: 'prefix', takeable: 124, prefixes: 14 },
    { type: 'explicit', takeable: 124, prefixes: 7 },
  ] as const)('a reservation of type $type keeps its half for others than single addresses', ({ type, takeable, prefixes }) => {
    const { subnets } = podNetwork({ cidr: '10.0.0.0/24', reservations: [{ subnetId: 's', cidr: '10.0.0.128/25', type }] })
    expect([subnets.free('s'), subnets.takeable('s'), subnets.freePrefixes('s')]).toEqual([251, takeable, prefixes])
  })

  it('come out of a reservation first, so that single addresses cannot spoil them', () => {
    const { subnets } = podNetwork({ cidr: '10.0.0.0/24', reservations: [{ subnetId: 's', cidr: '10.0.0.128/26', type: 'prefix' }] })
    expect(subnets.takePrefixes('s', 5)).toEqual(['10.0.0.128/28', '10.0.0.144/28', '10.0.0.160/28', '10.0.0.176/28', '10.0.0.192/28'])
  })
})
