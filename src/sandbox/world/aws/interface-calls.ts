import type { Subnets } from './addresses.ts'
import type { Instance } from './instances.ts'
import type { Interface, Interfaces, NewInterface, TrunkAssociation } from './interfaces.ts'
import type { RequestBuckets } from './request-buckets.ts'

/** EC2's error as its caller sees it. */
export interface Refusal {
  readonly code: string
  readonly message: string
}

/** Who calls EC2 from inside the world, and about which subnet. */
export interface Caller {
  readonly role: 'ipamd' | 'resource-controller'
  readonly subnetId: string
  readonly group: string
  /** Counts its calls, and what EC2 does not carry out of them. */
  readonly tally?: { readonly asked: () => void; readonly refused: (action: string, refusal: Refusal) => void }
  /** Whether EC2 can be reached from there; it can unless said. */
  readonly reaches?: () => boolean
}

/** The calls to EC2 that ipamd and the resource controller make: they share the account's request limits with everybody else. */
export interface InterfaceCalls {
  /** One request that changes nothing here. */
  ask(caller: Caller, action: string): Refusal | undefined
  create(caller: Caller, wanted: NewInterface): Interface | Refusal
  /** Creates and attaches. What could not be attached is deleted again, or stays behind when that is refused too. */
  createAttached(caller: Caller, instance: Instance, wanted: NewInterface): Interface | Refusal
  assignAddresses(caller: Caller, target: Interface, count: number): readonly string[] | Refusal
  assignPrefixes(caller: Caller, target: Interface, count: number): readonly string[] | Refusal
  unassign(caller: Caller, target: Interface, ranges: readonly string[]): Refusal | undefined
  associate(caller: Caller, branch: Interface, trunk: Interface, vlanId: number): TrunkAssociation | Refusal
  /** Detaches, or disassociates a branch, and deletes. */
  remove(caller: Caller, target: Interface): Refusal | undefined
}

export interface InterfaceCallDeps {
  readonly subnets: Subnets
  readonly interfaces: Interfaces
  readonly buckets: RequestBuckets
  /** Whether requests count yet: what the world begins with was made long ago. */
  readonly counts: () => boolean
  /** Whether a fault of the scenarios refuses the call. */
  readonly refusal: (caller: Caller, action: string) => Refusal | undefined
}

/** No error of EC2: the request times out. */
export const NO_ANSWER: Refusal = { code: 'RequestTimeout', message: 'request send failed, i/o timeout' }
const THROTTLED: Refusal = { code: 'RequestLimitExceeded', message: 'Request limit exceeded.' }
const NO_ADDRESS: Refusal = {
  code: 'InsufficientFreeAddressesInSubnet',
  message: 'The specified subnet does not have enough free addresses to satisfy the request.',
}
const NO_BLOCK: Refusal = {
  code: 'InsufficientCidrBlocks',
  message: 'The specified subnet does not have enough free cidr blocks to satisfy the request.',
}

export function isRefusal(answer: object): answer is Refusal {
  return 'code' in answer
}

/** Whether a subnet lacks what was asked for, which ipamd takes as a reason to wait longer. */
export function isShortOfAddresses({ code }: Refusal): boolean {
  return code === NO_ADDRESS.code || code === NO_BLOCK.code
}

function refuse(caller: Caller, action: string, refusal: Refusal): Refusal {
  caller.tally?.refused(action, refusal)
  return refusal
}

export function createInterfaceCalls(deps: InterfaceCallDeps): InterfaceCalls {
  const { interfaces, subnets } = deps
  const ask: InterfaceCalls['ask'] = (caller, action) => {
    if (!deps.counts()) return undefined
    caller.tally?.asked()
    if (caller.reaches?.() === false) return refuse(caller, action, NO_ANSWER)
    const refusal = deps.buckets.take(action) ? deps.refusal(caller, action) : THROTTLED
    return refusal && refuse(caller, action, refusal)
  }
  const shortage = (subnetId: string, prefixes: number) => (prefixes > subnets.freePrefixes(subnetId) ? NO_BLOCK : NO_ADDRESS)

  const create: InterfaceCalls['create'] = (caller, wanted) =>
    ask(caller, 'CreateNetworkInterface') ??
    interfaces.create(wanted) ??
    refuse(caller, 'CreateNetworkInterface', shortage(wanted.subnetId, wanted.prefixes ?? 0))

  function remove(caller: Caller, target: Interface): Refusal | undefined {
    const parting = target.association === undefined ? 'DetachNetworkInterface' : 'DisassociateTrunkInterface'
    const attached = target.instanceId !== undefined || target.association !== undefined
    const refusal = (attached ? ask(caller, parting) : undefined) ?? ask(caller, 'DeleteNetworkInterface')
    if (refusal === undefined) interfaces.remove(target)
    return refusal
  }

  return {
    ask,
    create,
    createAttached(caller, instance, wanted) {
      const made = create(caller, { ...wanted, instanceId: instance.id })
      if (isRefusal(made)) return made
      const refusal =
        ask(caller, 'DescribeInstances') ?? ask(caller, 'AttachNetworkInterface') ?? ask(caller, 'ModifyNetworkInterfaceAttribute')
      if (refusal === undefined) return made
      interfaces.abandon(made)
      if (ask(caller, 'DeleteNetworkInterface') === undefined) interfaces.remove(made)
      return refusal
    },
    assignAddresses: (caller, target, count) =>
      ask(caller, 'AssignPrivateIpAddresses') ??
      interfaces.addSecondary(target, count) ??
      refuse(caller, 'AssignPrivateIpAddresses', NO_ADDRESS),
    assignPrefixes: (caller, target, count) =>
      ask(caller, 'AssignPrivateIpAddresses') ??
      interfaces.addPrefixes(target, count) ??
      refuse(caller, 'AssignPrivateIpAddresses', shortage(target.subnetId, count)),
    unassign(caller, target, ranges) {
      const refusal = ask(caller, 'UnassignPrivateIpAddresses')
      if (refusal !== undefined) return refusal
      for (const range of ranges) {
        if (range.includes('/')) interfaces.removePrefix(target, range)
        else interfaces.removeSecondary(target, range)
      }
      return undefined
    },
    associate: (caller, branch, trunk, vlanId) => ask(caller, 'AssociateTrunkInterface') ?? interfaces.associate(branch, trunk, vlanId),
    remove,
  }
}
