import { describe, expect, it } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../../src/model/instant.ts'
import { drive, tally } from './scaling-driver.ts'
import { openShipped, refusalOf, scenarioOf } from './world-driver.ts'

interface RefreshSeen {
  readonly Status: string
  readonly StatusReason?: string
  readonly PercentageComplete: number
  readonly InstancesToUpdate: number
  readonly Preferences: Record<string, unknown>
  readonly RollbackDetails?: { readonly RollbackReason: string; readonly PercentageCompleteOnRollback: number }
}

/** The group `edge` of the large world with four members; version 8 of its template brings another AMI. */
function opened(faults: readonly string[] = []) {
  const world = openShipped('large', faults.length > 0 ? { scenarios: scenarioOf(...faults) } : {})
  const group = drive(world, 'edge')
  group.ask('UpdateAutoScalingGroup', { MaxSize: 12, DesiredCapacity: 4, HealthCheckGracePeriod: 60 })
  group.wait(3 * MINUTE)
  const other = { LaunchTemplateName: 'atlas-edge', Version: '8' }
  const desired = (LaunchTemplate: Record<string, unknown> = other) => ({ DesiredConfiguration: { LaunchTemplate } })
  const refresh = (): RefreshSeen | undefined =>
    group.ask<{ InstanceRefreshes: RefreshSeen[] }>('DescribeInstanceRefreshes').InstanceRefreshes[0]
  const start = (input: Record<string, unknown> = desired()) => group.ask('StartInstanceRefresh', input)
  const until = (status: string, limit = 8 * HOUR) => {
    const statuses: string[] = []
    for (let waited = 0; waited < limit; waited += 10 * SECOND) {
      const { Status = '' } = refresh() ?? {}
      if (statuses.at(-1) !== Status) statuses.push(Status)
      if (Status === status) break
      group.wait(10 * SECOND)
    }
    return statuses
  }
  const versions = () => tally(group.seen().Instances.map(({ LaunchTemplate: seen }) => seen?.Version ?? ''))
  return { group, desired, refresh, start, until, versions }
}

