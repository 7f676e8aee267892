import { FAMILIES, type Family } from './instance-families.ts'

/** Facts of an EC2 instance type that networking and scheduling depend on. */
export interface InstanceTypeFacts {
  readonly vcpus: number
  readonly memoryMiB: number
  readonly architecture: 'amd64' | 'arm64'
  /** ENIs of the default network card. */
  readonly interfaces: number
  /** IPv4 addresses per ENI, the primary one included. */
  readonly addressesPerInterface: number
  /** Branch interfaces of its trunk; none where it cannot have a trunk, or where nobody knows. */
  readonly branchInterfaces?: number
}

/** A world that names a type which is not listed is refused rather than guessed at. */
const TYPES: ReadonlyMap<string, InstanceTypeFacts> = new Map(FAMILIES.flatMap(typesOf))

function typesOf(family: Family): (readonly [string, InstanceTypeFacts])[] {
  return family.names.split(' ').flatMap((name) => family.sizes.map((size) => typeOf(name, family, size)))
}

function typeOf(name: string, { gibPerVcpu, architecture = 'amd64' }: Family, row: string): readonly [string, InstanceTypeFacts] {
  const [size = '', power = '', limits = '', branches = ''] = row.split(' ')
  const [vcpus = 0, memoryGiB = vcpus * gibPerVcpu] = power.split('/').map(Number)
  const [interfaces = 0, addressesPerInterface = 0] = limits.split('x').map(Number)
  const branchInterfaces = Number(branches)
  return [`${name}.${size}`, { vcpus, memoryMiB: memoryGiB * 1024, architecture, interfaces, addressesPerInterface, branchInterfaces }]
}

/** The instance types of a world. */
export interface InstanceTypes {
  readonly names: readonly string[]
  find(type: string): InstanceTypeFacts | undefined
  /** Throws for a type that the world does not know. */
  get(type: string): InstanceTypeFacts
}

/** The built-in types and those that a snapshot describes. */
export function createInstanceTypes(extra: Readonly<Record<string, InstanceTypeFacts>>): InstanceTypes {
  const types = new Map([...TYPES, ...Object.entries(extra).map(([type, facts]) => [type, { ...TYPES.get(type), ...facts }] as const)])
  return {
    names: [...types.keys()],
    find: (type) => types.get(type),
    get(type) {
      const facts = types.get(type)
      if (facts === undefined) throw new Error(`The sandbox does not know the instance type ${type}.`)
      return facts
    },
  }
}

/** Modes of the pod network that decide how many pods a node can address. */
export interface AddressingMode {
  /** Each slot of an interface holds a /28 instead of one address; IPv6 always delegates prefixes. */
  readonly prefixes: boolean
  /** Pods get no addresses of the primary interface. */
  readonly customNetworking: boolean
}

const PLAIN: AddressingMode = { prefixes: false, customNetworking: false }
const ADDRESSES_PER_PREFIX = 16

/** Pods of a type by its addresses, before any cap: N x (M-1) + 2, one interface fewer with custom networking, times 16 with prefixes. */
export function podsByAddresses({ interfaces, addressesPerInterface }: InstanceTypeFacts, mode: AddressingMode = PLAIN): number {
  const usable = mode.customNetworking ? interfaces - 1 : interfaces
  return usable * (addressesPerInterface - 1) * (mode.prefixes ? ADDRESSES_PER_PREFIX : 1) + 2
}

/**
 * Pods that kubelet allows: those it has addresses for, capped at 110 below 30 vCPU and at 250 otherwise.
 * Formula: awslabs/amazon-eks-ami, nodeadm/internal/kubelet/eni_max_pods.go; cap: EKS user guide, "choosing an instance type".
 */
export function maxPods(facts: InstanceTypeFacts, mode: AddressingMode = PLAIN): number {
  return Math.min(podsByAddresses(facts, mode), facts.vcpus < 30 ? 110 : 250)
}
