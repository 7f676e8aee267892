import type { AwsHandlers } from '../../../../contract.ts'
import { type Input, numberOf, pageOf, textOf, textsOf } from '../../answers.ts'
import type { AutoScalingApi } from '../../auto-scaling-api.ts'
import type { Member, ScalingGroup } from '../group.ts'
import { weightOf } from '../launch-plan.ts'
import { describeActivity } from './activity-api.ts'
import { describeMember } from './describe.ts'
import { findMember, groupOf, invalidToken, membersOf, oneOf, refusal, requiredFlag } from './refusals.ts'
import { refuseAboveMaximum, refuseBelowMinimum } from './sizes.ts'

/** Operations on single instances of a group. */
export function memberHandlers(api: AutoScalingApi): AwsHandlers {
  return {
    DescribeAutoScalingInstances: (input) => describeInstances(api, input),
    TerminateInstanceInAutoScalingGroup: (input) => terminateInstances(api, input),
    SetInstanceHealth: (input) => setHealth(api, input),
    SetInstanceProtection: (input) => setProtection(api, input),
    EnterStandby: (input) => enterStandby(api, input),
    ExitStandby: (input) => exitStandby(api, input),
    DetachInstances: (input) => detach(api, input),
    AttachInstances: (input) => attach(api, input),
  }
}

function describeInstances(api: AutoScalingApi, input: Input): Record<string, unknown> {
  const ids = textsOf(input, 'InstanceIds')
  const all = api.autoScaling.all().flatMap((group) => [...group.members.values()].map((member) => ({ group, member })))
  const found = ids.length === 0 ? all : all.filter(({ member }) => ids.includes(member.instance.id))
  const page = pageOf(found, textOf(input, 'NextToken'), numberOf(input, 'MaxRecords') ?? 50, invalidToken)
  return {
    AutoScalingInstances: page.items.map(({ group, member }) => {
      const { ImageId: _imageId, ...common } = describeMember(api, group, member)
      return { ...common, AutoScalingGroupName: group.name, HealthStatus: member.health.toUpperCase() }
    }),
    NextToken: page.next,
  }
}

function terminateInstances({ autoScaling }: AutoScalingApi, input: Input): Record<string, unknown> {
  const single = textOf(input, 'InstanceId')
  const ids = single === undefined ? textsOf(input, 'InstanceIds') : [single]
  const decrement = requiredFlag(input, 'ShouldDecrementDesiredCapacity')
  if (ids.length === 0) throw refusal('InstanceId or InstanceIds is required.')
  const found = ids.map((id) => {
    const owner = findMember(autoScaling, id)
    if (owner === undefined) throw refusal(`Instance Id not found - No managed instance found for instance ID: ${id}`)
    return { id, ...owner }
  })
  const activities = found.map(({ id, group, member }) => {
    if (decrement) refuseShrinking(group, member)
    const why = `instance ${id} was taken out of service in response to a user request`
    return describeActivity(group, autoScaling.terminate(group, id, decrement, why))
  })
  return single === undefined ? { Activities: activities } : { Activity: activities[0] }
}

function refuseShrinking({ sizes }: ScalingGroup, { weight }: Member): void {
  if (sizes.desired - weight >= sizes.min) return
  throw refusal(
    `Currently, desiredSize equals minSize (${sizes.min}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.`,
  )
}

function setHealth({ autoScaling }: AutoScalingApi, input: Input): Record<string, unknown> {
  const status = oneOf(input, 'HealthStatus', ['Healthy', 'Unhealthy'])
  const owner = findMember(autoScaling, textOf(input, 'InstanceId'))
  if (status === undefined) throw refusal('HealthStatus is required.')
  if (owner === undefined)
    throw refusal(`Instance Id not found - No managed instance found for instance ID: ${textOf(input, 'InstanceId')}`)
  const { group, member } = owner
  if (status === 'Unhealthy') autoScaling.members.markUnhealthy(group, member, input.ShouldRespectGracePeriod !== false)
  else member.health = 'Healthy'
  return {}
}