describe('an instance refresh', () => {
  it('replaces every instance, one at a time by default, and then the group has the desired configuration', () => {
    const { group, start, until, refresh, versions } = opened()
    start()
    expect(refresh()).toMatchObject({ Status: 'Pending', PercentageComplete: 0, InstancesToUpdate: 4 })
    expect(until('Successful')).toEqual(['Pending', 'InProgress', 'Successful'])
    expect([versions(), group.seen().LaunchTemplate?.Version]).toEqual([{ 8: 4 }, '8'])
    expect(refresh()).toMatchObject({ PercentageComplete: 100, InstancesToUpdate: 0, Preferences: { MinHealthyPercentage: 90 } })
    const ends = group.activities().filter(({ Description }) => Description.startsWith('Terminating'))
    expect(ends).toHaveLength(4)
    expect(ends[0]?.Cause).toMatch(/an instance was taken out of service in response to an instance refresh\.$/)
  })

  it.each([
    { title: 'minimum 90 %, maximum absent: goes and comes at once', preferences: {}, fewest: 3, most: 4 },
    { title: 'minimum 50 %: two at a time', preferences: { MinHealthyPercentage: 50 }, fewest: 2, most: 4 },
    { title: 'minimum 100 %: the new one comes first', preferences: { MinHealthyPercentage: 100 }, fewest: 4, most: 5 },
    { title: 'maximum 150 %: two come first', preferences: { MinHealthyPercentage: 100, MaxHealthyPercentage: 150 }, fewest: 4, most: 6 },
    { title: 'maximum 100 % with no room below', preferences: { MinHealthyPercentage: 90, MaxHealthyPercentage: 100 }, fewest: 4, most: 5 },
  ])('keeps the healthy percentages: $title', ({ preferences, fewest, most }) => {
    const { group, start, refresh, desired, versions } = opened()
    start({ ...desired(), Preferences: { InstanceWarmup: 30, ...preferences } })
    const inService: number[] = []
    const counted: number[] = []
    while (refresh()?.Status !== 'Successful') {
      group.wait(5 * SECOND)
      const { InService = 0, Pending = 0 } = tally(group.states())
      inService.push(InService)
      counted.push(InService + Pending)
    }
    expect([Math.min(...inService), Math.max(...counted), versions()]).toEqual([fewest, most, { 8: 4 }])
  })

  it('waits at checkpoints, and with a last one below 100 % leaves the others', () => {
    const { start, refresh, desired, group, versions, until } = opened()
    start({ ...desired(), Preferences: { CheckpointPercentages: [25, 50], CheckpointDelay: 1800, InstanceWarmup: 0 } })
    group.wait(15 * MINUTE)
    expect(refresh()).toMatchObject({ Status: 'InProgress', PercentageComplete: 25 })
    group.wait(30 * MINUTE)
    expect(refresh()).toMatchObject({ Status: 'InProgress', PercentageComplete: 50 })
    expect(until('Successful')).toEqual(['InProgress', 'Successful'])
    expect(versions()).toEqual({ 1: 2, 8: 2 })
  })

  it('bakes at the end', () => {
    const { start, until, desired, group, refresh } = opened()
    start({ ...desired(), Preferences: { BakeTime: 1200 } })
    expect(until('Baking')).toEqual(['Pending', 'InProgress', 'Baking'])
    expect(group.seen().LaunchTemplate?.Version).not.toBe('8')
    group.wait(19 * MINUTE)
    expect(refresh()?.Status).toBe('Baking')
    group.wait(2 * MINUTE)
    expect([refresh()?.Status, group.seen().LaunchTemplate?.Version]).toEqual(['Successful', '8'])
  })

  it('skips what matches: the second time nothing is replaced', () => {
    const { start, until, desired, group } = opened()
    start()
    until('Successful')
    const before = group.ids()
    start({ ...desired(), Preferences: { SkipMatching: true } })
    expect(until('Successful')).toEqual(['Pending', 'Successful'])
    expect(group.ids()).toEqual(before)
  })

  it.each([
    { behaviour: 'Ignore', ends: ['Pending', 'InProgress', 'Successful'], left: 1 },
    { behaviour: 'Refresh', ends: ['Pending', 'InProgress', 'Successful'], left: 0 },
    { behaviour: 'Wait', ends: ['Pending', 'InProgress', 'Failed'], left: 1 },
  ])('with a protected instance: $behaviour', ({ behaviour, ends, left }) => {
    const { start, until, desired, group } = opened()
    const [id] = group.ids()
    group.ask('SetInstanceProtection', { InstanceIds: [id], ProtectedFromScaleIn: true })
    start({ ...desired(), Preferences: { ScaleInProtectedInstances: behaviour } })
    expect(until(ends.at(-1) ?? '')).toEqual(ends)
    expect(group.ids().filter((each) => each === id)).toHaveLength(left)
  })

  it('replaces nothing while the process InstanceRefresh is suspended', () => {
    const { start, group, refresh, versions, until } = opened()
    group.ask('SuspendProcesses', { ScalingProcesses: ['InstanceRefresh'] })
    start()
    group.wait(30 * MINUTE)
    expect([refresh()?.Status, versions()['8']]).toEqual(['Pending', undefined])
    group.ask('ResumeProcesses')
    expect(until('Successful').at(-1)).toBe('Successful')
  })
})

describe('cancelling an instance refresh', () => {
  it('waits for what is on its way, takes nothing back, and leaves the group its former template', () => {
    const { start, group, until, versions } = opened()
    start()
    group.wait(20 * SECOND)
    group.ask('CancelInstanceRefresh')
    expect(until('Cancelled')).toEqual(['Cancelling', 'Cancelled'])
    expect(group.seen().LaunchTemplate?.Version).toBe('1')
    expect(versions()['8'] ?? 0).toBeLessThan(2)
  })

  it('at once when it is not to wait', () => {
    const { start, group, refresh, desired } = opened()
    start({ ...desired(), Preferences: { MinHealthyPercentage: 100 } })
    group.ask('CancelInstanceRefresh', { WaitForTransitioningInstances: false })
    expect(refresh()?.Status).toBe('Cancelled')
    group.wait(10 * MINUTE)
    expect(tally(group.states())).toEqual({ InService: 4 })
  })
})

