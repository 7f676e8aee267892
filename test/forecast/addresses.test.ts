import { describe, expect, it } from 'vitest'
import {
  addressesPerNode,
  type EniLimits,
  maxPods,
  type PoolSettings,
  podCapacity,
  surgeInZone,
  surgeNodes,
  uncappedMaxPods,
} from '../../src/forecast/addresses.ts'

const limits = (interfaces: number, addressesPerInterface: number, vcpus = 2): EniLimits => ({ interfaces, addressesPerInterface, vcpus })
const T3_SMALL = limits(3, 4)
const M5_LARGE = limits(3, 10)
const M5_XLARGE = limits(4, 15)
const M4_4XLARGE = limits(8, 30)
const M8I_LARGE = limits(3, 20)
const P3DN = limits(15, 50, 96)

const PREFIXES: PoolSettings = { prefixDelegation: true, warmPrefixes: 1 }
const warm = (warmAddresses: number, minimumAddresses: number): PoolSettings => ({ warmAddresses, minimumAddresses })

interface Row {
  readonly type: EniLimits
  readonly settings: PoolSettings
  readonly pods: number
  readonly interfaces: readonly number[]
  readonly unused: number
  readonly addresses: number
}

const row = (
  type: EniLimits,
  settings: PoolSettings,
  pods: number,
  interfaces: readonly number[],
  unused: number,
  addresses: number,
): Row => ({ type, settings, pods, interfaces, unused, addresses })

