import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../../../src/model/instant.ts'
import { drive, tally } from './scaling-driver.ts'
import { call, nodesOf, openShipped, refusalOf } from './world-driver.ts'

function appA() {
  const world = openShipped('quickstart')
  return { world, group: drive(world, 'app-a') }
}

describe('the history of a group', () => {
  it('tells launches and scale-ins in the words of Auto Scaling', () => {
    const { group } = appA()
    group.ask('SetDesiredCapacity', { DesiredCapacity: 7 })
    group.wait(10 * SECOND)
    expect(group.activities().at(-1)).toMatchObject({ StatusCode: 'PreInService', Progress: 30 })
    group.wait(MINUTE)
    group.ask('SetDesiredCapacity', { DesiredCapacity: 5 })
    group.wait(MINUTE)
    const time = String.raw`At \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`
    const [launch, end] = group.activities().slice(-3)
    expect(launch?.StatusCode).toBe('Successful')
    expect(launch?.Cause).toMatch(
      new RegExp(
        `^${time} a user request explicitly set group desired capacity changing the desired capacity from 6 to 7\\.  ${time} an instance was started in response to a difference between desired and actual capacity, increasing the capacity from 6 to 7\\.$`,
      ),
    )
    expect(end?.Cause).toMatch(
      new RegExp(
        `${time} an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity from 7 to 5\\.  ${time} instance i-[0-9a-f]{17} was selected for termination\\.$`,
      ),
    )
  })

  it('comes in pages, newest first', () => {
    const { group } = appA()
    group.ask('SetDesiredCapacity', { DesiredCapacity: 9 })
    group.wait(MINUTE)
    const first = group.ask<{ Activities: unknown[]; NextToken: string }>('DescribeScalingActivities', { MaxRecords: 2 })
    const second = group.ask<{ Activities: unknown[]; NextToken?: string }>('DescribeScalingActivities', { NextToken: first.NextToken })
    expect([first.Activities.length, second.Activities.length, second.NextToken]).toEqual([2, 1, undefined])
    expect(refusalOf(() => group.ask('DescribeScalingActivities', { NextToken: 'foreign' })).code).toBe('InvalidNextToken')
  })
})

describe('health', () => {
  it.each([
    { title: 'replaces an instance that a user marks unhealthy', suspend: [], settled: { InService: 6 }, replaced: true },
    { title: 'leaves it while ReplaceUnhealthy is suspended', suspend: ['ReplaceUnhealthy'], settled: { InService: 6 }, replaced: false },
    { title: 'ends it but launches none while Launch is suspended', suspend: ['Launch'], settled: { InService: 5 }, replaced: true },
    { title: 'leaves it while Terminate is suspended', suspend: ['Terminate'], settled: { InService: 6 }, replaced: false },
  ])('$title', ({ suspend, settled, replaced }) => {
    const { group } = appA()
    if (suspend.length > 0) group.ask('SuspendProcesses', { ScalingProcesses: suspend })
    const [InstanceId = ''] = group.ids()
    group.ask('SetInstanceHealth', { InstanceId, HealthStatus: 'Unhealthy' })
    expect(group.seen().Instances[0]?.HealthStatus).toBe('Unhealthy')
    group.wait(2 * MINUTE)
    expect(tally(group.states())).toEqual(settled)
    expect(group.ids().includes(InstanceId)).toBe(!replaced)
  })

  it.each([
    { title: 'within the grace period', input: {}, status: 'Healthy' },
    { title: 'within the grace period, which is not respected', input: { ShouldRespectGracePeriod: false }, status: 'Unhealthy' },
  ])('$title an instance reads $status', ({ input, status }) => {
    const { group } = appA()
    group.ask('UpdateAutoScalingGroup', { HealthCheckGracePeriod: 300, DesiredCapacity: 7 })
    group.wait(MINUTE)
    const InstanceId = group.ids().at(-1)
    group.ask('SetInstanceHealth', { InstanceId, HealthStatus: 'Unhealthy', ...input })
    expect(group.seen().Instances.at(-1)?.HealthStatus).toBe(status)
  })
})

describe('protection from scale-in', () => {
  it('keeps an instance when the group shrinks, and not from a user who ends it', () => {
    const { group } = appA()
    const [first = '', second = ''] = group.ids()
    group.ask('SetInstanceProtection', { InstanceIds: [first, second], ProtectedFromScaleIn: true })
    group.ask('UpdateAutoScalingGroup', { MinSize: 1, DesiredCapacity: 1 })
    group.wait(2 * MINUTE)
    expect(group.ids().toSorted()).toEqual([first, second].toSorted())
    group.ask('TerminateInstanceInAutoScalingGroup', { InstanceId: first, ShouldDecrementDesiredCapacity: false })
    group.wait(2 * MINUTE)
    expect(group.ids()).toEqual([second])
  })

  it('comes with new instances where the group says so', () => {
    const { group } = appA()
    group.ask('UpdateAutoScalingGroup', { NewInstancesProtectedFromScaleIn: true, DesiredCapacity: 7 })
    group.wait(MINUTE)
    expect(group.seen().Instances.map(({ ProtectedFromScaleIn }) => ProtectedFromScaleIn)).toEqual([...Array(6).fill(false), true])
  })
})

