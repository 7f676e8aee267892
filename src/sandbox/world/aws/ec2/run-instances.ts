import { canonicalJson } from '../../../../model/canonical-json.ts'
import { WireError } from '../../../contract.ts'
import { type Input, numberOf, recordOf, recordsOf, refuseOthers, textOf, textsOf } from '../answers.ts'
import type { Ec2Deps } from '../ec2-api.ts'
import type { Instance, Launch, LaunchFault } from '../instances.ts'
import { imageOf } from '../parameters.ts'
import { takeResources } from '../request-buckets.ts'
import { launchedFrom, tagsFor } from './template-data.ts'

/** What a launch does not show, and nothing acts on; what is not here and not read below answers 501. */
const WITHOUT_EFFECT = [
  'UserData',
  'IamInstanceProfile',
  'KeyName',
  'BlockDeviceMappings',
  'Monitoring',
  'EbsOptimized',
  'MetadataOptions',
  'CreditSpecification',
]

const KNOWN = new Set([
  'MinCount',
  'MaxCount',
  'LaunchTemplate',
  'ImageId',
  'InstanceType',
  'SubnetId',
  'SecurityGroupIds',
  'NetworkInterfaces',
  'Placement',
  'InstanceMarketOptions',
  'TagSpecifications',
  'ClientToken',
  'DryRun',
  ...WITHOUT_EFFECT,
])

/** What the largest type of the first generation was, and still is when nobody says another (API reference, RunInstances). */
const DEFAULT_TYPE = 'm1.small'

/**
 * RunInstances: the members of the request over those of the launch template, in one subnet; as many of MaxCount as can be had, or none
 * when MinCount cannot (API reference). Throws what EC2 refuses a launch with.
 */
export function runInstances(deps: Ec2Deps, input: Input): readonly Instance[] {
  refuseOthers(input, KNOWN)
  const counts = countsOf(input)
  const { template, data } = launchedFrom(deps, recordOf(input, 'LaunchTemplate'))
  const asked = { ...data, ...input }
  const { subnetId, securityGroups } = placeOf(deps, asked)
  const imageId = textOf(asked, 'ImageId') ?? ''
  const launch: Launch = {
    group: '',
    // Clients draw their tokens.
    key: canonicalJson({ ...input, ClientToken: undefined }),
    type: textOf(asked, 'InstanceType') ?? DEFAULT_TYPE,
    market: marketOf(asked),
    subnetId,
    imageId: imageOf(deps.images, imageId) ?? imageId,
    launchedAt: deps.timeline.now(),
    tags: { ...tagsFor('instance', data), ...tagsFor('instance', input) },
    securityGroups,
    ...(template === undefined ? {} : { template }),
  }
  takeResources(deps.buckets, 'RunInstances', counts.least)
  const result = deps.instances.launchSeveral(launch, counts)
  if (result.ok) return result.instances
  throw refusalOf(result.fault)
}

function countsOf(input: Input): { readonly least: number; readonly most: number } {
  const [least, most] = ['MinCount', 'MaxCount'].map((member) => {
    const count = numberOf(input, member)
    if (count === undefined) throw new WireError(400, 'MissingParameter', `The request must contain the parameter ${member}`)
    return count
  })
  if (least === undefined || most === undefined || least < 1 || most < least)
    throw new WireError(400, 'InvalidParameterValue', `Invalid value '${least}' for minCount. It must be between 1 and maxCount, ${most}.`)
  return { least, most }
}

interface Place {
  readonly subnetId: string
  readonly securityGroups: readonly string[]
}

/** Subnet and groups stand in the request or in its one network interface, not in both. There is no default VPC to fall back on. */
function placeOf(deps: Ec2Deps, asked: Input): Place {
  const [primary, ...more] = recordsOf(asked, 'NetworkInterfaces')
  if (more.length > 0 || (primary !== undefined && textOf(primary, 'NetworkInterfaceId') !== undefined))
    throw new WireError(501, 'NotImplemented', 'the sandbox launches an instance with one new network interface only')
  refuseBoth(primary, asked, 'SubnetId', 'subnet ID')
  refuseBoth(primary, asked, 'SecurityGroupIds', 'security groups')
  const subnetId = textOf(primary ?? asked, 'SubnetId')
  if (subnetId === undefined) throw new WireError(400, 'VPCIdNotSpecified', 'No default VPC for this user.')
  const subnet = deps.subnets.get(subnetId)
  if (subnet === undefined) throw new WireError(400, 'InvalidSubnetID.NotFound', `The subnet ID '${subnetId}' does not exist`)
  const zone = textOf(recordOf(asked, 'Placement') ?? {}, 'AvailabilityZone') ?? subnet.zone
  if (zone !== subnet.zone)
    throw new WireError(
      400,
      'InvalidParameterValue',
      `The availability zone ${zone} is not that of the subnet ${subnetId}, ${subnet.zone}.`,
    )
  return { subnetId, securityGroups: groupsOf(deps, textsOf(primary ?? asked, primary === undefined ? 'SecurityGroupIds' : 'Groups')) }
}

/** Text: as users report it. */
function refuseBoth(primary: Input | undefined, asked: Input, member: string, name: string): void {
  if (primary === undefined || asked[member] === undefined) return
  const message = `Network interfaces and an instance-level ${name} may not be specified on the same request`
  throw new WireError(400, 'InvalidParameterCombination', message)
}

function groupsOf({ securityGroupId }: Ec2Deps, ids: readonly string[]): readonly string[] {
  const other = ids.find((id) => id !== securityGroupId)
  if (other !== undefined) throw new WireError(400, 'InvalidGroup.NotFound', `The security group '${other}' does not exist`)
  return ids
}

function marketOf(asked: Input): Launch['market'] {
  const type = textOf(recordOf(asked, 'InstanceMarketOptions') ?? {}, 'MarketType')
  if (type === undefined) return 'on-demand'
  if (type === 'spot') return 'spot'
  throw new WireError(501, 'NotImplemented', `the sandbox does not simulate the market ${type}`)
}

/** A lack of capacity is EC2's own failure, every other refusal the client's (EC2 API reference, "server error codes"). */
const OF_THE_SERVER = new Set(['InsufficientInstanceCapacity', 'UnfulfillableCapacity'])

function refusalOf({ code, message }: LaunchFault): WireError {
  return new WireError(OF_THE_SERVER.has(code) ? 500 : 400, code, message)
}