describe('addresses that a node takes from its subnet', () => {
  describe('secondary addresses', () => {
    it.each<Row & { title: string }>([
      { title: 't3.small, no pods', ...row(T3_SMALL, {}, 0, [3], 3, 4) },
      { title: 't3.small, 5 pods', ...row(T3_SMALL, {}, 5, [3, 3, 3], 4, 12) },
      { title: 't3.small, 9 pods', ...row(T3_SMALL, {}, 9, [3, 3, 3], 0, 12) },
      { title: 't3.small, warm 1 minimum 1, no pods', ...row(T3_SMALL, warm(1, 1), 0, [1], 1, 2) },
      { title: 't3.small, warm 1 minimum 1, 5 pods', ...row(T3_SMALL, warm(1, 1), 5, [3, 3], 1, 8) },
      { title: 't3.small, warm 1 minimum 1, 9 pods', ...row(T3_SMALL, warm(1, 1), 9, [3, 3, 3], 0, 12) },
      { title: 't3.small, warm 2 minimum 5, no pods', ...row(T3_SMALL, warm(2, 5), 0, [3, 2], 5, 7) },
      { title: 't3.small, warm 2 minimum 5, 5 pods', ...row(T3_SMALL, warm(2, 5), 5, [3, 3, 1], 2, 10) },
      { title: 'p3dn.24xlarge, no pods', ...row(P3DN, {}, 0, [49], 49, 50) },
      { title: 'p3dn.24xlarge, 3 pods', ...row(P3DN, {}, 3, [49, 49], 95, 100) },
      { title: 'p3dn.24xlarge, 95 pods', ...row(P3DN, {}, 95, [49, 49, 49], 52, 150) },
      { title: 'p3dn.24xlarge, warm 5 minimum 10, no pods', ...row(P3DN, warm(5, 10), 0, [10], 10, 11) },
      { title: 'p3dn.24xlarge, warm 5 minimum 10, 7 pods', ...row(P3DN, warm(5, 10), 7, [12], 5, 13) },
      { title: 'p3dn.24xlarge, warm 5 minimum 10, 15 pods', ...row(P3DN, warm(5, 10), 15, [20], 5, 21) },
      { title: 'p3dn.24xlarge, warm 5 minimum 10, 45 pods', ...row(P3DN, warm(5, 10), 45, [49, 1], 5, 52) },
      { title: 'm5.large, no pods', ...row(M5_LARGE, {}, 0, [9], 9, 10) },
      { title: 'm5.large, 1 pod', ...row(M5_LARGE, {}, 1, [9, 9], 17, 20) },
      { title: 'm5.large, 9 pods', ...row(M5_LARGE, {}, 9, [9, 9], 9, 20) },
      { title: 'm5.large, 10 pods', ...row(M5_LARGE, {}, 10, [9, 9, 9], 17, 30) },
      { title: 'm5.large, 27 pods', ...row(M5_LARGE, {}, 27, [9, 9, 9], 0, 30) },
      { title: 'm5.large, warm 2 minimum 12, no pods', ...row(M5_LARGE, warm(2, 12), 0, [9, 3], 12, 14) },
      { title: 'm5.large, warm 2 minimum 12, 10 pods', ...row(M5_LARGE, warm(2, 12), 10, [9, 3], 2, 14) },
      { title: 'm5.large, warm 2 minimum 12, 11 pods', ...row(M5_LARGE, warm(2, 12), 11, [9, 4], 2, 15) },
      { title: 'm5.large, minimum 8 alone, 8 pods', ...row(M5_LARGE, { minimumAddresses: 8 }, 8, [8], 0, 9) },
      {
        title: 'm5.large, minimum 8 alone: the ninth pod gets none',
        ...row(M5_LARGE, { minimumAddresses: 8 }, 9, [8], 0, 9),
      },
      { title: 'm5.large, WARM_ENI_TARGET 0, 1 pod', ...row(M5_LARGE, { warmInterfaces: 0 }, 1, [9], 8, 10) },
      { title: 'm5.large, WARM_ENI_TARGET 0, 9 pods', ...row(M5_LARGE, { warmInterfaces: 0 }, 9, [9, 9], 9, 20) },
      { title: 'm5.xlarge, no pods', ...row(M5_XLARGE, {}, 0, [14], 14, 15) },
      { title: 'm5.xlarge, 1 pod', ...row(M5_XLARGE, {}, 1, [14, 14], 27, 30) },
      { title: 'm5.xlarge, 15 pods', ...row(M5_XLARGE, {}, 15, [14, 14, 14], 27, 45) },
      { title: 'm4.4xlarge, 1 pod', ...row(M4_4XLARGE, {}, 1, [29, 29], 57, 60) },
      { title: 'm4.4xlarge, 29 pods', ...row(M4_4XLARGE, {}, 29, [29, 29], 29, 60) },
      { title: 'm4.4xlarge, 30 pods', ...row(M4_4XLARGE, {}, 30, [29, 29, 29], 57, 90) },
      { title: 'm8i.large, 1 pod', ...row(M8I_LARGE, {}, 1, [19, 19], 37, 40) },
    ])('$title: $addresses', ({ type, settings, pods, interfaces, unused, addresses }) => {
      expect(addressesPerNode(type, settings, pods)).toEqual({ interfaces, unused, nodeSubnet: addresses, podSubnet: 0 })
    })
  })

  describe('prefixes', () => {
    it.each<Row & { title: string }>([
      { title: 't3.small, no pods', ...row(T3_SMALL, PREFIXES, 0, [1], 16, 17) },
      { title: 't3.small, 5 pods', ...row(T3_SMALL, PREFIXES, 5, [2], 27, 33) },
      { title: 't3.small, 16 pods', ...row(T3_SMALL, PREFIXES, 16, [2], 16, 33) },
      { title: 't3.small, 17 pods', ...row(T3_SMALL, PREFIXES, 17, [3], 31, 49) },
      { title: 't3.small, 58 pods', ...row(T3_SMALL, PREFIXES, 58, [3, 2], 22, 82) },
      { title: 't3.small, warm 1 minimum 1, no pods', ...row(T3_SMALL, { ...PREFIXES, ...warm(1, 1) }, 0, [1], 16, 17) },
      { title: 't3.small, warm 1 minimum 1, 5 pods', ...row(T3_SMALL, { ...PREFIXES, ...warm(1, 1) }, 5, [1], 11, 17) },
      { title: 't3.small, warm 1 minimum 1, 17 pods', ...row(T3_SMALL, { ...PREFIXES, ...warm(1, 1) }, 17, [2], 15, 33) },
      { title: 't3.small, warm 1 minimum 1, 58 pods', ...row(T3_SMALL, { ...PREFIXES, ...warm(1, 1) }, 58, [3, 1], 6, 66) },
      { title: 'm5.large, no pods', ...row(M5_LARGE, PREFIXES, 0, [1], 16, 17) },
      { title: 'm5.large, 1 pod', ...row(M5_LARGE, PREFIXES, 1, [2], 31, 33) },
      { title: 'm5.large, 17 pods', ...row(M5_LARGE, PREFIXES, 17, [3], 31, 49) },
      { title: 'm5.large, warm 5 minimum 10, no pods', ...row(M5_LARGE, { ...PREFIXES, ...warm(5, 10) }, 0, [1], 16, 17) },
      { title: 'm5.large, warm 5 minimum 10, 11 pods', ...row(M5_LARGE, { ...PREFIXES, ...warm(5, 10) }, 11, [1], 5, 17) },
      { title: 'm5.large, warm 5 minimum 10, 12 pods', ...row(M5_LARGE, { ...PREFIXES, ...warm(5, 10) }, 12, [2], 20, 33) },
    ])('$title: $addresses', ({ type, settings, pods, interfaces, unused, addresses }) => {
      expect(addressesPerNode(type, settings, pods)).toEqual({ interfaces, unused, nodeSubnet: addresses, podSubnet: 0 })
    })
  })

  describe('pods in subnets of their own', () => {
    it.each<Row & { title: string }>([
      { title: 'm5.large, no pods', ...row(M5_LARGE, {}, 0, [9], 9, 10) },
      { title: 'm5.large, 1 pod', ...row(M5_LARGE, {}, 1, [9, 9], 17, 20) },
      { title: 'm5.large with prefixes, no pods', ...row(M5_LARGE, PREFIXES, 0, [1], 16, 17) },
      { title: 'm5.large with prefixes, 1 pod', ...row(M5_LARGE, PREFIXES, 1, [2], 31, 33) },
    ])('$title: 1 of the node subnet, $addresses of the pod subnet', ({ type, settings, pods, interfaces, unused, addresses }) => {
      const use = addressesPerNode(type, { ...settings, customNetworking: true }, pods)
      expect(use).toEqual({ interfaces, unused, nodeSubnet: 1, podSubnet: addresses })
    })
  })

  it('security groups for pods cost the trunk interface an address', () => {
    expect(addressesPerNode(M5_LARGE, { podEni: true }, 1).nodeSubnet).toBe(21)
  })

  it('IPv6 takes the address of the instance and nothing warm', () => {
    expect(addressesPerNode(M5_LARGE, { ipFamily: 'ipv6' }, 20)).toEqual({ interfaces: [], unused: 0, nodeSubnet: 1, podSubnet: 0 })
  })
})

