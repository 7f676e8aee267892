import type { Faults } from '../../../contract.ts'
import type { Images } from '../images.ts'
import type { InstanceTypes } from '../instance-types.ts'
import type { Instance, Launch, LaunchFault } from '../instances.ts'
import { bucketOf } from '../quotas.ts'

export interface LaunchCheckDeps {
  readonly faults: Faults
  readonly images: Images
  readonly types: InstanceTypes
  readonly now: () => number
  readonly zoneOf: (subnetId: string) => string
  readonly zones: readonly string[]
  readonly running: () => readonly Instance[]
}

/**
 * What RunInstances says against a launch, besides a lack of addresses (EC2 API reference, "client error codes"; texts as users report
 * them in the histories of their groups). Undefined when nothing does.
 */
export function launchFault(deps: LaunchCheckDeps, wanted: Launch): LaunchFault | undefined {
  return withoutImage(deps, wanted) ?? mismatched(deps, wanted) ?? withoutCapacity(deps, wanted) ?? aboveQuota(deps, wanted)
}

/** Names the node group behind an Auto Scaling group of EKS. */
export function groupBehind(scalingGroup: string): string {
  return /^eks-(.+)-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.exec(scalingGroup)?.[1] ?? scalingGroup
}

function withoutImage({ faults, images }: LaunchCheckDeps, { imageId }: Launch): LaunchFault | undefined {
  if (imageId === '') return { code: 'MissingParameter', message: 'The request must contain the parameter ImageId.' }
  if (images.get(imageId) !== undefined && faults.effects('image/gone', { imageId }).length === 0) return undefined
  return { code: 'InvalidAMIID.NotFound', message: `The image id '[${imageId}]' does not exist.` }
}

/** Nobody told the sandbox the architecture of a custom AMI for certain. */
function mismatched({ images, types }: LaunchCheckDeps, { imageId, type }: Launch): LaunchFault | undefined {
  const image = images.get(imageId)
  const facts = types.find(type)
  if (facts === undefined) return { code: 'InvalidParameterValue', message: `Invalid value '${type}' for InstanceType.` }
  if (image === undefined || image.amiType === 'CUSTOM' || image.architecture === facts.architecture) return undefined
  const [ours, theirs] = [facts.architecture, image.architecture].map((name) => (name === 'arm64' ? 'arm64' : 'x86_64'))
  const message = `The architecture '${ours}' of the specified instance type does not match the architecture '${theirs}' of the specified AMI.`
  return { code: 'InvalidParameterValue', message }
}

function withoutCapacity(deps: LaunchCheckDeps, { type, market, subnetId, group }: Launch): LaunchFault | undefined {
  const zone = deps.zoneOf(subnetId)
  const subject = (at: string) => ({ instanceType: type, zone: at, group: groupBehind(group), occasion: deps.now() })
  if (deps.faults.effects('ec2/capacity', subject(zone)).length === 0) return undefined
  if (market === 'spot') {
    return { code: 'UnfulfillableCapacity', message: 'There is no Spot capacity available that matches your request.' }
  }
  const others = deps.zones.filter((other) => other !== zone && deps.faults.effects('ec2/capacity', subject(other)).length === 0)
  const elsewhere =
    others.length === 0
      ? ''
      : ` You can currently get ${type} capacity by not specifying an Availability Zone in your request or choosing ${others.join(', ')}.`
  const message = `We currently do not have sufficient ${type} capacity in the Availability Zone you requested (${zone}). Our system will be working on provisioning additional capacity.${elsewhere}`
  return { code: 'InsufficientInstanceCapacity', message }
}

/** vCPU quotas count per bucket: the standard families together, the others each for itself, Spot apart (EC2 user guide, "instance quotas"). */
function aboveQuota(deps: LaunchCheckDeps, { type, market }: Launch): LaunchFault | undefined {
  const limits = deps.faults.effects('ec2/vcpu-quota', { instanceType: type })
  if (limits.length === 0) return undefined
  const limit = Math.min(...limits)
  const vcpus = (name: string) => deps.types.find(name)?.vcpus ?? 0
  const used = deps.running().filter((other) => other.market === market && bucketOf(other.type) === bucketOf(type))
  const total = used.reduce((sum, other) => sum + vcpus(other.type), 0) + vcpus(type)
  if (total <= limit) return undefined
  if (market === 'spot') return { code: 'MaxSpotInstanceCountExceeded', message: 'Max spot instance count exceeded.' }
  const message = `You have requested more vCPU capacity than your current vCPU limit of ${limit} allows for the instance bucket that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.`
  return { code: 'VcpuLimitExceeded', message }
}
