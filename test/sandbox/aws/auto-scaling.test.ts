import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AutoScalingGroup } from '../../../src/model/aws.ts'
import { MINUTE } from '../../../src/model/instant.ts'
import type { OpenedWorld } from '../../../src/sandbox/world/open.ts'
import { call, nodesOf, openShipped, refusalOf, scalingGroup } from './world-driver.ts'

const resize = (world: OpenedWorld, input: Record<string, unknown>) =>
  call(world.autoScaling, 'UpdateAutoScalingGroup', { AutoScalingGroupName: scalingGroup(world, 'app-a').AutoScalingGroupName, ...input })

function later(world: OpenedWorld, minutes = 5): AutoScalingGroup {
  world.timeline.advanceTo(world.timeline.now() + minutes * MINUTE)
  return scalingGroup(world, 'app-a')
}

describe('an Auto Scaling group', () => {
  it('launches into the emptiest zone; nodes join within two minutes', () => {
    const world = openShipped('quickstart')
    resize(world, { DesiredCapacity: 9 })
    const group = later(world, 3)
    const zones = group.Instances?.map(({ AvailabilityZone }) => AvailabilityZone) ?? []
    expect(['a', 'b', 'c'].map((zone) => zones.filter((each) => each === `eu-central-1${zone}`).length)).toEqual([3, 3, 3])
    expect(nodesOf(world, 'app-a')).toHaveLength(9)
  })

  it('lowers the desired capacity together with a maximum below it, which terminates', () => {
    const world = openShipped('quickstart')
    resize(world, { MaxSize: 4 })
    expect(later(world)).toMatchObject({ DesiredCapacity: 4, MaxSize: 4, Instances: { length: 4 } })
    expect(nodesOf(world, 'app-a')).toHaveLength(4)
  })

  it.each([
    {
      title: 'a desired capacity above the maximum',
      input: { DesiredCapacity: 10 },
      says: 'Desired capacity:10 must be between the specified min size:3 and max size:9',
    },
    { title: 'a minimum above the maximum', input: { MinSize: 10 }, says: 'must be greater than or equal to min bound' },
  ])('refuses $title', ({ input, says }) => {
    const refusal = refusalOf(() => resize(openShipped('quickstart'), input))
    expect(refusal).toMatchObject({ status: 400, code: 'ValidationError' })
    expect(refusal.message).toContain(says)
  })

  it('launches nothing while Launch is suspended, and catches up when it is resumed', () => {
    const world = openShipped('quickstart')
    const { AutoScalingGroupName } = scalingGroup(world, 'app-a')
    call(world.autoScaling, 'SuspendProcesses', { AutoScalingGroupName, ScalingProcesses: ['Launch'] })
    resize(world, { DesiredCapacity: 8 })
    expect(later(world)).toMatchObject({ Instances: { length: 6 }, SuspendedProcesses: [{ ProcessName: 'Launch' }] })
    call(world.autoScaling, 'ResumeProcesses', { AutoScalingGroupName })
    expect(later(world)).toMatchObject({ Instances: { length: 8 }, SuspendedProcesses: [] })
  })

  it('is listed by name, by tag and in pages, with or without its instances', () => {
    const world = openShipped('quickstart')
    const ask = (input: Record<string, unknown>) =>
      call<{ AutoScalingGroups: AutoScalingGroup[]; NextToken?: string }>(world.autoScaling, 'DescribeAutoScalingGroups', input)
    expect(ask({ Filters: [{ Name: 'tag:eks:nodegroup-name', Values: ['canary'] }] }).AutoScalingGroups).toHaveLength(1)
    const first = ask({ MaxRecords: 3, IncludeInstances: false })
    const second = ask({ MaxRecords: 3, NextToken: first.NextToken })
    expect([first.AutoScalingGroups.length, second.AutoScalingGroups.length, second.NextToken]).toEqual([3, 2, undefined])
    expect(first.AutoScalingGroups[0]?.Instances).toEqual([])
    expect(refusalOf(() => ask({ Filters: [{ Name: 'colour', Values: ['red'] }] })).code).toBe('InvalidParameterValue')
  })

  it('neither loses nor invents an instance, whatever it is told', () => {
    const order = fc.oneof(
      fc.record({ kind: fc.constant('desire' as const), size: fc.integer({ min: 3, max: 9 }) }),
      fc.record({ kind: fc.constant('end' as const), member: fc.nat(8) }),
      fc.record({ kind: fc.constant('wait' as const), minutes: fc.integer({ min: 0, max: 3 }) }),
    )
    fc.assert(
      fc.property(fc.array(order, { maxLength: 12 }), (orders) => {
        const world = openShipped('quickstart')
        for (const each of orders) {
          if (each.kind === 'desire') resize(world, { DesiredCapacity: each.size })
          else if (each.kind === 'wait') later(world, each.minutes)
          else end(world, each.member)
        }
        const settled = later(world, 10)
        expect(settled.Instances?.map(({ LifecycleState }) => LifecycleState)).toEqual(Array(settled.DesiredCapacity).fill('InService'))
        expect(nodesOf(world, 'app-a')).toHaveLength(settled.DesiredCapacity ?? -1)
      }),
      { numRuns: 25 },
    )
  })
})

function end(world: OpenedWorld, member: number): void {
  const members = scalingGroup(world, 'app-a').Instances?.filter(({ LifecycleState }) => LifecycleState !== 'Terminating') ?? []
  const InstanceId = members[member]?.InstanceId
  if (InstanceId !== undefined)
    call(world.autoScaling, 'TerminateInstanceInAutoScalingGroup', { InstanceId, ShouldDecrementDesiredCapacity: false })
}
