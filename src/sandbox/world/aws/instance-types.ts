/** Facts of an EC2 instance type that networking and scheduling depend on. */
export interface InstanceTypeFacts {
  readonly vcpus: number
  readonly memoryMiB: number
  readonly architecture: 'amd64' | 'arm64'
  /** ENIs of the default network card. */
  readonly interfaces: number
  /** IPv4 addresses per ENI, the primary one included. */
  readonly addressesPerInterface: number
}

type Row = readonly [type: string, vcpus: number, memoryGiB: number, interfaces: number, addresses: number, architecture?: 'arm64']

/**
 * Limits as listed by amazon-vpc-cni-k8s (misc/eni-max-pods.txt and pkg/vpc/vpc_ip_resource_limit.go) and by the EC2 user guide.
 * A world that names another type is refused rather than guessed at.
 */
const ROWS: readonly Row[] = [
  ['t3.small', 2, 2, 3, 4],
  ['t3.medium', 2, 4, 3, 6],
  ['t3.large', 2, 8, 3, 12],
  ['t3.xlarge', 4, 16, 4, 15],
  ['t4g.medium', 2, 4, 3, 6, 'arm64'],
  ['t4g.large', 2, 8, 3, 12, 'arm64'],
  ['m5.large', 2, 8, 3, 10],
  ['m5.xlarge', 4, 16, 4, 15],
  ['m5.2xlarge', 8, 32, 4, 15],
  ['m5.4xlarge', 16, 64, 8, 30],
  ['m5.24xlarge', 96, 384, 15, 50],
  ['m6i.large', 2, 8, 3, 10],
  ['m6i.xlarge', 4, 16, 4, 15],
  ['m6i.2xlarge', 8, 32, 4, 15],
  ['m6i.4xlarge', 16, 64, 8, 30],
  ['m6g.large', 2, 8, 3, 10, 'arm64'],
  ['m6g.xlarge', 4, 16, 4, 15, 'arm64'],
  ['m7g.large', 2, 8, 3, 10, 'arm64'],
  ['m7g.xlarge', 4, 16, 4, 15, 'arm64'],
  ['m7g.2xlarge', 8, 32, 4, 15, 'arm64'],
  ['m7i.large', 2, 8, 3, 10],
  ['m7i.xlarge', 4, 16, 4, 15],
  ['m8i.large', 2, 8, 3, 20],
  ['c5.large', 2, 4, 3, 10],
  ['c5.xlarge', 4, 8, 4, 15],
  ['c5.2xlarge', 8, 16, 4, 15],
  ['c5.4xlarge', 16, 32, 8, 30],
  ['c6i.large', 2, 4, 3, 10],
  ['c6i.xlarge', 4, 8, 4, 15],
  ['c6i.2xlarge', 8, 16, 4, 15],
  ['c7g.large', 2, 4, 3, 10, 'arm64'],
  ['c7g.xlarge', 4, 8, 4, 15, 'arm64'],
  ['r5.large', 2, 16, 3, 10],
  ['r5.xlarge', 4, 32, 4, 15],
  ['r6i.large', 2, 16, 3, 10],
  ['r6i.xlarge', 4, 32, 4, 15],
  ['r6i.2xlarge', 8, 64, 4, 15],
  ['r6g.large', 2, 16, 3, 10, 'arm64'],
  ['r6g.xlarge', 4, 32, 4, 15, 'arm64'],
  ['i4i.large', 2, 16, 3, 10],
  ['i4i.xlarge', 4, 32, 4, 15],
  ['g4dn.xlarge', 4, 16, 3, 10],
  ['g5.xlarge', 4, 16, 4, 15],
  ['g5.2xlarge', 8, 32, 4, 15],
  ['p3dn.24xlarge', 96, 768, 15, 50],
]

const TYPES: ReadonlyMap<string, InstanceTypeFacts> = new Map(
  ROWS.map(([type, vcpus, memoryGiB, interfaces, addresses, architecture]) => [
    type,
    { vcpus, memoryMiB: memoryGiB * 1024, architecture: architecture ?? 'amd64', interfaces, addressesPerInterface: addresses },
  ]),
)

/** The instance types of a world. */
export interface InstanceTypes {
  readonly names: readonly string[]
  find(type: string): InstanceTypeFacts | undefined
  /** Throws for a type that the world does not know. */
  get(type: string): InstanceTypeFacts
}

/** The built-in types and those that a snapshot describes. */
export function createInstanceTypes(extra: Readonly<Record<string, InstanceTypeFacts>>): InstanceTypes {
  const types = new Map([...TYPES, ...Object.entries(extra)])
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

/**
 * Pods that kubelet allows: N x (M-1) + 2, capped at 110 below 30 vCPU and at 250 otherwise.
 * Formula: awslabs/amazon-eks-ami, nodeadm/internal/kubelet/eni_max_pods.go; cap: EKS user guide, "choosing an instance type".
 */
export function maxPods(facts: InstanceTypeFacts): number {
  const byAddresses = facts.interfaces * (facts.addressesPerInterface - 1) + 2
  return Math.min(byAddresses, facts.vcpus < 30 ? 110 : 250)
}
