import { keyedUuid } from '../../../model/keyed.ts'
import type { BranchInterface, Ec2Answer, EniPlace, TrunkCalls } from '../../network-contract.ts'
import type { InstanceTypes } from './instance-types.ts'
import type { Instance, Instances } from './instances.ts'
import { type Caller, isRefusal, type Refusal } from './interface-calls.ts'
import { type Interface, macAddress } from './interfaces.ts'
import type { Vpc } from './vpc.ts'

export interface TrunkCallDeps extends Vpc {
  readonly instances: Instances
  readonly types: InstanceTypes
  readonly clusterName: string
  /** The cluster's own, which branches get without a policy. */
  readonly securityGroupId: string
}

/** Source: pkg/provider/branch/trunk/trunk.go and pkg/aws/ec2/api/helper.go of amazon-vpc-resource-controller-k8s. */
export function createTrunkCalls(deps: TrunkCallDeps): TrunkCalls {
  const counts = new Map<string, number>()
  const answer = <T>(subject: string, result: T | Refusal): Ec2Answer<T> => {
    if (typeof result !== 'object' || result === null || !isRefusal(result)) return { ok: true, value: result as T }
    const nth = (counts.get(subject) ?? 0) + 1
    counts.set(subject, nth)
    return { ok: false, ...result, requestId: keyedUuid('ec2-request', subject, nth) }
  }
  return {
    clusterName: deps.clusterName,
    hasRoom: (instanceId) => hasRoom(deps, instanceId),
    branchLimit: (instanceId) => deps.types.find(deps.instances.get(instanceId)?.type ?? '')?.branchInterfaces ?? 0,
    attachTrunk: (instanceId, place) => answer(instanceId, attachTrunk(deps, instanceId, place)),
    createBranch: (trunkId, vlanId, place) => createBranch(deps, trunkId, vlanId, place, answer),
    removeBranch: (branchId) => answer(branchId, removeBranch(deps, branchId)),
    placeOf: (instanceId) => ({ subnetId: deps.instances.get(instanceId)?.subnetId ?? '', securityGroups: [deps.securityGroupId] }),
  }
}

function callerOf({ subnetId, group }: Instance): Caller {
  return { role: 'resource-controller', subnetId, group }
}

function hasRoom({ interfaces, instances, types }: TrunkCallDeps, instanceId: string): boolean {
  const attached = interfaces.ofInstance(instanceId)
  const slots = types.find(instances.get(instanceId)?.type ?? '')?.interfaces ?? 0
  return attached.length < slots || attached.some(({ type }) => type === 'trunk')
}

const GONE: Refusal = { code: 'InvalidInstanceID.NotFound', message: 'The instance does not exist' }

function attachTrunk(deps: TrunkCallDeps, instanceId: string, place: EniPlace | undefined): string | Refusal {
  const instance = deps.instances.get(instanceId)
  const attached = deps.interfaces.ofInstance(instanceId)
  if (instance === undefined || attached.length === 0) return GONE
  const known = attached.find(({ type }) => type === 'trunk')
  if (known !== undefined) return known.id
  const deviceIndex = (deps.types.find(instance.type)?.interfaces ?? 1) - 1
  const made = deps.calls.createAttached(callerOf(instance), instance, {
    ...(place ?? { subnetId: instance.subnetId }),
    deviceIndex,
    type: 'trunk',
    description: 'aws-k8s-trunk-eni',
    tags: controllerTags(deps.clusterName, instance.id),
  })
  return isRefusal(made) ? made : made.id
}

function controllerTags(clusterName: string, instanceId: string): Readonly<Record<string, string>> {
  return {
    [`kubernetes.io/cluster/${clusterName}`]: 'owned',
    'eks:eni:owner': 'eks-vpc-resource-controller',
    'vpcresources.k8s.aws/instance-id': instanceId,
  }
}

type Answering = <T>(subject: string, result: T | Refusal) => Ec2Answer<T>

/** Created, then associated; one that cannot be associated is deleted again. */
function createBranch(deps: TrunkCallDeps, trunkId: string, vlanId: number, place: EniPlace, answer: Answering) {
  const trunk = deps.interfaces.get(trunkId)
  const instance = trunk && deps.instances.get(trunk.instanceId ?? '')
  if (trunk === undefined || instance === undefined) return answer<BranchInterface>(trunkId, GONE)
  const caller = { ...callerOf(instance), subnetId: place.subnetId }
  const made = deps.calls.create(caller, {
    ...place,
    deviceIndex: 0,
    type: 'branch',
    description: 'aws-k8s-branch-eni',
    status: 'available',
    tags: {
      ...controllerTags(deps.clusterName, instance.id),
      'vpcresources.k8s.aws/vlan-id': String(vlanId),
      'vpcresources.k8s.aws/trunk-eni-id': trunkId,
    },
  })
  if (isRefusal(made)) return { ...answer<BranchInterface>(trunkId, made), action: 'CreateNetworkInterface' }
  const association = deps.calls.associate(caller, made, trunk, vlanId)
  if (!isRefusal(association)) return answer(made.id, detailsOf(deps, made, vlanId, association.id))
  deps.calls.remove(caller, made)
  return { ...answer<BranchInterface>(trunkId, association), action: 'AssociateTrunkInterface' }
}

function detailsOf({ subnets }: TrunkCallDeps, made: Interface, vlanId: number, associationID: string): BranchInterface {
  const { cidr = '' } = subnets.get(made.subnetId) ?? {}
  return {
    eniId: made.id,
    ifAddress: macAddress(made.id),
    privateIp: made.primary,
    ipv6Addr: '',
    vlanId,
    subnetCidr: cidr,
    subnetV6Cidr: '',
    associationID,
  }
}

function removeBranch({ interfaces, calls }: TrunkCallDeps, branchId: string): true | Refusal {
  const branch = interfaces.get(branchId)
  if (branch === undefined) return true
  return calls.remove({ role: 'resource-controller', subnetId: branch.subnetId, group: '' }, branch) ?? true
}
