import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../../../src/model/instant.ts'
import type { Node } from '../../../src/model/kubernetes.ts'
import { type OpenedWorld, openWorld } from '../../../src/sandbox/world/open.ts'
import { drive, tally } from './scaling-driver.ts'
import { call, openShipped, refusalOf, scalingGroup } from './world-driver.ts'

const WORKERS = `
apiVersion: serin.dev/v1alpha1
kind: World
metadata: { name: workers }
clock: { start: "2026-09-28T20:30:00Z" }
cluster: { name: own, region: eu-central-1, accountId: "111122223333", kubernetesVersion: "1.33" }
subnets:
  - { name: a, zone: eu-central-1a, cidr: 10.0.0.0/24 }
  - { name: b, zone: eu-central-1b, cidr: 10.0.1.0/24 }
launchTemplates:
  - name: workers
    versions:
      - { instanceType: m5.large, image: { kubernetesVersion: "1.32" } }
      - { instanceType: m5.large, image: { kubernetesVersion: "1.33" } }
  - { name: stray, versions: [{ instanceType: m5.large, image: { kubernetesVersion: "1.33" } }] }
nodeGroups:
  - name: blue
    form: self-managed
    instanceTypes: [m5.large]
    size: { min: 0, max: 8, desired: 4 }
    subnets: [a, b]
    labels: { team: shop }
    taints: [{ key: dedicated, value: shop, effect: NoSchedule }]
    selfManaged: { launchTemplate: { name: workers, version: 1 } }
addons: [{ name: vpc-cni, version: v1.20.4-eksbuild.2 }]
`
const TARGETS = 'arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/shop/0123456789abcdef'

const nodesOf = (world: OpenedWorld) => world.store.list('Node') as unknown as readonly Node[]
const kubelets = (world: OpenedWorld) => tally(nodesOf(world).map(({ status }) => status?.nodeInfo?.kubeletVersion?.slice(0, 5) ?? ''))

function opened() {
  const world = openWorld({ world: WORKERS, scenarios: [] })
  const blue = drive(world, 'blue', 'self-managed')
  const green = drive(world, 'green', 'self-managed')
  const subnets = String(blue.seen().VPCZoneIdentifier)
  const create = (input: Record<string, unknown> = {}) =>
    green.ask('CreateAutoScalingGroup', {
      MinSize: 0,
      MaxSize: 8,
      DesiredCapacity: 4,
      VPCZoneIdentifier: subnets,
      LaunchTemplate: { LaunchTemplateName: 'workers', Version: '2' },
      ...input,
    })
  return { world, blue, green, create }
}

