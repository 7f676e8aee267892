import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../../src/model/instant.ts'
import type { OpenedWorld } from '../../../src/sandbox/world/open.ts'
import { type Driven, drive } from './scaling-driver.ts'
import { call, openShipped, refusalOf } from './world-driver.ts'

interface InstanceSeen {
  readonly InstanceId: string
  readonly State: { readonly Name: string }
  readonly Tags: readonly { readonly Value: string }[]
}

const member = fc.nat(11)
const flag = fc.boolean()
const size = fc.nat(9)

const order = fc.oneof(
  { weight: 3, arbitrary: fc.record({ does: fc.constant('wait' as const), seconds: fc.constantFrom(3, 20, 70, 400) }) },
  fc.record({ does: fc.constant('size' as const), min: size, max: size, desired: size }),
  fc.record({ does: fc.constant('end' as const), member, decrement: flag }),
  fc.record({ does: fc.constant('standby' as const), member, decrement: flag }),
  fc.record({ does: fc.constant('exit' as const), member }),
  fc.record({ does: fc.constant('detach' as const), member, decrement: flag }),
  fc.record({ does: fc.constant('attach' as const), member }),
  fc.record({ does: fc.constant('sicken' as const), member }),
  fc.record({ does: fc.constant('protect' as const), member, on: flag }),
  fc.record({ does: fc.constant('take' as const), member, stop: flag }),
  fc.record({ does: fc.constant('run' as const), count: fc.constantFrom(1, 3, 2_000) }),
  fc.record({ does: fc.constant('end own' as const), stop: flag }),
  fc.record({ does: fc.constant('hook' as const), transition: fc.constantFrom('LAUNCHING', 'TERMINATING') }),
  fc.record({ does: fc.constant('unhook' as const) }),
  fc.record({ does: fc.constant('complete' as const), member, result: fc.constantFrom('CONTINUE', 'ABANDON') }),
  fc.record({ does: fc.constant('suspend' as const), process: fc.constantFrom('Launch', 'Terminate', 'AZRebalance', 'HealthCheck') }),
  fc.record({ does: fc.constant('resume' as const) }),
  fc.record({ does: fc.constant('refresh' as const), min: fc.constantFrom(0, 50, 90, 100) }),
  fc.record({ does: fc.constant('cancel' as const), wait: flag }),
)

type Order = typeof order extends fc.Arbitrary<infer T> ? T : never

/** What each order asks for; a refusal is an answer like any other. */
const REQUESTS: {
  readonly [D in Order['does']]: (given: Extract<Order, { does: D }>, id: string, free: string) => readonly [string, object]
} = {
  wait: () => ['', {}],
  size: ({ min, max, desired }) => ['UpdateAutoScalingGroup', { MinSize: min, MaxSize: max, DesiredCapacity: desired }],
  end: ({ decrement }, id) => ['TerminateInstanceInAutoScalingGroup', { InstanceId: id, ShouldDecrementDesiredCapacity: decrement }],
  standby: ({ decrement }, id) => ['EnterStandby', { InstanceIds: [id], ShouldDecrementDesiredCapacity: decrement }],
  exit: (_, id) => ['ExitStandby', { InstanceIds: [id] }],
  detach: ({ decrement }, id) => ['DetachInstances', { InstanceIds: [id], ShouldDecrementDesiredCapacity: decrement }],
  attach: (_given, _id, free) => ['AttachInstances', { InstanceIds: [free] }],
  sicken: (_, id) => ['SetInstanceHealth', { InstanceId: id, HealthStatus: 'Unhealthy', ShouldRespectGracePeriod: false }],
  protect: ({ on }, id) => ['SetInstanceProtection', { InstanceIds: [id], ProtectedFromScaleIn: on }],
  take: ({ stop }, id) => [stop ? 'StopInstances' : 'TerminateInstances', { InstanceIds: [id] }],
  run: ({ count }) => [
    'RunInstances',
    { LaunchTemplate: { LaunchTemplateName: 'shop-data' }, InstanceType: 'm5.large', MinCount: count, MaxCount: count },
  ],
  'end own': ({ stop }, _id, free) => [stop ? 'StopInstances' : 'TerminateInstances', { InstanceIds: [free] }],
  hook: ({ transition }) => [
    'PutLifecycleHook',
    { LifecycleHookName: transition, LifecycleTransition: `autoscaling:EC2_INSTANCE_${transition}`, HeartbeatTimeout: 60 },
  ],
  unhook: () => ['DeleteLifecycleHook', { LifecycleHookName: 'LAUNCHING' }],
  complete: ({ result }, id) => [
    'CompleteLifecycleAction',
    { LifecycleHookName: 'TERMINATING', InstanceId: id, LifecycleActionResult: result },
  ],
  suspend: ({ process }) => ['SuspendProcesses', { ScalingProcesses: [process] }],
  resume: () => ['ResumeProcesses', {}],
  refresh: ({ min }) => ['StartInstanceRefresh', { Preferences: { MinHealthyPercentage: min } }],
  cancel: ({ wait }) => ['CancelInstanceRefresh', { WaitForTransitioningInstances: wait }],
}

