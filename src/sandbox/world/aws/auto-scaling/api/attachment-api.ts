import { MINUTE, SECOND } from '../../../../../model/instant.ts'
import type { AwsHandlers } from '../../../../contract.ts'
import { dateOf, type Input, numberOf, pageOf, recordsOf, required, textOf, textsOf } from '../../answers.ts'
import type { AutoScalingApi } from '../../auto-scaling-api.ts'
import type { Attachment, ScalingGroup } from '../group.ts'
import { scalingArn } from './arn.ts'
import { groupOf, invalidToken, oneOf, refusal } from './refusals.ts'

/** Our assumptions: so long instances take to be registered, and to be let go (the default delay of deregistration, ELB user guide). */
const REGISTERING = 10 * SECOND
const DEREGISTERING = 5 * MINUTE

/** Operations on what stands beside a group: load balancers, which the sandbox knows by name only, and launch configurations. */
export function attachmentHandlers(api: AutoScalingApi): AwsHandlers {
  const targetGroups = (input: Input) => named(textsOf(input, 'TargetGroupARNs'), 'elbv2')
  const loadBalancers = (input: Input) => named(textsOf(input, 'LoadBalancerNames'), 'elb')
  const sources = (input: Input) => recordsOf(input, 'TrafficSources').map((source) => sourceOf(source))
  return {
    AttachLoadBalancerTargetGroups: (input) => attach(api, input, targetGroups(input)),
    DetachLoadBalancerTargetGroups: (input) => detach(api, input, targetGroups(input)),
    AttachLoadBalancers: (input) => attach(api, input, loadBalancers(input)),
    DetachLoadBalancers: (input) => detach(api, input, loadBalancers(input)),
    AttachTrafficSources: (input) => attach(api, input, sources(input)),
    DetachTrafficSources: (input) => detach(api, input, sources(input)),
    DescribeLoadBalancerTargetGroups(input) {
      const rows = rowsOf(api, input, 'elbv2').map(({ id, state }) => ({ LoadBalancerTargetGroupARN: id, State: state }))
      return paged(input, rows, 'LoadBalancerTargetGroups', 100)
    },
    DescribeLoadBalancers(input) {
      const rows = rowsOf(api, input, 'elb').map(({ id, state }) => ({ LoadBalancerName: id, State: state }))
      return paged(input, rows, 'LoadBalancers', 100)
    },
    DescribeTrafficSources(input) {
      const type = textOf(input, 'TrafficSourceType')
      const rows = rowsOf(api, input, type).map(({ id, state, type: Type }) => ({ Identifier: id, TrafficSource: id, State: state, Type }))
      return paged(input, rows, 'TrafficSources', 50)
    },
    DescribeLaunchConfigurations: (input) => describeConfigurations(api, input),
  }
}

interface Source {
  readonly id: string
  readonly type: Attachment['type']
}

function named(ids: readonly string[], type: Attachment['type']): readonly Source[] {
  return ids.map((id) => ({ id, type }))
}

function sourceOf(source: Input): Source {
  const id = required(source, 'Identifier', refusal)
  const guessed = /:targetgroup\//.test(id) ? (id.startsWith('arn:aws:vpc-lattice:') ? 'vpc-lattice' : 'elbv2') : 'elb'
  return { id, type: oneOf(source, 'Type', ['elb', 'elbv2', 'vpc-lattice']) ?? guessed }
}

/** What a new group stands behind from its beginning. */
export function attachmentsOf({ timeline }: AutoScalingApi, input: Input): ReadonlyMap<string, Attachment> {
  const sources = [
    ...named(textsOf(input, 'TargetGroupARNs'), 'elbv2'),
    ...named(textsOf(input, 'LoadBalancerNames'), 'elb'),
    ...recordsOf(input, 'TrafficSources').map((source) => sourceOf(source)),
  ]
  return new Map(sources.map(({ id, type }) => [id, { type, addedAt: timeline.now() + REGISTERING }]))
}

function attach(api: AutoScalingApi, input: Input, sources: readonly Source[]): Record<string, unknown> {
  const group = groupOf(api.autoScaling, input)
  if (sources.length === 0) throw refusal('At least one load balancer is required.')
  for (const { id, type } of sources) {
    if (group.attachments.get(id)?.removedAt === undefined && group.attachments.has(id)) continue
    group.attachments.set(id, { type, addedAt: api.timeline.now() + REGISTERING })
  }
  return {}
}

/** Instances are let go in their own time; the group forgets the load balancer then (API reference, DetachLoadBalancerTargetGroups). */
function detach(api: AutoScalingApi, input: Input, sources: readonly Source[]): Record<string, unknown> {
  const group = groupOf(api.autoScaling, input)
  const missing = sources.find(({ id }) => !group.attachments.has(id))
  if (sources.length === 0 || missing !== undefined)
    throw refusal(`Trying to remove Target Groups that are not part of the group: ${missing?.id ?? 'none was named'}`)
  for (const { id } of sources) {
    const attachment = group.attachments.get(id)
    if (attachment === undefined) continue
    attachment.removedAt ??= api.timeline.now() + DEREGISTERING
  }
  return {}
}

function rowsOf(api: AutoScalingApi, input: Input, type: string | undefined) {
  const group = groupOf(api.autoScaling, input)
  const now = api.timeline.now()
  return [...standing(group, now)]
    .filter(([, attachment]) => type === undefined || attachment.type === type)
    .map(([id, attachment]) => ({ id, type: attachment.type, state: stateOf(attachment, now) }))
}

/** What a group stands behind; what it was detached from long ago is not shown. */
export function standing({ attachments }: ScalingGroup, now: number): readonly (readonly [string, Attachment])[] {
  return [...attachments].filter(([, { removedAt = now + 1 }]) => removedAt > now)
}

/** That instances are healthy once they are registered is our assumption: there is no load balancer that asks them. */
function stateOf({ addedAt, removedAt }: Attachment, now: number): string {
  return removedAt !== undefined ? 'Removing' : now < addedAt ? 'Adding' : 'InService'
}

function describeConfigurations(api: AutoScalingApi, input: Input): Record<string, unknown> {
  const names = textsOf(input, 'LaunchConfigurationNames')
  const found = [...api.configurations.values()].filter(({ name }) => names.length === 0 || names.includes(name))
  const rows = found.map(({ name, imageId, instanceType, createdAt }) => ({
    LaunchConfigurationName: name,
    LaunchConfigurationARN: scalingArn(api, 'launchConfiguration', name),
    ImageId: imageId,
    InstanceType: instanceType,
    KeyName: '',
    SecurityGroups: [],
    UserData: '',
    CreatedTime: dateOf(createdAt),
  }))
  return paged(input, rows, 'LaunchConfigurations', 50)
}

function paged(input: Input, rows: readonly unknown[], member: string, size: number): Record<string, unknown> {
  const page = pageOf(rows, textOf(input, 'NextToken'), numberOf(input, 'MaxRecords') ?? size, invalidToken)
  return { [member]: page.items, NextToken: page.next }
}