describe('max pods', () => {
  const custom: PoolSettings = { customNetworking: true }
  it.each([
    { title: 'm5.large', type: M5_LARGE, settings: {}, pods: 29 },
    { title: 'm5.large with custom networking', type: M5_LARGE, settings: custom, pods: 20 },
    { title: 'm5.large with prefixes is capped', type: M5_LARGE, settings: PREFIXES, pods: 110 },
    { title: 'm5.large with custom networking and prefixes is capped', type: M5_LARGE, settings: { ...custom, ...PREFIXES }, pods: 110 },
    { title: 'a large type with prefixes is capped higher', type: P3DN, settings: PREFIXES, pods: 250 },
    { title: 't3.small', type: T3_SMALL, settings: {}, pods: 11 },
    { title: 't3.medium', type: limits(3, 6), settings: {}, pods: 17 },
    { title: 't3.large', type: limits(3, 12), settings: {}, pods: 35 },
    { title: 'm5.xlarge', type: M5_XLARGE, settings: {}, pods: 58 },
    { title: 'c5.4xlarge', type: limits(8, 30, 16), settings: {}, pods: 234 },
    { title: 'm8i.large', type: M8I_LARGE, settings: {}, pods: 59 },
    { title: 'p3dn.24xlarge', type: P3DN, settings: {}, pods: 737 },
    { title: 'security groups for pods change nothing', type: M5_LARGE, settings: { podEni: true }, pods: 29 },
  ])('$title: $pods', ({ type, settings, pods }) => {
    expect(maxPods(type, settings)).toBe(pods)
  })

  it('is known before the cap', () => {
    expect(uncappedMaxPods(M5_LARGE, PREFIXES)).toBe(434)
    expect(uncappedMaxPods(M5_LARGE, { ...custom, ...PREFIXES })).toBe(290)
  })

  it('can exceed the addresses of a node whose trunk takes an interface', () => {
    expect(podCapacity(M5_LARGE, { podEni: true })).toBe(18)
  })
})

describe('the surge of a managed update', () => {
  it.each([
    { title: 'three zones, one at a time', zones: 3, maxUnavailable: 1, strategy: 'DEFAULT' as const, nodes: 6 },
    { title: 'five zones, one at a time', zones: 5, maxUnavailable: 1, strategy: 'DEFAULT' as const, nodes: 10 },
    { title: 'five zones, twenty at a time', zones: 5, maxUnavailable: 20, strategy: 'DEFAULT' as const, nodes: 20 },
    { title: 'MINIMAL adds none', zones: 3, maxUnavailable: 4, strategy: 'MINIMAL' as const, nodes: 0 },
  ])('$title: $nodes nodes', ({ nodes, ...group }) => {
    expect(surgeNodes(group)).toBe(nodes)
  })

  it.each([
    { surge: 6, zones: 3, inZone: 2 },
    { surge: 20, zones: 3, inZone: 7 },
    { surge: 0, zones: 3, inZone: 0 },
  ])('$surge nodes over $zones zones: up to $inZone in one', ({ surge, zones, inZone }) => {
    expect(surgeInZone(surge, zones)).toBe(inZone)
  })
})