function obey(world: OpenedWorld, group: Driven, given: Order): void {
  if (given.does === 'wait') {
    group.wait(given.seconds * SECOND)
    return
  }
  const ids = group.ids()
  const grouped = new Set(groupsOf(world).keys())
  const free = instancesOf(world).find(({ InstanceId, State }) => State.Name === 'running' && !grouped.has(InstanceId))?.InstanceId ?? 'i-0'
  const id = ('member' in given ? ids[given.member % Math.max(1, ids.length)] : undefined) ?? 'i-0'
  const request: (given: never, id: string, free: string) => readonly [string, object] = REQUESTS[given.does]
  const [operation, input] = request(given as never, id, free)
  const side = operation.endsWith('Instances') && operation in world.ec2 ? world.ec2 : world.autoScaling
  const where = operation === 'RunInstances' ? { SubnetId: subnetsOf(world)[0]?.SubnetId } : { AutoScalingGroupName: group.name }
  try {
    call(side, operation, { ...where, ...input })
  } catch (error) {
    expect([400, 503]).toContain((error as { status: number }).status)
  }
}

function subnetsOf(world: OpenedWorld): readonly { readonly SubnetId: string; readonly AvailableIpAddressCount: number }[] {
  return call<{ Subnets: { SubnetId: string; AvailableIpAddressCount: number }[] }>(world.ec2, 'DescribeSubnets', {}).Subnets
}

function instancesOf(world: OpenedWorld): readonly InstanceSeen[] {
  const { Reservations } = call<{ Reservations: { Instances: InstanceSeen[] }[] }>(world.ec2, 'DescribeInstances', {})
  return Reservations.flatMap(({ Instances }) => Instances)
}

/** Groups by instance. */
function groupsOf(world: OpenedWorld): ReadonlyMap<string, readonly string[]> {
  const { AutoScalingGroups } = call<{ AutoScalingGroups: { AutoScalingGroupName: string; Instances: { InstanceId: string }[] }[] }>(
    world.autoScaling,
    'DescribeAutoScalingGroups',
    { MaxRecords: 100 },
  )
  const groups = new Map<string, readonly string[]>()
  for (const { AutoScalingGroupName, Instances } of AutoScalingGroups)
    for (const { InstanceId } of Instances) groups.set(InstanceId, [...(groups.get(InstanceId) ?? []), AutoScalingGroupName])
  return groups
}

/** What holds at every moment. */
function expectSound(world: OpenedWorld, group: Driven): void {
  const { MinSize, MaxSize, DesiredCapacity } = group.seen()
  expect(MinSize <= DesiredCapacity && DesiredCapacity <= MaxSize, `${MinSize} <= ${DesiredCapacity} <= ${MaxSize}`).toBe(true)
  const instances = new Map(instancesOf(world).map(({ InstanceId, State }) => [InstanceId, State.Name]))
  for (const [id, groups] of groupsOf(world)) {
    expect(groups, id).toHaveLength(1)
    expect(instances.has(id), `${id} is an instance`).toBe(true)
  }
}

