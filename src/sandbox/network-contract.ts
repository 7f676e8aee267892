/** Addresses for pods, by the rules of the VPC CNI; the AWS half keeps the accounts. */
export interface PodNetwork {
  /** ipamd starts on an instance: its warm pool is filled. A refusal carries the text ipamd would log; it does not serve then. */
  start(instanceId: string, node: IpamdNode): { readonly ok: true } | { readonly ok: false; readonly reason: string }
  /** An address for a pod, or undefined when the pool and the subnet have none. */
  assign(instanceId: string, podUid: string): string | undefined
  release(instanceId: string, podUid: string): void
  /** Something about the node changed, such as a cordon: ipamd looks at its pool again. */
  look(instanceId: string): void
  /**
   * ipamd compares its interfaces with those that the instance metadata names, of which one is lacking when that is stale. The line
   * that it writes into its log, if any.
   */
  reconcile(instanceId: string, isStale: boolean): string | undefined
  /** Whether ipamd forgot a pod with the interface that its address is of: nothing comes through to it until it is made anew. */
  isCutOff(instanceId: string, podUid: string): boolean
  /** What ipamd counts; undefined before its first start. */
  figures(instanceId: string): PoolFigures | undefined
}

export interface PoolFigures {
  readonly interfaces: number
  readonly mostInterfaces: number
  /** Addresses for pods that the instance type can hold, the mode of prefixes left aside. */
  readonly mostAddresses: number
  readonly total: number
  readonly assigned: number
  readonly prefixes: number
  /** How often a pod asked and there was none. */
  readonly unanswered: number
  /** The code of EC2's answer to the last attempt to grow, if that was a refusal. */
  readonly refusal?: string
  /** Calls to EC2. */
  readonly requests: number
  /** EC2's refusals, by action and code: `CreateTags UnauthorizedOperation`. */
  readonly errors: ReadonlyMap<string, number>
  /** Calls to EC2 that failed, refused or without any answer, by action. */
  readonly failedCalls: ReadonlyMap<string, number>
  /** What ipamd could not do, by its function: `increaseIPPoolAllocENI`. */
  readonly failures: ReadonlyMap<string, number>
  /** Interfaces that were dropped although pods had addresses of them, and those addresses. */
  readonly forcedOut: { readonly interfaces: number; readonly addresses: number }
}

/** What ipamd reads of its node, and of the container it runs in. */
export interface IpamdNode {
  /** Pods of the node's capacity. */
  readonly maxPods: number
  readonly environment: Readonly<Record<string, string>>
  /** Whether the node has the taint of a cordon now. */
  isUnschedulable(): boolean
  /** Whether there is a way from the node to EC2 now. */
  reachesAws(): boolean
  /** Where interfaces for pods are made with custom networking; undefined when no ENIConfig fits the node. */
  eniConfig(): EniPlace | undefined
}

/** What the VPC resource controller asks of EC2, for security groups of pods. A refusal carries EC2's code. */
export interface TrunkCalls {
  readonly clusterName: string
  /** Whether a slot of the instance is free for a trunk, or has one. */
  hasRoom(instanceId: string): boolean
  /** Branch interfaces that the instance's type has room for; none: it cannot have a trunk. */
  branchLimit(instanceId: string): number
  /** Attaches a trunk to the last free slot, in the ENIConfig's subnet if there is one. Its id. */
  attachTrunk(instanceId: string, place: EniPlace | undefined): Ec2Answer<string>
  createBranch(trunkId: string, vlanId: number, place: EniPlace): Ec2Answer<BranchInterface> & { readonly action?: string }
  /** Disassociates and deletes; an interface that is not there any more is fine. */
  removeBranch(branchId: string): Ec2Answer<true>
  /** Where branches of an instance are made, without an ENIConfig. */
  placeOf(instanceId: string): EniPlace
}

/** What Fargate asks of the account. */
export interface FargateCalls {
  readonly profiles: readonly { readonly name: string; readonly namespace: string; readonly labels: Readonly<Record<string, string>> }[]
  /** An interface for a pod and its node; undefined when no subnet has an address. */
  take(podUid: string): { readonly address: string; readonly subnetId: string; readonly zone: string; release(): void } | undefined
}

export type Ec2Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: string; readonly message: string; readonly requestId: string }

/** As the controller writes it into the annotation of the pod. */
export interface BranchInterface {
  readonly eniId: string
  readonly ifAddress: string
  readonly privateIp: string
  readonly ipv6Addr: string
  readonly vlanId: number
  readonly subnetCidr: string
  readonly subnetV6Cidr: string
  readonly associationID: string
}

export interface EniPlace {
  readonly subnetId: string
  readonly securityGroups: readonly string[]
}
