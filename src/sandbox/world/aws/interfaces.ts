import type { Instant } from '../../../model/instant.ts'
import { keyedId } from '../../../model/keyed.ts'
import type { Subnets } from './addresses.ts'

/** An elastic network interface with its addresses, all taken from one subnet. */
export interface Interface {
  readonly id: string
  readonly subnetId: string
  /** Absent for interfaces of others in the VPC, for branches, and for those that nobody attached. */
  instanceId?: string
  readonly deviceIndex: number
  readonly description: string
  readonly type: InterfaceType
  readonly primary: string
  readonly secondary: Set<string>
  /** Delegated /28s. */
  readonly prefixes: Set<string>
  /** The /80 that pods of an IPv6 cluster get theirs from. */
  ipv6Prefix?: string
  readonly securityGroups: readonly string[]
  readonly createdAt: Instant
  tags: Readonly<Record<string, string>>
  status: 'in-use' | 'available'
  /** The trunk that a branch is associated with, and under which id and VLAN. */
  association?: TrunkAssociation
}

export type InterfaceType = 'interface' | 'trunk' | 'branch'

export interface TrunkAssociation {
  readonly id: string
  readonly trunkId: string
  readonly vlanId: number
}

export interface NewInterface {
  readonly subnetId: string
  readonly instanceId?: string
  readonly deviceIndex: number
  readonly description: string
  readonly type?: InterfaceType
  /** The primary address, when it has to be a certain one. */
  readonly address?: string
  readonly secondary?: number
  readonly prefixes?: number
  readonly securityGroups?: readonly string[]
  readonly tags?: Readonly<Record<string, string>>
  readonly status?: Interface['status']
  /** When it was made, where that was before the world's beginning. */
  readonly createdAt?: Instant
}

export interface Interfaces {
  /** All or nothing, as CreateNetworkInterface: undefined when the subnet has too few addresses or prefixes. */
  create(wanted: NewInterface): Interface | undefined
  /** All or nothing, as AssignPrivateIpAddresses: the addresses, or undefined. */
  addSecondary(target: Interface, count: number): readonly string[] | undefined
  addPrefixes(target: Interface, count: number): readonly string[] | undefined
  /** The interface's /80; undefined when its subnet has no IPv6 block. */
  addIpv6Prefix(target: Interface): string | undefined
  removeSecondary(target: Interface, address: string): void
  removePrefix(target: Interface, prefix: string): void
  associate(branch: Interface, trunk: Interface, vlanId: number): TrunkAssociation
  /** It was never attached, or is no longer: it keeps its addresses and is `available`. */
  abandon(target: Interface): void
  /** Its addresses are free again; branches of a trunk stay behind, attached to nothing. */
  remove(target: Interface): void
  get(id: string): Interface | undefined
  ofInstance(instanceId: string): readonly Interface[]
  all(): readonly Interface[]
}

interface Registry {
  readonly subnets: Subnets
  readonly seed: number
  readonly byId: Map<string, Interface>
  readonly byInstance: Map<string, Interface[]>
  readonly branches: Map<string, Set<Interface>>
  readonly counts: Map<string, number>
}

export function createInterfaces(subnets: Subnets, now: () => Instant, seed: number): Interfaces {
  const registry: Registry = { subnets, seed, byId: new Map(), byInstance: new Map(), branches: new Map(), counts: new Map() }
  return {
    create: (wanted) => create(registry, wanted, wanted.createdAt ?? now()),
    addSecondary: (target, count) => add(target.secondary, subnets.take(target.subnetId, count)),
    addPrefixes: (target, count) => add(target.prefixes, subnets.takePrefixes(target.subnetId, count)),
    addIpv6Prefix: (target) => addIpv6Prefix(registry, target),
    removeSecondary(target, address) {
      target.secondary.delete(address)
      subnets.give(target.subnetId, address)
    },
    removePrefix(target, prefix) {
      target.prefixes.delete(prefix)
      subnets.givePrefix(target.subnetId, prefix)
    },
    associate: (branch, trunk, vlanId) => associate(registry, branch, trunk, vlanId),
    abandon(target) {
      forgetInstance(registry, target)
      target.status = 'available'
      delete target.instanceId
    },
    remove: (target) => remove(registry, target),
    get: (id) => registry.byId.get(id),
    ofInstance: (instanceId) => registry.byInstance.get(instanceId) ?? [],
    all: () => [...registry.byId.values()],
  }
}