describe('instances are conserved', () => {
  it('whatever is asked: sizes hold, each is of one group or of none, and all comes to rest', () => {
    fc.assert(
      fc.property(fc.array(order, { maxLength: 25 }), (orders) => {
        const world = openShipped('quickstart')
        const group = drive(world, 'app-a')
        const everSeen = new Map<string, string>()
        for (const each of orders) {
          obey(world, group, each)
          remember(world, everSeen)
          expectSound(world, group)
        }
        group.ask('ResumeProcesses')
        const { LifecycleHooks } = group.ask<{ LifecycleHooks: { LifecycleHookName: string }[] }>('DescribeLifecycleHooks')
        for (const { LifecycleHookName } of LifecycleHooks) group.ask('DeleteLifecycleHook', { LifecycleHookName })
        const held = standing(group)
        if (held.length > 0) group.ask('SetInstanceProtection', { InstanceIds: held, ProtectedFromScaleIn: false })
        // Terminated instances are shown for an hour: who looks more often than that misses none of them.
        for (let passed = 0; passed < 150; passed += 50) {
          group.wait(50 * MINUTE)
          remember(world, everSeen)
        }
        expectAtRest(world, group, everSeen)
      }),
      { numRuns: 30 },
    )
  })

  it('terminated ones are described for an hour, then their ids do not exist', () => {
    const world = openShipped('quickstart')
    const group = drive(world, 'app-a')
    const [id = ''] = group.ids()
    call(world.ec2, 'TerminateInstances', { InstanceIds: [id] })
    const seen = () => instancesOf(world).find(({ InstanceId }) => InstanceId === id)?.State.Name
    group.wait(30 * SECOND)
    expect(seen()).toBe('terminated')
    group.wait(HOUR - SECOND)
    expect(seen()).toBe('terminated')
    group.wait(SECOND)
    expect(seen()).toBe(undefined)
    expect(refusalOf(() => call(world.ec2, 'DescribeInstances', { InstanceIds: [id] })).code).toBe('InvalidInstanceID.NotFound')
  })
})

/** The state in which each instance was seen last. None goes but what has ended. */
function remember(world: OpenedWorld, seen: Map<string, string>): void {
  const now = new Map(instancesOf(world).map(({ InstanceId, State }) => [InstanceId, State.Name]))
  for (const [id, state] of seen) if (!now.has(id)) expect(state, id).toBe('terminated')
  for (const [id, state] of now) seen.set(id, state)
}

function standing(group: Driven): readonly string[] {
  const { Instances } = group.seen()
  return Instances.filter(({ LifecycleState }) => LifecycleState === 'InService' || LifecycleState === 'Standby').map(
    ({ InstanceId }) => InstanceId,
  )
}

/** Nothing is on its way, and the history has come to its end. */
function expectAtRest(world: OpenedWorld, group: Driven, everSeen: ReadonlyMap<string, string>): void {
  const { DesiredCapacity, Instances } = group.seen()
  const inService = Instances.filter(({ LifecycleState }) => LifecycleState === 'InService')
  const others = Instances.filter(({ LifecycleState }) => LifecycleState !== 'InService' && LifecycleState !== 'Standby')
  expect([inService.length, others]).toEqual([DesiredCapacity, []])
  const grouped = groupsOf(world)
  const states = new Map(instancesOf(world).map(({ InstanceId, State }) => [InstanceId, State.Name]))
  for (const { InstanceId } of inService) expect(states.get(InstanceId)).toBe('running')
  const live = [...states].filter(([, state]) => state === 'running').map(([id]) => id)
  const nodes = new Set(world.store.list('Node').map(({ metadata }) => metadata.name))
  // What was launched by hand, from a template that no self-managed group uses, joins nothing, whoever it was attached to later.
  const template = call<{ LaunchTemplates: { LaunchTemplateId: string }[] }>(world.ec2, 'DescribeLaunchTemplates', {
    LaunchTemplateNames: ['shop-data'],
  }).LaunchTemplates[0]?.LaunchTemplateId
  const own = new Set(
    instancesOf(world).flatMap(({ InstanceId, Tags }) => (Tags.some(({ Value }) => Value === template) ? [InstanceId] : [])),
  )
  const joined = live.filter((id) => !own.has(id))
  expect(nodes.size, 'every running instance of a group has its node').toBe(joined.length)
  const strays = live.filter((id) => !grouped.has(id))
  expect(strays.every((id) => everSeen.has(id))).toBe(true)
  const open = group.activities().filter(({ StatusCode }) => !['Successful', 'Failed', 'Cancelled'].includes(StatusCode))
  expect(open).toEqual([])
}