describe('a group that a user makes', () => {
  it('begins empty, launches what it wants, and its nodes join as those of the group with the same template do', () => {
    const { world, green, create } = opened()
    create()
    expect(green.ids()).toEqual([])
    green.wait(3 * MINUTE)
    expect(kubelets(world)).toEqual({ 'v1.32': 4, 'v1.33': 4 })
    const [node] = nodesOf(world).filter(({ status }) => status?.nodeInfo?.kubeletVersion?.startsWith('v1.33'))
    expect(node?.metadata.labels).toMatchObject({ team: 'shop' })
    expect(node?.spec?.taints).toContainEqual({ key: 'dedicated', value: 'shop', effect: 'NoSchedule' })
    expect(green.activities()[0]?.Cause).toMatch(
      /a user request created an AutoScalingGroup changing the desired capacity from 0 to 4\. {2}At .* increasing the capacity from 0 to 4\.$/,
    )
  })

  it('shows what it was made with: tags, hooks, target groups, settings', () => {
    const { green, create } = opened()
    create({
      Tags: [
        { Key: 'kubernetes.io/cluster/own', Value: 'owned', PropagateAtLaunch: true },
        { Key: 'team', Value: 'shop', PropagateAtLaunch: false },
      ],
      LifecycleHookSpecificationList: [
        { LifecycleHookName: 'drain', LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING', HeartbeatTimeout: 300 },
      ],
      TargetGroupARNs: [TARGETS],
      TerminationPolicies: ['OldestInstance'],
      Context: 'eks',
    })
    expect(green.seen()).toMatchObject({
      TargetGroupARNs: [TARGETS],
      TrafficSources: [{ Identifier: TARGETS, Type: 'elbv2' }],
      TerminationPolicies: ['OldestInstance'],
      HealthCheckGracePeriod: 0,
      Context: 'eks',
    })
    expect(green.ask('DescribeLifecycleHooks')).toMatchObject({ LifecycleHooks: [{ LifecycleHookName: 'drain', HeartbeatTimeout: 300 }] })
    const tags = (green.seen().Tags as { Key: string; PropagateAtLaunch: boolean }[]).map(({ Key, PropagateAtLaunch }) => [
      Key,
      PropagateAtLaunch,
    ])
    expect(tags).toEqual([
      ['kubernetes.io/cluster/own', true],
      ['team', false],
    ])
  })

  it('launches instances that join no cluster from a template that no group of the world has', () => {
    const { world, green, create } = opened()
    create({ LaunchTemplate: { LaunchTemplateName: 'stray', Version: '1' } })
    green.wait(5 * MINUTE)
    expect(tally(green.states())).toEqual({ InService: 4 })
    expect(nodesOf(world)).toHaveLength(4)
  })

  it.each([
    { title: 'a name that is taken', input: { AutoScalingGroupName: 'blue' }, code: 'AlreadyExistsFault', says: 'already exists' },
    {
      title: 'nothing to launch',
      input: { LaunchTemplate: undefined },
      code: 'ValidationError',
      says: 'must contain either launchTemplate',
    },
    { title: 'no subnet', input: { VPCZoneIdentifier: undefined }, code: 'ValidationError', says: 'At least one Availability Zone' },
    { title: 'zones of others', input: { AvailabilityZones: ['eu-central-1c'] }, code: 'ValidationError', says: 'do not match' },
    { title: 'a size out of bounds', input: { DesiredCapacity: 9 }, code: 'ValidationError', says: 'Desired capacity:9 must be between' },
    { title: 'what is not simulated', input: { MaxInstanceLifetime: 86_400 }, code: 'NotImplemented', says: 'MaxInstanceLifetime' },
    { title: 'a member nobody knows', input: { InstanceLifecyclePolicy: {} }, code: 'NotImplemented', says: 'InstanceLifecyclePolicy' },
  ])('is refused with $title', ({ input, code, says }) => {
    const { green, create } = opened()
    const refusal = refusalOf(() => create(input))
    expect([refusal.code, refusal.message]).toEqual([code, expect.stringContaining(says)])
    expect(() => green.seen()).toThrow('There is no group')
  })
})

describe('a group that is deleted', () => {
  it('is refused while it has instances, and goes at once when it has none', () => {
    const { blue } = opened()
    expect(refusalOf(() => blue.ask('DeleteAutoScalingGroup'))).toMatchObject({
      code: 'ResourceInUseFault',
      message: expect.stringContaining('while there are instances'),
    })
    blue.ask('UpdateAutoScalingGroup', { MinSize: 0, MaxSize: 0, DesiredCapacity: 0 })
    blue.wait(2 * MINUTE)
    blue.ask('DeleteAutoScalingGroup')
    blue.wait(SECOND)
    expect(() => blue.seen()).toThrow('There is no group')
  })

  it('by force takes protected and waiting instances with it, and can then be made again', () => {
    const { world, blue } = opened()
    const [first, second] = blue.ids()
    blue.ask('PutLifecycleHook', { LifecycleHookName: 'drain', LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING' })
    blue.ask('SetInstanceProtection', { InstanceIds: [second], ProtectedFromScaleIn: true })
    blue.ask('TerminateInstanceInAutoScalingGroup', { InstanceId: first, ShouldDecrementDesiredCapacity: false })
    expect(blue.states()).toContain('Terminating:Wait')
    blue.ask('DeleteAutoScalingGroup', { ForceDelete: true })
    expect(blue.seen().Status).toBe('Delete in progress')
    expect(refusalOf(() => blue.ask('UpdateAutoScalingGroup', { MaxSize: 3 })).message).toBe(
      'The AutoScaling group may not be modified while it is pending delete',
    )
    blue.wait(MINUTE)
    expect(() => blue.seen()).toThrow('There is no group')
    expect(nodesOf(world)).toEqual([])
    const template = { LaunchTemplate: { LaunchTemplateName: 'workers', Version: '1' } }
    const subnets = world.ec2.DescribeSubnets?.({}).Subnets as { SubnetId: string }[]
    const VPCZoneIdentifier = subnets.map(({ SubnetId }) => SubnetId).join(',')
    blue.ask('CreateAutoScalingGroup', { MinSize: 2, MaxSize: 2, VPCZoneIdentifier, ...template })
    blue.wait(3 * MINUTE)
    expect(nodesOf(world)).toHaveLength(2)
  })

  it.each([
    { protection: 'prevent-force-deletion', force: true, refused: true },
    { protection: 'prevent-all-deletion', force: false, refused: true },
    { protection: 'none', force: true, refused: false },
  ])('with the protection $protection, by force: $force, is refused: $refused', ({ protection, force, refused }) => {
    const { green, create } = opened()
    create({ DeletionProtection: protection, DesiredCapacity: 0 })
    const attempt = () => green.ask('DeleteAutoScalingGroup', { ForceDelete: force })
    if (refused) expect(refusalOf(attempt).message).toContain(protection)
    else expect(attempt()).toEqual({})
  })

  it('of a managed node group leaves EKS without it', () => {
    const world = openShipped('quickstart')
    const name = scalingGroup(world, 'app-a').AutoScalingGroupName
    call(world.autoScaling, 'DeleteAutoScalingGroup', { AutoScalingGroupName: name, ForceDelete: true })
    world.timeline.advanceTo(world.timeline.now() + 2 * MINUTE)
    const { nodegroup } = call<{ nodegroup: { status: string; health: { issues: { code: string }[] } } }>(world.eks, 'DescribeNodegroup', {
      clusterName: world.cluster.name,
      nodegroupName: 'app-a',
    })
    expect([nodegroup.status, nodegroup.health.issues.map(({ code }) => code)]).toEqual(['DEGRADED', ['AutoScalingGroupNotFound']])
  })
})

describe('what a group stands behind', () => {
  it('takes its instances in within seconds, and lets them go in minutes', () => {
    const { blue } = opened()
    const states = () =>
      blue
        .ask<{ LoadBalancerTargetGroups: { State: string }[] }>('DescribeLoadBalancerTargetGroups')
        .LoadBalancerTargetGroups.map(({ State }) => State)
    blue.ask('AttachLoadBalancerTargetGroups', { TargetGroupARNs: [TARGETS] })
    expect(states()).toEqual(['Adding'])
    blue.wait(30 * SECOND)
    expect(states()).toEqual(['InService'])
    blue.ask('DetachLoadBalancerTargetGroups', { TargetGroupARNs: [TARGETS] })
    expect(states()).toEqual(['Removing'])
    blue.wait(6 * MINUTE)
    expect(states()).toEqual([])
    expect(blue.seen().TargetGroupARNs).toEqual([])
  })

  it('cannot be left by a group that does not stand there', () => {
    const { blue } = opened()
    expect(refusalOf(() => blue.ask('DetachLoadBalancerTargetGroups', { TargetGroupARNs: [TARGETS] })).code).toBe('ValidationError')
  })
})