describe('standby', () => {
  it('with decrement the group is one smaller; coming back it is one larger', () => {
    const { world, group } = appA()
    const [id = ''] = group.ids()
    const answer = group.ask<{ Activities: { Cause: string }[] }>('EnterStandby', {
      InstanceIds: [id],
      ShouldDecrementDesiredCapacity: true,
    })
    expect(answer.Activities[0]?.Cause).toContain(
      `instance ${id} was moved to standby in response to a user request, shrinking the capacity from 6 to 5.`,
    )
    expect(group.states()).toContain('EnteringStandby')
    group.wait(MINUTE)
    expect([tally(group.states()), group.seen().DesiredCapacity]).toEqual([{ InService: 5, Standby: 1 }, 5])
    group.ask('ExitStandby', { InstanceIds: [id] })
    group.wait(MINUTE)
    expect([tally(group.states()), group.seen().DesiredCapacity]).toEqual([{ InService: 6 }, 6])
    expect(nodesOf(world, 'app-a')).toHaveLength(6)
  })

  it('without decrement another one is launched', () => {
    const { group } = appA()
    group.ask('EnterStandby', { InstanceIds: [group.ids()[0]], ShouldDecrementDesiredCapacity: false })
    group.wait(MINUTE)
    expect(tally(group.states())).toEqual({ InService: 6, Standby: 1 })
  })
})

describe('detaching and attaching', () => {
  it('an instance that was detached runs on with its node, and can come back', () => {
    const { world, group } = appA()
    const [id = ''] = group.ids()
    group.ask('DetachInstances', { InstanceIds: [id], ShouldDecrementDesiredCapacity: true })
    group.wait(MINUTE)
    expect([group.ids().includes(id), group.seen().DesiredCapacity, nodesOf(world, 'app-a').length]).toEqual([false, 5, 6])
    group.ask('AttachInstances', { InstanceIds: [id] })
    expect([group.ids().includes(id), group.seen().DesiredCapacity]).toEqual([true, 6])
    expect(refusalOf(() => group.ask('AttachInstances', { InstanceIds: [id] })).message).toContain('is already part of AutoScalingGroup')
  })
})

describe('termination policies', () => {
  it.each([
    { policy: 'OldestInstance', goes: 'old' },
    { policy: 'NewestInstance', goes: 'new' },
  ])('$policy', ({ policy, goes }) => {
    const { group } = appA()
    const old = group.ids()
    group.ask('UpdateAutoScalingGroup', { TerminationPolicies: [policy], DesiredCapacity: 9 })
    group.wait(2 * MINUTE)
    const fresh = group.ids().filter((id) => !old.includes(id))
    group.ask('SetDesiredCapacity', { DesiredCapacity: 6 })
    group.wait(2 * MINUTE)
    expect(fresh.filter((id) => group.ids().includes(id))).toHaveLength(goes === 'new' ? 0 : 3)
  })
})

describe('the balance of zones', () => {
  const unbalanced = (suspend: readonly string[]) => {
    const { group } = appA()
    group.ask('SuspendProcesses', { ScalingProcesses: ['AZRebalance'] })
    const inZone = group.seen().Instances.filter(({ AvailabilityZone }) => AvailabilityZone.endsWith('a'))
    for (const { InstanceId } of inZone)
      group.ask('TerminateInstanceInAutoScalingGroup', { InstanceId, ShouldDecrementDesiredCapacity: true })
    group.wait(MINUTE)
    if (suspend.length === 0) group.ask('ResumeProcesses', { ScalingProcesses: ['AZRebalance'] })
    group.wait(5 * MINUTE)
    return group
  }

  it('comes back by itself: one comes in the emptiest zone before one goes in the fullest', () => {
    const group = unbalanced([])
    expect(tally(group.seen().Instances.map(({ AvailabilityZone }) => AvailabilityZone.slice(-1)))).toEqual({ a: 1, b: 2, c: 1 })
    const causes = group.activities().map(({ Cause }) => Cause)
    expect(
      causes.some((cause) => cause.includes('instances were launched to balance instances in zones eu-central-1a with other zones')),
    ).toBe(true)
    expect(causes.at(-1)).toContain('shrinking the capacity from 5 to 4')
  })

  it('stays as it is while AZRebalance is suspended', () => {
    const group = unbalanced(['AZRebalance'])
    expect(tally(group.seen().Instances.map(({ AvailabilityZone }) => AvailabilityZone.slice(-1)))).toEqual({ b: 2, c: 2 })
  })
})

