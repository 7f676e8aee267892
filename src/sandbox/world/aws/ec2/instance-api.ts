import { type AwsHandlers, WireError } from '../../../contract.ts'
import { dateOf, type FilterFields, filtered, type Input, tagList, textsOf } from '../answers.ts'
import type { Ec2Api, Ec2Deps } from '../ec2-api.ts'
import type { InstanceTypeFacts } from '../instance-types.ts'
import type { Instance, InstanceState } from '../instances.ts'
import { takeResources } from '../request-buckets.ts'
import { chosen, paged } from './answers.ts'
import { runInstances } from './run-instances.ts'

/** Operations on instances. */
export function instanceHandlers(deps: Ec2Api): AwsHandlers {
  return {
    DescribeInstances: (input) => describeInstances(deps, input),
    DescribeInstanceStatus: (input) => describeStatus(deps, input),
    RunInstances(input) {
      const launched = deps.once('RunInstances', input, () => runInstances(deps, input))
      return describeReservation(deps, launched)
    },
    TerminateInstances: (input) => change(deps, input, 'Terminate', (instance) => deps.instances.terminate(instance, BY_USER)),
    StopInstances: (input) => change(deps, input, 'Stop', (instance) => deps.instances.stop(instance, BY_USER)),
    StartInstances: (input) => change(deps, input, 'Start', (instance) => deps.instances.start(instance)),
  }
}

const BY_USER = 'Client.UserInitiatedShutdown: User initiated shutdown'

const STATE_CODES: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
}

function stateOf(state: InstanceState): Record<string, unknown> {
  return { Name: state, Code: STATE_CODES[state] }
}

function found(deps: Ec2Deps, input: Input): readonly Instance[] {
  const missing = (id: string) => new WireError(400, 'InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`)
  const fields: FilterFields<Instance> = {
    'instance-id': ({ id }) => [id],
    'instance-state-name': ({ state }) => [state],
    'instance-state-code': ({ state }) => [String(STATE_CODES[state])],
    'instance-type': ({ type }) => [type],
    'image-id': ({ imageId }) => [imageId],
    'subnet-id': ({ subnetId }) => [subnetId],
    'availability-zone': ({ zone }) => [zone],
    'private-dns-name': ({ nodeName }) => [nodeName],
    'private-ip-address': ({ privateIp }) => [privateIp],
    'instance-lifecycle': ({ market }) => (market === 'spot' ? ['spot'] : []),
    'vpc-id': () => [deps.vpcId],
  }
  const all = chosen(deps.instances.all(), textsOf(input, 'InstanceIds'), ({ id }) => id, missing)
  return filtered(all, input, fields, deps.instanceTags)
}

/** A page is of reservations, which are whole on it. */
function describeInstances(deps: Ec2Deps, input: Input): Record<string, unknown> {
  const reservations = new Map<string, Instance[]>()
  for (const instance of found(deps, input)) {
    const others = reservations.get(instance.launchedWith)
    if (others === undefined) reservations.set(instance.launchedWith, [instance])
    else others.push(instance)
  }
  return paged(input, [...reservations.values()], 'Reservations', (instances) => describeReservation(deps, instances))
}

function describeReservation(deps: Ec2Deps, instances: readonly Instance[]): Record<string, unknown> {
  return {
    ReservationId: `r-${instances[0]?.launchedWith.slice(2)}`,
    OwnerId: deps.accountId,
    Instances: instances.map((instance) => describeInstance(deps, instance)),
  }
}

function describeInstance(deps: Ec2Deps, instance: Instance): Record<string, unknown> {
  return {
    InstanceId: instance.id,
    AmiLaunchIndex: instance.launchIndex,
    ImageId: instance.imageId,
    InstanceType: instance.type,
    InstanceLifecycle: instance.market === 'spot' ? 'spot' : undefined,
    State: stateOf(instance.state),
    StateTransitionReason: instance.reason ?? '',
    StateReason: reasonOf(instance.reason),
    PrivateDnsName: instance.nodeName,
    PrivateIpAddress: instance.privateIp,
    SubnetId: instance.subnetId,
    VpcId: deps.vpcId,
    Placement: { AvailabilityZone: instance.zone },
    LaunchTime: dateOf(instance.launchedAt),
    CpuOptions: coresOf(deps.types.find(instance.type)),
    Architecture: deps.types.find(instance.type)?.architecture === 'arm64' ? 'arm64' : 'x86_64',
    Tags: tagList(deps.instanceTags(instance)),
  }
}

/** Two threads a core on x86, one on Graviton (EC2 user guide, "CPU options"). */
function coresOf(facts: InstanceTypeFacts | undefined): Record<string, unknown> | undefined {
  if (facts === undefined) return undefined
  const ThreadsPerCore = facts.architecture === 'arm64' || facts.vcpus === 1 ? 1 : 2
  return { CoreCount: facts.vcpus / ThreadsPerCore, ThreadsPerCore }
}

/** `Server.SpotInstanceTermination: …`: the code stands before the colon. */
function reasonOf(reason: string | undefined): Record<string, unknown> | undefined {
  const [, Code] = /^((?:Server|Client)\.\w+):/.exec(reason ?? '') ?? []
  return Code === undefined ? undefined : { Code, Message: reason }
}

/** Running instances only, unless all are asked for (API reference, DescribeInstanceStatus). */
function describeStatus(deps: Ec2Deps, input: Input): Record<string, unknown> {
  const shown = found(deps, input).filter(({ state }) => input.IncludeAllInstances === true || state === 'running')
  return paged(input, shown, 'InstanceStatuses', (instance) => {
    const status = checksOf(deps, instance)
    return {
      InstanceId: instance.id,
      AvailabilityZone: instance.zone,
      InstanceState: stateOf(instance.state),
      InstanceStatus: status,
      SystemStatus: status,
    }
  })
}

function checksOf(deps: Ec2Deps, instance: Instance): Record<string, unknown> {
  if (instance.state !== 'running') return { Status: 'not-applicable' }
  if (deps.isImpaired(instance)) return { Status: 'impaired', Details: [{ Name: 'reachability', Status: 'failed' }] }
  // Checks pass once the instance has booted.
  const [Status, reachability] = instance.booted ? ['ok', 'passed'] : ['initializing', 'initializing']
  return { Status, Details: [{ Name: 'reachability', Status: reachability }] }
}

const ANSWERED = { Terminate: 'TerminatingInstances', Stop: 'StoppingInstances', Start: 'StartingInstances' } as const

function change(deps: Ec2Deps, input: Input, verb: keyof typeof ANSWERED, act: (instance: Instance) => void): Record<string, unknown> {
  const ids = textsOf(input, 'InstanceIds')
  if (ids.length === 0) throw new WireError(400, 'MissingParameter', 'The request must contain the parameter InstanceIds')
  const instances = found(deps, { InstanceIds: ids })
  const gone = instances.find(({ state }) => state === 'terminated')
  if (gone !== undefined && verb !== 'Terminate') {
    throw new WireError(
      400,
      'IncorrectInstanceState',
      `The instance '${gone.id}' is not in a state from which it can be started or stopped.`,
    )
  }
  if (input.DryRun === true) throw new WireError(412, 'DryRunOperation', 'Request would have succeeded, but DryRun flag is set.')
  takeResources(deps.buckets, `${verb}Instances`, instances.length)
  return {
    [ANSWERED[verb]]: instances.map((instance) => {
      const former = instance.state
      act(instance)
      return { InstanceId: instance.id, PreviousState: stateOf(former), CurrentState: stateOf(instance.state) }
    }),
  }
}
