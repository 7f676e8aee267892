import { expect, it } from 'vitest'
import { SECOND } from '../../../src/model/instant.ts'
import type { OpenedWorld } from '../../../src/sandbox/world/open.ts'
import { call, eks, openWith, refusalOf } from './world-driver.ts'

/** Every operation that changes something, with what readers see of it before they have heard of it, and after. */

const AGES = { ec2: 10, autoScaling: 10, eks: 10 }
const open = () => openWith('quickstart', '', {}, lagging)

/** The lag is drawn below what is said, so that with a moment of the least it is over at ten seconds. */
function lagging(text: string): string {
  return `${text}\noptions: { readLag: { ec2: ${AGES.ec2}s, autoScaling: ${AGES.autoScaling}s, eks: ${AGES.eks}s } }\n`
}

type Sees = (world: OpenedWorld) => unknown

const group = (world: OpenedWorld, name = 'app-b') =>
  eks(world, 'DescribeNodegroup', { nodegroupName: name }).nodegroup.resources?.autoScalingGroups?.[0]?.name ?? ''
const scaling = (world: OpenedWorld, name: string) =>
  call<{
    AutoScalingGroups: {
      DesiredCapacity: number
      SuspendedProcesses: unknown[]
      Tags: { Key: string }[]
      Instances: { InstanceId: string; LifecycleState: string }[]
    }[]
  }>(world.autoScaling, 'DescribeAutoScalingGroups', { AutoScalingGroupNames: [name] }).AutoScalingGroups[0]
const outcome = (ask: () => unknown) => {
  try {
    return ask()
  } catch (error) {
    return (error as { code: string }).code
  }
}
const template = { LaunchTemplateName: 'shop-data' }
const instanceOf = (world: OpenedWorld) => scaling(world, group(world))?.Instances[0]?.InstanceId ?? ''
const subnet = (world: OpenedWorld) => call<{ Subnets: { SubnetId: string }[] }>(world.ec2, 'DescribeSubnets', {}).Subnets[0]?.SubnetId
const launched = (world: OpenedWorld) =>
  outcome(
    () =>
      call<{ Reservations: { Instances: { State: { Name: string } }[] }[] }>(world.ec2, 'DescribeInstances', {
        Filters: [{ Name: 'tag:drill', Values: ['yes'] }],
      }).Reservations.length,
  )

const ROWS: readonly {
  readonly change: string
  readonly act: Sees
  readonly sees: Sees
  readonly before: unknown
  readonly after: unknown
}[] = [
  {
    change: 'RunInstances, in a list',
    act: (world) =>
      call(world.ec2, 'RunInstances', {
        LaunchTemplate: template,
        InstanceType: 'm5.large',
        SubnetId: subnet(world),
        MinCount: 1,
        MaxCount: 1,
        TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'drill', Value: 'yes' }] }],
      }),
    sees: launched,
    before: 0,
    after: 1,
  },
  {
    change: 'StopInstances',
    act: (world) => call(world.ec2, 'StopInstances', { InstanceIds: [instanceOf(world)] }),
    sees: (world) =>
      call<{ Reservations: { Instances: { State: { Name: string } }[] }[] }>(world.ec2, 'DescribeInstances', {
        Filters: [{ Name: 'instance-state-name', Values: ['stopping', 'shutting-down'] }],
      }).Reservations.length,
    before: 0,
    after: 1,
  },
  {
    change: 'CreateLaunchTemplateVersion',
    act: (world) => call(world.ec2, 'CreateLaunchTemplateVersion', { ...template, SourceVersion: '1', LaunchTemplateData: {} }),
    sees: (world) =>
      call<{ LaunchTemplateVersions: { VersionNumber: number }[] }>(world.ec2, 'DescribeLaunchTemplateVersions', {
        ...template,
        Versions: ['$Latest'],
      }).LaunchTemplateVersions[0]?.VersionNumber,
    before: 2,
    after: 3,
  },
  {
    change: 'CreateLaunchTemplate',
    act: (world) => call(world.ec2, 'CreateLaunchTemplate', { LaunchTemplateName: 'new', LaunchTemplateData: {} }),
    sees: (world) =>
      outcome(
        () =>
          call<{ LaunchTemplates: unknown[] }>(world.ec2, 'DescribeLaunchTemplates', { LaunchTemplateNames: ['new'] }).LaunchTemplates
            .length,
      ),
    before: 'InvalidLaunchTemplateName.NotFoundException',
    after: 1,
  },
  {
    change: 'DeleteLaunchTemplate',
    act: (world) => call(world.ec2, 'DeleteLaunchTemplate', template),
    sees: (world) =>
      outcome(
        () =>
          call<{ LaunchTemplates: unknown[] }>(world.ec2, 'DescribeLaunchTemplates', { LaunchTemplateNames: ['shop-data'] }).LaunchTemplates
            .length,
      ),
    before: 1,
    after: 'InvalidLaunchTemplateName.NotFoundException',
  },
  {
    change: 'SetDesiredCapacity',
    act: (world) => call(world.autoScaling, 'SetDesiredCapacity', { AutoScalingGroupName: group(world), DesiredCapacity: 7 }),
    sees: (world) => scaling(world, group(world))?.DesiredCapacity,
    before: 6,
    after: 7,
  },
  {
    change: 'SuspendProcesses',
    act: (world) => call(world.autoScaling, 'SuspendProcesses', { AutoScalingGroupName: group(world), ScalingProcesses: ['AZRebalance'] }),
    sees: (world) => scaling(world, group(world))?.SuspendedProcesses.length,
    before: 0,
    after: 1,
  },
  {
    change: 'TerminateInstanceInAutoScalingGroup, which names no group',
    act: (world) =>
      call(world.autoScaling, 'TerminateInstanceInAutoScalingGroup', {
        InstanceId: instanceOf(world),
        ShouldDecrementDesiredCapacity: false,
      }),
    sees: (world) =>
      scaling(world, group(world))?.Instances.filter(({ LifecycleState }) => LifecycleState.startsWith('Terminating')).length,
    before: 0,
    after: 1,
  },
  {
    change: 'CreateOrUpdateTags, which names its groups in the tags',
    act: (world) =>
      call(world.autoScaling, 'CreateOrUpdateTags', {
        Tags: [{ ResourceId: group(world), ResourceType: 'auto-scaling-group', Key: 'drill', Value: 'yes', PropagateAtLaunch: false }],
      }),
    sees: (world) => scaling(world, group(world))?.Tags.filter(({ Key }) => Key === 'drill').length,
    before: 0,
    after: 1,
  },
  {
    change: 'UpdateNodegroupConfig, in the list of updates',
    act: (world) => eks(world, 'UpdateNodegroupConfig', { nodegroupName: 'app-b', updateConfig: { maxUnavailable: 2 } }),
    sees: (world) => eks(world, 'ListUpdates', { nodegroupName: 'app-b' }).updateIds.length,
    before: 0,
    after: 1,
  },
  {
    change: 'UpdateAddon',
    act: (world) => eks(world, 'UpdateAddon', { addonName: 'coredns', addonVersion: 'v1.12.4-eksbuild.1' }),
    sees: (world) => eks(world, 'DescribeAddon', { addonName: 'coredns' }).addon.status,
    before: 'ACTIVE',
    after: 'UPDATING',
  },
  {
    change: 'CreateAddon, in the list',
    act: (world) => eks(world, 'CreateAddon', { addonName: 'eks-pod-identity-agent' }),
    sees: (world) => eks(world, 'ListAddons').addons.includes('eks-pod-identity-agent'),
    before: false,
    after: true,
  },
  {
    change: 'DeleteNodegroup',
    act: (world) => eks(world, 'DeleteNodegroup', { nodegroupName: 'app-b' }),
    sees: (world) => eks(world, 'DescribeNodegroup', { nodegroupName: 'app-b' }).nodegroup.status,
    before: 'ACTIVE',
    after: 'DELETING',
  },
]

