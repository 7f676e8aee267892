import { type AwsHandlers, WireError } from '../../../contract.ts'
import { dateOf, type FilterFields, filtered, type Input, tagList, textsOf } from '../answers.ts'
import type { Ec2Deps } from '../ec2-api.ts'
import type { Instance } from '../instances.ts'
import { chosen, paged } from './answers.ts'

/** Operations on instances. */
export function instanceHandlers(deps: Ec2Deps): AwsHandlers {
  return {
    DescribeInstances: (input) => describeInstances(deps, input),
  }
}

const STATE_CODES = { pending: 0, running: 16, 'shutting-down': 32, terminated: 48, stopping: 64, stopped: 80 }

function describeInstances(deps: Ec2Deps, input: Input): Record<string, unknown> {
  const missing = (id: string) => new WireError(400, 'InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`)
  const fields: FilterFields<Instance> = {
    'instance-id': ({ id }) => [id],
    'instance-state-name': ({ state }) => [state],
    'subnet-id': ({ subnetId }) => [subnetId],
    'private-dns-name': ({ nodeName }) => [nodeName],
    'vpc-id': () => [deps.vpcId],
  }
  const found = filtered(
    chosen(deps.instances.all(), textsOf(input, 'InstanceIds'), ({ id }) => id, missing),
    input,
    fields,
    deps.instanceTags,
  )
  return paged(input, found, 'Reservations', (instance) => ({
    ReservationId: `r-${instance.id.slice(2)}`,
    OwnerId: deps.accountId,
    Instances: [describeInstance(deps, instance)],
  }))
}

function describeInstance(deps: Ec2Deps, instance: Instance): Record<string, unknown> {
  return {
    InstanceId: instance.id,
    ImageId: instance.imageId,
    InstanceType: instance.type,
    State: { Name: instance.state, Code: STATE_CODES[instance.state] },
    PrivateDnsName: instance.nodeName,
    PrivateIpAddress: instance.privateIp,
    SubnetId: instance.subnetId,
    VpcId: deps.vpcId,
    Placement: { AvailabilityZone: instance.zone },
    LaunchTime: dateOf(instance.launchedAt),
    Architecture: deps.types.find(instance.type)?.architecture === 'arm64' ? 'arm64' : 'x86_64',
    Tags: tagList(deps.instanceTags(instance)),
  }
}