describe('rolling an instance refresh back', () => {
  it('puts back what was replaced, and the percentage counts down', () => {
    const { start, group, until, versions, refresh } = opened()
    start()
    group.wait(4 * MINUTE)
    const at = refresh()?.PercentageComplete ?? 0
    expect(at).toBeGreaterThan(0)
    group.ask('RollbackInstanceRefresh')
    expect(refresh()).toMatchObject({ Status: 'RollbackInProgress', RollbackDetails: { PercentageCompleteOnRollback: at } })
    expect(until('RollbackSuccessful')).toEqual(['RollbackInProgress', 'RollbackSuccessful'])
    expect([versions()['8'], refresh()?.PercentageComplete, group.seen().LaunchTemplate?.Version]).toEqual([undefined, 0, '1'])
  })

  it.each([
    { autoRollback: true, ends: ['Pending', 'InProgress', 'RollbackInProgress', 'RollbackSuccessful'], new: 0 },
    { autoRollback: false, ends: ['Pending', 'InProgress', 'Failed'], new: 2 },
  ])('an alarm with AutoRollback $autoRollback', ({ autoRollback, ends, new: count }) => {
    const { start, until, desired, versions } = opened(['{ fault: alarm-sounds, where: { alarm: errors }, when: { from: 7m, to: 30m } }'])
    start({ ...desired(), Preferences: { AutoRollback: autoRollback, AlarmSpecification: { Alarms: ['errors', 'latency'] } } })
    expect(until(ends.at(-1) ?? '')).toEqual(ends)
    expect((versions()['8'] ?? 0) > 0).toBe(count > 0)
  })

  it('an alarm that does not sound changes nothing', () => {
    const { start, until, desired } = opened(['{ fault: alarm-sounds, where: { alarm: others } }'])
    start({ ...desired(), Preferences: { AlarmSpecification: { Alarms: ['errors'] } } })
    expect(until('Successful').at(-1)).toBe('Successful')
  })
})

describe('an instance refresh is refused', () => {
  it.each([
    { title: 'a maximum without a minimum', preferences: { MaxHealthyPercentage: 120 }, says: 'MinHealthyPercentage must be specified' },
    {
      title: 'percentages more than 100 apart',
      preferences: { MinHealthyPercentage: 50, MaxHealthyPercentage: 160 },
      says: 'greater than 100',
    },
    { title: 'checkpoints that do not rise', preferences: { CheckpointPercentages: [50, 20, 100] }, says: 'ascending' },
    { title: 'a delay without checkpoints', preferences: { CheckpointDelay: 10 }, says: 'CheckpointPercentages' },
    { title: 'a bake time of three days', preferences: { BakeTime: 259_200 }, says: 'BakeTime must be between 0 and 172800' },
    { title: 'a behaviour of another name', preferences: { StandbyInstances: 'Refresh' }, says: 'Terminate, Ignore, Wait' },
  ])('$title', ({ preferences, says }) => {
    const { start, desired } = opened()
    const refusal = refusalOf(() => start({ ...desired(), Preferences: preferences }))
    expect(refusal).toMatchObject({ status: 400, code: 'ValidationError' })
    expect(refusal.message).toContain(says)
  })

  it('while another is in progress, and cancelling or rolling back when none is', () => {
    const { start, group, until } = opened()
    expect(refusalOf(() => group.ask('CancelInstanceRefresh')).code).toBe('ActiveInstanceRefreshNotFoundFault')
    expect(refusalOf(() => group.ask('RollbackInstanceRefresh')).code).toBe('ActiveInstanceRefreshNotFoundFault')
    start()
    expect(refusalOf(start).code).toBe('InstanceRefreshInProgressFault')
    until('Successful')
    expect(refusalOf(() => group.ask('RollbackInstanceRefresh')).code).toBe('ActiveInstanceRefreshNotFoundFault')
  })

  it.each([
    { title: 'no desired configuration', from: undefined, input: {}, says: 'has no desired configuration' },
    { title: 'a group that uses $Latest', from: '$Latest', input: { LaunchTemplateName: 'atlas-edge', Version: '7' }, says: '$Latest' },
    { title: 'a group that uses $Default', from: '$Default', input: { LaunchTemplateName: 'atlas-edge', Version: '8' }, says: '$Default' },
  ])('a rollback with $title is irreversible', ({ from, input, says }) => {
    const { start, group, desired } = opened()
    if (from !== undefined) group.ask('UpdateAutoScalingGroup', { LaunchTemplate: { LaunchTemplateName: 'atlas-edge', Version: from } })
    const configuration = Object.keys(input).length > 0 ? desired(input) : {}
    const automatic = refusalOf(() => start({ ...configuration, Preferences: { AutoRollback: true } }))
    expect(automatic).toMatchObject({ status: 400, code: 'ValidationError' })
    start(configuration)
    const refusal = refusalOf(() => group.ask('RollbackInstanceRefresh'))
    expect(refusal).toMatchObject({ status: 400, code: 'IrreversibleInstanceRefreshFault' })
    expect(refusal.message).toContain(says)
  })
})
