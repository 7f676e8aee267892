import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../../../src/model/instant.ts'
import { drive, tally } from './scaling-driver.ts'
import { nodesOf, openShipped, refusalOf } from './world-driver.ts'

interface PoolSeen {
  readonly WarmPoolConfiguration?: Record<string, unknown>
  readonly Instances: readonly { readonly InstanceId: string; readonly LifecycleState: string }[]
}

/** The group app-a of six, at most nine, with a warm pool. */
function pooled(input: Record<string, unknown> = {}) {
  const world = openShipped('quickstart')
  const group = drive(world, 'app-a')
  const pool = () => group.ask<PoolSeen>('DescribeWarmPool')
  const states = () => tally(pool().Instances.map(({ LifecycleState }) => LifecycleState))
  const waiting = () => pool().Instances.map(({ InstanceId }) => InstanceId)
  group.ask('PutWarmPool', input)
  return { world, group, pool, states, waiting }
}

describe('a warm pool', () => {
  it.each([
    { input: {}, state: 'Warmed:Stopped', count: 3 },
    { input: { PoolState: 'Running' }, state: 'Warmed:Running', count: 3 },
    { input: { PoolState: 'Hibernated', MinSize: 1 }, state: 'Warmed:Hibernated', count: 3 },
    { input: { MaxGroupPreparedCapacity: 8 }, state: 'Warmed:Stopped', count: 2 },
    { input: { MaxGroupPreparedCapacity: 2, MinSize: 1 }, state: 'Warmed:Stopped', count: 1 },
  ])('put with $input holds $count in $state, none of them a node', ({ input, state, count }) => {
    const { world, group, states } = pooled(input)
    expect(states()).toEqual({ 'Warmed:Pending': count })
    group.wait(3 * MINUTE)
    expect([states(), group.ids().length, nodesOf(world, 'app-a').length]).toEqual([{ [state]: count }, 6, 6])
    expect(group.seen()).toMatchObject({ WarmPoolSize: count, WarmPoolConfiguration: { PoolState: state.slice('Warmed:'.length) } })
  })

  it.each([
    { state: 'Stopped', within: 40 },
    { state: 'Running', within: 15 },
  ])('gives its instances at a scale-out; out of $state in service within $within s', ({ state, within }) => {
    const { world, group, states, waiting } = pooled({ PoolState: state })
    group.wait(3 * MINUTE)
    const ready = waiting()
    group.ask('SetDesiredCapacity', { DesiredCapacity: 8 })
    group.wait(within * SECOND)
    expect(tally(group.states())).toEqual({ InService: 8 })
    expect(group.ids().filter((id) => ready.includes(id))).toHaveLength(2)
    expect(group.activities().some(({ Description }) => Description.startsWith('Launching a new EC2 instance from warm pool: '))).toBe(true)
    group.wait(3 * MINUTE)
    expect([states()[`Warmed:${state}`], nodesOf(world, 'app-a').length]).toEqual([1, 8])
  })

  it.each([
    { reuse: true, kept: 2 },
    { reuse: false, kept: 0 },
  ])('with reuse $reuse gets back $kept of two at a scale-in', ({ reuse, kept }) => {
    const { world, group, waiting, states } = pooled({ InstanceReusePolicy: { ReuseOnScaleIn: reuse } })
    group.wait(3 * MINUTE)
    const members = group.ids()
    group.ask('SetDesiredCapacity', { DesiredCapacity: 4 })
    group.wait(3 * MINUTE)
    expect(waiting().filter((id) => members.includes(id))).toHaveLength(kept)
    expect([states(), nodesOf(world, 'app-a').length]).toEqual([{ 'Warmed:Stopped': 5 }, 4])
  })

  it('is renewed by an instance refresh', () => {
    const { group, waiting } = pooled()
    group.wait(3 * MINUTE)
    const before = waiting()
    group.ask('StartInstanceRefresh', { Preferences: { MinHealthyPercentage: 0 } })
    group.wait(20 * MINUTE)
    expect(waiting().filter((id) => before.includes(id))).toEqual([])
    expect(waiting()).toHaveLength(3)
  })

  it('goes with its last instance, or at once when forced', () => {
    const { group, pool, states } = pooled()
    group.wait(3 * MINUTE)
    group.ask('DeleteWarmPool')
    expect([pool().WarmPoolConfiguration?.Status, states()]).toEqual(['PendingDelete', { 'Warmed:Terminating': 3 }])
    group.wait(MINUTE)
    expect(pool()).toEqual({ WarmPoolConfiguration: undefined, Instances: [], NextToken: undefined })
    expect(refusalOf(() => group.ask('DeleteWarmPool')).code).toBe('ValidationError')
    const forced = pooled()
    forced.group.ask('DeleteWarmPool', { ForceDelete: true })
    expect(forced.pool().WarmPoolConfiguration).toBe(undefined)
    forced.group.wait(MINUTE)
    expect(forced.waiting()).toEqual([])
  })

  it.each([{ input: { PoolState: 'Asleep' } }, { input: { MinSize: -1 } }])('is refused with $input', ({ input }) => {
    expect(refusalOf(() => pooled(input))).toMatchObject({ status: 400, code: 'ValidationError' })
  })
})
