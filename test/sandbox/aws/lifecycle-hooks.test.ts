import { describe, expect, it } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../../src/model/instant.ts'
import { drive, tally } from './scaling-driver.ts'
import { openShipped, refusalOf } from './world-driver.ts'

const LAUNCHING = 'autoscaling:EC2_INSTANCE_LAUNCHING'
const TERMINATING = 'autoscaling:EC2_INSTANCE_TERMINATING'

function hooked(hook: Record<string, unknown>) {
  const world = openShipped('quickstart')
  const group = drive(world, 'app-a')
  group.ask('PutLifecycleHook', { LifecycleHookName: 'drain', ...hook })
  return group
}

function launching(result = 'ABANDON') {
  const group = hooked({ LifecycleTransition: LAUNCHING, HeartbeatTimeout: 300, DefaultResult: result })
  group.ask('SetDesiredCapacity', { DesiredCapacity: 7 })
  group.wait(MINUTE)
  const id = group.seen().Instances.find(({ LifecycleState }) => LifecycleState === 'Pending:Wait')?.InstanceId
  return { group, action: { LifecycleHookName: 'drain', InstanceId: id } }
}

describe('a launching hook', () => {
  it('holds an instance in Pending:Wait until CONTINUE, then lets it proceed into service', () => {
    const { group, action } = launching()
    expect(group.activities().at(-1)).toMatchObject({ StatusCode: 'MidLifecycleAction', Progress: 60 })
    group.ask('CompleteLifecycleAction', { ...action, LifecycleActionResult: 'CONTINUE' })
    expect(tally(group.states())).toEqual({ InService: 6, 'Pending:Proceed': 1 })
    group.wait(10 * SECOND)
    expect(tally(group.states())).toEqual({ InService: 7 })
    expect(group.activities().at(-1)).toMatchObject({ StatusCode: 'Successful', Progress: 100 })
  })

  it('ABANDON ends the instance, and the group launches another', () => {
    const { group, action } = launching()
    group.ask('CompleteLifecycleAction', { ...action, LifecycleActionResult: 'ABANDON' })
    const [launch, end] = group.activities().slice(-2)
    expect(launch).toMatchObject({ StatusCode: 'Cancelled' })
    expect(launch?.StatusMessage).toMatch(/^Instance failed to complete user's Lifecycle Action: .* Completed with ABANDON Result$/)
    expect(end?.Cause).toContain('in response to a launch failure')
    group.wait(MINUTE)
    expect(tally(group.states())).toEqual({ InService: 6, 'Pending:Wait': 1 })
    expect(group.ids()).not.toContain(action.InstanceId)
  })

  it.each([
    { result: 'CONTINUE', after: { InService: 7 } },
    { result: 'ABANDON', after: { InService: 6, Terminating: 1, Pending: 1 } },
  ])('takes the default result $result when the heartbeat times out', ({ result, after }) => {
    const { group } = launching(result)
    group.wait(4 * MINUTE + 42 * SECOND)
    expect(tally(group.states())).toEqual(after)
  })

  it('a heartbeat begins the time anew, up to the global timeout', () => {
    const { group, action } = launching()
    for (let beat = 0; beat < 5; beat++) {
      group.wait(4 * MINUTE)
      group.ask('RecordLifecycleActionHeartbeat', action)
    }
    expect(tally(group.states())).toEqual({ InService: 6, 'Pending:Wait': 1 })
    const stateNow = () => group.seen().Instances.find(({ InstanceId }) => InstanceId === action.InstanceId)?.LifecycleState
    for (let beat = 0; beat < 130 && stateNow() === 'Pending:Wait'; beat++) {
      group.ask('RecordLifecycleActionHeartbeat', action)
      group.wait(4 * MINUTE)
    }
    expect(stateNow()).toBe('Terminating')
  })
})

describe('a terminating hook', () => {
  it.each(['CONTINUE', 'ABANDON'])('holds an instance in Terminating:Wait; %s lets it go either way', (LifecycleActionResult) => {
    const group = hooked({ LifecycleTransition: TERMINATING })
    const [id] = group.ids()
    group.ask('TerminateInstanceInAutoScalingGroup', { InstanceId: id, ShouldDecrementDesiredCapacity: true })
    group.wait(30 * MINUTE)
    expect(tally(group.states())).toEqual({ InService: 5, 'Terminating:Wait': 1 })
    group.ask('CompleteLifecycleAction', { LifecycleHookName: 'drain', InstanceId: id, LifecycleActionResult })
    expect(tally(group.states())).toEqual({ InService: 5, 'Terminating:Proceed': 1 })
    group.wait(MINUTE)
    expect(tally(group.states())).toEqual({ InService: 5 })
  })

  it('waits for every hook of the transition; deleting one completes its actions', () => {
    const group = hooked({ LifecycleTransition: TERMINATING })
    group.ask('PutLifecycleHook', { LifecycleHookName: 'log', LifecycleTransition: TERMINATING })
    const [InstanceId] = group.ids()
    group.ask('TerminateInstanceInAutoScalingGroup', { InstanceId, ShouldDecrementDesiredCapacity: true })
    group.ask('CompleteLifecycleAction', { LifecycleHookName: 'log', InstanceId, LifecycleActionResult: 'CONTINUE' })
    expect(group.states()).toContain('Terminating:Wait')
    group.ask('DeleteLifecycleHook', { LifecycleHookName: 'drain' })
    expect(group.states()).toContain('Terminating:Proceed')
  })

  it('lets go by itself after the heartbeat, one hour unless said', () => {
    const group = hooked({ LifecycleTransition: TERMINATING })
    group.ask('TerminateInstanceInAutoScalingGroup', { InstanceId: group.ids()[0], ShouldDecrementDesiredCapacity: true })
    group.wait(HOUR - SECOND)
    expect(group.states()).toContain('Terminating:Wait')
    group.wait(MINUTE)
    expect(tally(group.states())).toEqual({ InService: 5 })
  })
})

describe('lifecycle hooks are refused', () => {
  it.each([
    { title: 'without a transition', input: {}, says: 'LifecycleTransition is required' },
    {
      title: 'with a heartbeat of ten seconds',
      input: { LifecycleTransition: LAUNCHING, HeartbeatTimeout: 10 },
      says: 'between 30 and 7200',
    },
    { title: 'with a result of another name', input: { LifecycleTransition: LAUNCHING, DefaultResult: 'STOP' }, says: 'CONTINUE, ABANDON' },
  ])('$title', ({ input, says }) => {
    const refusal = refusalOf(() => hooked(input))
    expect(refusal).toMatchObject({ status: 400, code: 'ValidationError' })
    expect(refusal.message).toContain(says)
  })

  it('and so is completing what is not under way', () => {
    const group = hooked({ LifecycleTransition: LAUNCHING })
    const [InstanceId] = group.ids()
    const refusal = refusalOf(() =>
      group.ask('CompleteLifecycleAction', { LifecycleHookName: 'drain', InstanceId, LifecycleActionResult: 'CONTINUE' }),
    )
    expect(refusal.message).toBe(`No active Lifecycle Action found with instance ID ${InstanceId}`)
  })
})
