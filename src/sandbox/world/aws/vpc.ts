import { MINUTE, type Millis } from '../../../model/instant.ts'
import { keyedId } from '../../../model/keyed.ts'
import type { Faults, Timeline } from '../../contract.ts'
import type { LeakedSpec } from '../network-spec.ts'
import type { SubnetSpec, WorldSpec } from '../world-spec.ts'
import { createSubnets, type Subnets } from './addresses.ts'
import { type Caller, createInterfaceCalls, type InterfaceCalls, type Refusal } from './interface-calls.ts'
import { createInterfaces, type Interfaces } from './interfaces.ts'
import { interfaceTags } from './ipamd/growth.ts'
import { createRequestBuckets, type RequestBuckets } from './request-buckets.ts'

/** Subnets and interfaces of the account, and the limits on requests about them. */
export interface Vpc {
  readonly subnets: Subnets
  readonly interfaces: Interfaces
  readonly buckets: RequestBuckets
  readonly calls: InterfaceCalls
  /** Everything of the beginning has its addresses: others take what the world says of theirs. */
  crowd(): void
}

/** How long before the world's beginning an interface was left behind. */
const LEAKED_SINCE: Millis = 90 * MINUTE
const ADDRESSES_OF_OTHERS = 10

interface VpcDeps {
  readonly timeline: Timeline
  readonly faults: Faults
  readonly spec: WorldSpec
}

/** Throws Error when a subnet is too small for what a world file puts into it. */
export function openVpc(deps: VpcDeps): Vpc {
  const { timeline, spec } = deps
  const now = () => timeline.now()
  const { reservations, requestBuckets, strays = [], leaked = [] } = spec.network ?? {}
  const subnets = createSubnets(spec.subnets, exhaustion(deps), reservations)
  const interfaces = createInterfaces(subnets, now, spec.seed)
  for (const { id, used } of spec.subnets) occupy(interfaces, id, used)
  for (const { subnetId, address } of strays) {
    const made = interfaces.create({ subnetId, deviceIndex: 0, description: 'in use by others', address })
    if (made === undefined) throw new Error(`Subnet ${subnetId} cannot give the address ${address} to others.`)
  }
  for (const each of leaked) leak(interfaces, each, spec)
  const buckets = createRequestBuckets(now, requestBuckets)
  const counts = () => now() > spec.start
  const calls = createInterfaceCalls({ subnets, interfaces, buckets, counts, refusal: denial(deps) })
  return { subnets, interfaces, buckets, calls, crowd: () => crowd(spec, subnets, interfaces) }
}

/** Whether a fault leaves a subnet without addresses now. */
function exhaustion({ spec, faults }: VpcDeps): (subnet: SubnetSpec) => boolean {
  const groupsOf = (id: string) => spec.nodeGroups.filter(({ subnetIds }) => subnetIds.includes(id)).map(({ name }) => name)
  const subjects = new Map(spec.subnets.map(({ id, zone }) => [id, { subnetId: id, zone, group: groupsOf(id) }]))
  return ({ id }) => faults.effects('subnet/exhausted', subjects.get(id) ?? { subnetId: id }).length > 0
}

const ROLES = { ipamd: 'aws-node', 'resource-controller': 'cluster' } as const

/** What IAM does not allow the caller. */
function denial({ faults }: VpcDeps): (caller: Caller, action: string) => Refusal | undefined {
  return ({ role, group }, action) => {
    const [name = ''] = action.split('/')
    const denied = faults.effects('iam/denied', { role: ROLES[role], action: `ec2:${name}`, group: nodeGroupOf(group) }).length > 0
    return denied ? { code: 'UnauthorizedOperation', message: 'You are not authorized to perform this operation.' } : undefined
  }
}

/** Scenarios name node groups; the Auto Scaling group of a managed one is `eks-NAME-` and a UUID. */
function nodeGroupOf(scalingGroup: string): string {
  return scalingGroup.replace(/^eks-(.+)-[0-9a-f-]{36}$/, '$1')
}

/** The security group that EKS makes for the cluster and its nodes. */
export function clusterSecurityGroup({ cluster, seed }: WorldSpec): string {
  return `sg-${keyedId(17, seed, 'security-group', cluster.name)}`
}

/** Addresses of others in the VPC, ten to an interface. */
function occupy(interfaces: Interfaces, subnetId: string, count: number): void {
  for (let left = count; left > 0; left -= ADDRESSES_OF_OTHERS) {
    const secondary = Math.min(left, ADDRESSES_OF_OTHERS) - 1
    const made = interfaces.create({ subnetId, deviceIndex: 0, description: 'in use by others', secondary })
    if (made === undefined) throw new Error(`Subnet ${subnetId} has fewer than ${count} addresses.`)
  }
}

function crowd({ subnets: specs, network = {} }: WorldSpec, subnets: Subnets, interfaces: Interfaces): void {
  for (const id of network.fragmented ?? []) fragment(subnets, interfaces, id)
  const left = [...specs.flatMap(({ id, free }) => (free === undefined ? [] : [{ subnetId: id, free }])), ...(network.crowded ?? [])]
  for (const { subnetId, free } of left) occupy(interfaces, subnetId, subnets.free(subnetId) - free)
}

/** One address of others in each block that is whole. */
function fragment(subnets: Subnets, interfaces: Interfaces, subnetId: string): void {
  for (let blocks = subnets.takePrefixes(subnetId, 1); blocks?.[0] !== undefined; blocks = subnets.takePrefixes(subnetId, 1)) {
    const [block] = blocks
    subnets.givePrefix(subnetId, block)
    interfaces.create({ subnetId, deviceIndex: 0, description: 'in use by others', address: block.replace(/\/28$/, '') })
  }
}

/** Interfaces of instances that died between making and attaching them. */
function leak(interfaces: Interfaces, { subnetId, count, secondary }: LeakedSpec, { start, cluster }: WorldSpec): void {
  for (let nth = 0; nth < count; nth++) {
    const instanceId = `i-${String(nth).padStart(17, '0')}`
    const createdAt = start - LEAKED_SINCE
    const made = interfaces.create({
      subnetId,
      deviceIndex: 0,
      description: `aws-K8S-${instanceId}`,
      secondary,
      status: 'available',
      createdAt,
      tags: interfaceTags(instanceId, cluster.name, createdAt),
    })
    if (made === undefined) throw new Error(`Subnet ${subnetId} has no room for ${count} interfaces that were left behind.`)
  }
}