function setProtection({ autoScaling }: AutoScalingApi, input: Input): Record<string, unknown> {
  const group = groupOf(autoScaling, input)
  const members = membersOf(group, input)
  const on = requiredFlag(input, 'ProtectedFromScaleIn')
  for (const { lifecycle, instance } of members) {
    if (lifecycle !== 'InService' && lifecycle !== 'Standby')
      throw refusal(`The instance ${instance.id} is not in InService or EnteringStandby or Standby.`)
  }
  for (const member of members) member.protected = on
  autoScaling.reconcile(group)
  return {}
}

function unitsOf(members: readonly Member[]): number {
  return members.reduce((sum, { weight }) => sum + weight, 0)
}

function requireState(members: readonly Member[], lifecycle: Member['lifecycle']): void {
  const other = members.find((member) => member.lifecycle !== lifecycle)
  if (other !== undefined) throw refusal(`The instance ${other.instance.id} is not in ${lifecycle}.`)
}

function counted(count: number): string {
  return count === 1 ? '1 instance' : `${count} instances`
}

function enterStandby({ autoScaling }: AutoScalingApi, input: Input): Record<string, unknown> {
  const group = groupOf(autoScaling, input)
  const decrement = requiredFlag(input, 'ShouldDecrementDesiredCapacity')
  const members = membersOf(group, input)
  requireState(members, 'InService')
  if (decrement) refuseBelowMinimum(group, unitsOf(members), `place into standby ${counted(members.length)}`)
  return { Activities: members.map((member) => describeActivity(group, autoScaling.members.enterStandby(group, member, decrement))) }
}

function exitStandby({ autoScaling }: AutoScalingApi, input: Input): Record<string, unknown> {
  const group = groupOf(autoScaling, input)
  const members = membersOf(group, input)
  requireState(members, 'Standby')
  refuseAboveMaximum(group, unitsOf(members), `exit standby ${counted(members.length)}`)
  return { Activities: members.map((member) => describeActivity(group, autoScaling.members.exitStandby(group, member))) }
}

function detach({ autoScaling }: AutoScalingApi, input: Input): Record<string, unknown> {
  const group = groupOf(autoScaling, input)
  const decrement = requiredFlag(input, 'ShouldDecrementDesiredCapacity')
  const members = membersOf(group, input)
  const other = members.find(({ lifecycle }) => lifecycle !== 'InService' && lifecycle !== 'Standby')
  if (other !== undefined) throw refusal(`The instance ${other.instance.id} is not in InService or Standby.`)
  const inService = members.filter(({ lifecycle }) => lifecycle === 'InService')
  if (decrement) refuseBelowMinimum(group, unitsOf(inService), `detach ${counted(members.length)}`)
  return {
    Activities: members.map((member) => {
      const lowers = decrement && member.lifecycle === 'InService'
      return describeActivity(group, autoScaling.members.detach(group, member, lowers))
    }),
  }
}

/** An instance can be attached when it runs, is of no group and stands in one of the group's zones (user guide, "attach"). */
function attach(api: AutoScalingApi, input: Input): Record<string, unknown> {
  const group = groupOf(api.autoScaling, input)
  const ids = textsOf(input, 'InstanceIds')
  const instances = ids.map((id) => {
    const instance = api.instances.get(id)
    if (instance === undefined) throw refusal(`Invalid Instance ID(s): [${id}] specified. You may attach existing instances only.`)
    if (instance.group !== '') throw refusal(`Instance ${id} is already part of AutoScalingGroup:${instance.group}`)
    if (instance.state !== 'running') throw refusal(`Instance ${id} is not in correct state. Only running instances can be attached.`)
    const zones = group.subnetIds.map((subnetId) => api.subnets.get(subnetId)?.zone)
    if (!zones.includes(instance.zone)) throw refusal(`Instance ${id} is not in one of the Availability Zones of ${group.name}.`)
    return instance
  })
  const units = instances.reduce((sum, { type }) => sum + weightOf(group, type), 0)
  refuseAboveMaximum(group, units, `attach ${counted(ids.length)}`)
  for (const instance of instances) api.autoScaling.members.attach(group, instance)
  return {}
}