function add(held: Set<string>, taken: readonly string[] | undefined): readonly string[] | undefined {
  for (const each of taken ?? []) held.add(each)
  return taken
}

function create(registry: Registry, wanted: NewInterface, createdAt: Instant): Interface | undefined {
  const { subnets, seed, byId, byInstance } = registry
  const { subnetId, instanceId, deviceIndex, description, type = 'interface', secondary = 0, prefixes = 0 } = wanted
  const blocks = subnets.takePrefixes(subnetId, prefixes)
  if (blocks === undefined) return undefined
  const [primary, ...addresses] = takeAddresses(subnets, wanted, secondary) ?? []
  if (primary === undefined) {
    for (const block of blocks) subnets.givePrefix(subnetId, block)
    return undefined
  }
  const owner = instanceId ?? `${subnetId}/${description}`
  const made: Interface = {
    subnetId,
    ...(instanceId === undefined ? {} : { instanceId }),
    deviceIndex,
    description,
    type,
    id: `eni-${keyedId(17, seed, 'interface', owner, nth(registry, owner))}`,
    primary,
    secondary: new Set(addresses),
    prefixes: new Set(blocks),
    securityGroups: wanted.securityGroups ?? [],
    createdAt,
    tags: wanted.tags ?? {},
    status: wanted.status ?? 'in-use',
  }
  byId.set(made.id, made)
  if (instanceId !== undefined) byInstance.set(instanceId, [...(byInstance.get(instanceId) ?? []), made])
  return made
}

function takeAddresses(subnets: Subnets, { subnetId, address }: NewInterface, secondary: number): readonly string[] | undefined {
  if (address === undefined) return subnets.take(subnetId, 1 + secondary)
  return subnets.hold(subnetId, address) ? [address, ...(subnets.take(subnetId, secondary) ?? [])] : undefined
}

function nth({ counts }: Registry, owner: string): number {
  const next = (counts.get(owner) ?? 0) + 1
  counts.set(owner, next)
  return next
}

/** Each /80 of a subnet's /64 once; there are more than a world has time for. */
function addIpv6Prefix(registry: Registry, target: Interface): string | undefined {
  const block = registry.subnets.get(target.subnetId)?.ipv6Cidr
  if (block === undefined) return undefined
  target.ipv6Prefix ??= `${block.replace('::/64', '')}:${nth(registry, `ipv6/${target.subnetId}`).toString(16)}::/80`
  return target.ipv6Prefix
}

function associate({ seed, branches }: Registry, branch: Interface, trunk: Interface, vlanId: number): TrunkAssociation {
  const association = { id: `trunk-assoc-${keyedId(17, seed, 'association', branch.id)}`, trunkId: trunk.id, vlanId }
  branch.association = association
  branch.status = 'in-use'
  const ofTrunk = branches.get(trunk.id) ?? new Set()
  branches.set(trunk.id, ofTrunk.add(branch))
  return association
}

function remove(registry: Registry, target: Interface): void {
  const { subnets, byId, branches } = registry
  if (!byId.delete(target.id)) throw new Error(`Interface ${target.id} was removed twice.`)
  for (const address of [target.primary, ...target.secondary]) subnets.give(target.subnetId, address)
  for (const prefix of target.prefixes) subnets.givePrefix(target.subnetId, prefix)
  for (const branch of branches.get(target.id) ?? []) {
    branch.status = 'available'
    delete branch.association
  }
  branches.delete(target.id)
  if (target.association !== undefined) branches.get(target.association.trunkId)?.delete(target)
  forgetInstance(registry, target)
}

function forgetInstance({ byInstance }: Registry, target: Interface): void {
  if (target.instanceId === undefined) return
  const rest = (byInstance.get(target.instanceId) ?? []).filter((other) => other !== target)
  if (rest.length > 0) byInstance.set(target.instanceId, rest)
  else byInstance.delete(target.instanceId)
}

/** A locally administered address, as EC2's are; it follows from the interface's id. */
export function macAddress(interfaceId: string): string {
  const hex = keyedId(10, 'mac', interfaceId)
  return ['02', ...Array.from({ length: 5 }, (_none, nth) => hex.slice(2 * nth, 2 * nth + 2))].join(':')
}