describe('tags', () => {
  it('are put on, listed, and taken off again; one that does not propagate stays off the instances', () => {
    const { world, group } = appA()
    const tag = { ResourceId: group.name, ResourceType: 'auto-scaling-group', Key: 'team', Value: 'shop' }
    group.ask('CreateOrUpdateTags', { Tags: [{ ...tag, PropagateAtLaunch: false }] })
    const asked = { Filters: [{ Name: 'key', Values: ['team'] }] }
    expect(group.ask('DescribeTags', asked)).toMatchObject({ Tags: [{ ...tag, PropagateAtLaunch: false }] })
    const filter = { Filters: [{ Name: 'tag:team', Values: ['shop'] }] }
    const instances = () => call<{ Reservations: unknown[] }>(world.ec2, 'DescribeInstances', filter).Reservations.length
    expect(instances()).toBe(0)
    group.ask('CreateOrUpdateTags', { Tags: [{ ...tag, PropagateAtLaunch: true }] })
    expect(instances()).toBe(6)
    group.ask('DeleteTags', { Tags: [{ ResourceId: group.name, Key: 'team' }] })
    expect(group.ask('DescribeTags', asked)).toMatchObject({ Tags: [] })
  })
})

describe('operations are refused', () => {
  const first = (ids: readonly string[]) => [ids[0]]
  it.each([
    {
      title: 'standby below the minimum',
      operation: 'EnterStandby',
      input: { InstanceIds: 'all', ShouldDecrementDesiredCapacity: true },
      says: 'To place into standby 6 instances, please update the AutoScalingGroup sizes appropriately.',
    },
    {
      title: 'detaching below the minimum',
      operation: 'DetachInstances',
      input: { InstanceIds: 'all', ShouldDecrementDesiredCapacity: true },
      says: 'min-size=3, max-size=9, and desired-size=6. To detach 6 instances',
    },
    {
      title: 'leaving standby without having entered',
      operation: 'ExitStandby',
      input: { InstanceIds: 'first' },
      says: 'is not in Standby.',
    },
    {
      title: 'protection of a stranger',
      operation: 'SetInstanceProtection',
      input: { InstanceIds: ['i-0'], ProtectedFromScaleIn: true },
      says: 'The instance i-0 is not part of Auto Scaling group',
    },
    {
      title: 'the end of a stranger',
      operation: 'TerminateInstanceInAutoScalingGroup',
      input: { InstanceId: 'i-0', ShouldDecrementDesiredCapacity: true },
      says: 'No managed instance found for instance ID: i-0',
    },
    {
      title: 'a process of another name',
      operation: 'SuspendProcesses',
      input: { ScalingProcesses: ['Lunch'] },
      says: "Invalid process type 'Lunch'",
    },
    {
      title: 'a policy of another name',
      operation: 'UpdateAutoScalingGroup',
      input: { TerminationPolicies: ['Youngest'] },
      says: 'Invalid termination policy',
    },
    {
      title: 'a template that does not exist',
      operation: 'UpdateAutoScalingGroup',
      input: { LaunchTemplate: { LaunchTemplateId: 'lt-0' } },
      says: 'with template ID lt-0, does not exist',
    },
    {
      title: 'two sources at once',
      operation: 'UpdateAutoScalingGroup',
      input: { LaunchTemplate: { LaunchTemplateId: 'lt-0' }, LaunchConfigurationName: 'x' },
      says: 'must contain either launchTemplate, LaunchConfigurationName',
    },
    {
      title: 'a configuration that does not exist',
      operation: 'UpdateAutoScalingGroup',
      input: { LaunchConfigurationName: 'x' },
      says: 'Launch configuration name not found',
    },
    {
      title: 'half a maintenance policy',
      operation: 'UpdateAutoScalingGroup',
      input: { InstanceMaintenancePolicy: { MinHealthyPercentage: 90 } },
      says: 'must both be specified',
    },
    {
      title: 'a subnet that does not exist',
      operation: 'UpdateAutoScalingGroup',
      input: { VPCZoneIdentifier: 'subnet-0' },
      says: "The subnet ID 'subnet-0' does not exist",
    },
  ])('$title', ({ operation, input, says }) => {
    const { group } = appA()
    const ids = { all: group.ids(), first: first(group.ids()) }
    const given = { ...input } as Record<string, unknown>
    if (given.InstanceIds === 'all' || given.InstanceIds === 'first') given.InstanceIds = ids[given.InstanceIds]
    const refusal = refusalOf(() => group.ask(operation, given))
    expect(refusal).toMatchObject({ status: 400, code: 'ValidationError' })
    expect(refusal.message).toContain(says)
    expect(tally(group.states())).toEqual({ InService: 6 })
  })

  it('a desired capacity within the cooldown that is to be honoured', () => {
    const { group } = appA()
    group.ask('SetDesiredCapacity', { DesiredCapacity: 7, HonorCooldown: true })
    group.wait(MINUTE)
    const again = () => group.ask('SetDesiredCapacity', { DesiredCapacity: 8, HonorCooldown: true })
    expect(refusalOf(again)).toMatchObject({ status: 400, code: 'ScalingActivityInProgressFault' })
    group.wait(5 * MINUTE)
    again()
    expect(group.seen().DesiredCapacity).toBe(8)
  })

  it('what is not simulated, by its name', () => {
    const { group } = appA()
    const refusal = refusalOf(() => group.ask('UpdateAutoScalingGroup', { MaxInstanceLifetime: 86_400 }))
    expect(refusal).toMatchObject({ status: 501, message: 'the sandbox does not simulate MaxInstanceLifetime' })
  })
})
