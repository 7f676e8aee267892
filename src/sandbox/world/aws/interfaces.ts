import type { Instant } from '../../../model/instant.ts'
import { keyedId } from '../../../model/keyed.ts'
import type { Subnets } from './addresses.ts'

/** An elastic network interface with its addresses, all taken from one subnet. */
export interface Interface {
  readonly id: string
  readonly subnetId: string
  /** Absent for interfaces of others in the VPC. */
  readonly instanceId?: string
  readonly deviceIndex: number
  readonly description: string
  readonly primary: string
  readonly secondary: string[]
  readonly createdAt: Instant
}

export interface NewInterface {
  readonly subnetId: string
  readonly instanceId?: string
  readonly deviceIndex: number
  readonly description: string
  readonly secondary: number
}

export interface Interfaces {
  /** All or nothing, as CreateNetworkInterface: undefined when the subnet has too few addresses. */
  create(wanted: NewInterface): Interface | undefined
  /** All or nothing, as AssignPrivateIpAddresses. */
  addSecondary(target: Interface, count: number): boolean
  remove(target: Interface): void
  ofInstance(instanceId: string): readonly Interface[]
  all(): readonly Interface[]
}

export function createInterfaces(subnets: Subnets, now: () => Instant, seed: number): Interfaces {
  const byId = new Map<string, Interface>()
  const byInstance = new Map<string, Interface[]>()
  const counts = new Map<string, number>()

  function take(subnetId: string, count: number): string[] | undefined {
    if (subnets.free(subnetId) < count) return undefined
    return Array.from({ length: count }, () => subnets.take(subnetId)).filter((address) => address !== undefined)
  }

  function identify(owner: string): string {
    const nth = (counts.get(owner) ?? 0) + 1
    counts.set(owner, nth)
    return `eni-${keyedId(17, seed, 'interface', owner, nth)}`
  }

  function create(wanted: NewInterface): Interface | undefined {
    const addresses = take(wanted.subnetId, 1 + wanted.secondary)
    const primary = addresses?.[0]
    if (addresses === undefined || primary === undefined) return undefined
    const { secondary: _count, ...rest } = wanted
    const id = identify(wanted.instanceId ?? `${wanted.subnetId}/${wanted.description}`)
    const made: Interface = { ...rest, id, primary, secondary: addresses.slice(1), createdAt: now() }
    byId.set(id, made)
    if (wanted.instanceId !== undefined) byInstance.set(wanted.instanceId, [...(byInstance.get(wanted.instanceId) ?? []), made])
    return made
  }

  function addSecondary(target: Interface, count: number): boolean {
    const addresses = take(target.subnetId, count)
    if (addresses === undefined) return false
    target.secondary.push(...addresses)
    return true
  }

  function remove(target: Interface): void {
    if (!byId.delete(target.id)) throw new Error(`Interface ${target.id} was removed twice.`)
    for (const address of [target.primary, ...target.secondary]) subnets.give(target.subnetId, address)
    if (target.instanceId === undefined) return
    const rest = (byInstance.get(target.instanceId) ?? []).filter((other) => other !== target)
    if (rest.length > 0) byInstance.set(target.instanceId, rest)
    else byInstance.delete(target.instanceId)
  }

  return {
    create,
    addSecondary,
    remove,
    ofInstance: (instanceId) => byInstance.get(instanceId) ?? [],
    all: () => [...byId.values()],
  }
}