it.each(ROWS)('$change: read as it was, then as it is', ({ act, sees, before, after }) => {
  const world = open()
  world.asReadersSee(0, () => act(world))
  const read = () => world.asReadersSee(0, () => sees(world))
  expect(read()).toBe(before)
  world.timeline.advanceTo(world.timeline.now() + AGES.ec2 * SECOND)
  expect(read()).toBe(after)
})

it.each([
  {
    title: 'a node group',
    act: (world: OpenedWorld) => eks(world, 'CreateNodegroup', NEW_GROUP(world)),
    find: { DescribeNodegroup: { nodegroupName: 'new' } },
  },
  {
    title: 'an add-on',
    act: (world: OpenedWorld) => eks(world, 'CreateAddon', { addonName: 'eks-pod-identity-agent' }),
    find: { DescribeAddon: { addonName: 'eks-pod-identity-agent' } },
  },
])('$title that was just made is found by its name, but not where a fault makes readers lag', ({ act, find }) => {
  const world = open()
  world.asReadersSee(0, () => act(world))
  const [[operation, input]] = Object.entries(find) as [['DescribeAddon', Record<string, string>]]
  world.asReadersSee(0, () => eks(world, operation, input))
  expect(world.asReadersSee(30 * SECOND, () => refusalOf(() => eks(world, operation, input)).code)).toBe('ResourceNotFoundException')
})

const NEW_GROUP = (world: OpenedWorld) => ({
  nodegroupName: 'new',
  subnets: [subnet(world)],
  nodeRole: 'arn:aws:iam::111122223333:role/nodes',
})

it('an update is described by the id of the answer at once, and a token that comes again finds it', () => {
  const world = open()
  const input = { nodegroupName: 'app-b', updateConfig: { maxUnavailable: 2 }, clientRequestToken: 'one' }
  const { update } = world.asReadersSee(0, () => eks(world, 'UpdateNodegroupConfig', input))
  world.asReadersSee(30 * SECOND, () => {
    expect(eks(world, 'DescribeUpdate', { nodegroupName: 'app-b', updateId: update.id }).update.status).toBe('InProgress')
    expect(eks(world, 'UpdateNodegroupConfig', input).update.id).toBe(update.id)
    expect(eks(world, 'ListUpdates', { nodegroupName: 'app-b' }).updateIds).toEqual([])
  })
})

it('a refused change is none', () => {
  const world = open()
  const size = { AutoScalingGroupName: group(world), DesiredCapacity: 99 }
  expect(world.asReadersSee(0, () => refusalOf(() => call(world.autoScaling, 'SetDesiredCapacity', size))).code).toBe('ValidationError')
  expect(world.asReadersSee(0, () => scaling(world, group(world))?.DesiredCapacity)).toBe(6)
})
