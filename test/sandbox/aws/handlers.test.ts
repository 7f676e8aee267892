import { describe, expect, it } from 'vitest'
import { type ServiceName, serviceOf } from '../../../src/sandbox/wire/aws/services.ts'
import { misfits } from '../../../src/sandbox/wire/aws/strict.ts'
import type { OpenedWorld } from '../../../src/sandbox/world/open.ts'
import { call, eks, openShipped, refusalOf, scalingGroup } from './world-driver.ts'

const cluster = { clusterName: 'shop' }

/** Every operation with an input that succeeds in the quickstart world. */
const CALLS: readonly (readonly [service: ServiceName, operation: string, input: (world: OpenedWorld) => Record<string, unknown>])[] = [
  ['eks', 'ListClusters', () => ({})],
  ['eks', 'DescribeCluster', () => ({ name: 'shop' })],
  ['eks', 'DescribeClusterVersions', () => ({})],
  ['eks', 'ListFargateProfiles', () => cluster],
  ['eks', 'ListNodegroups', () => cluster],
  ['eks', 'DescribeNodegroup', () => ({ ...cluster, nodegroupName: 'data' })],
  ['eks', 'UpdateNodegroupVersion', () => ({ ...cluster, nodegroupName: 'canary', version: '1.33' })],
  ['eks', 'UpdateNodegroupConfig', () => ({ ...cluster, nodegroupName: 'canary', scalingConfig: { maxSize: 5 } })],
  ['eks', 'ListAddons', () => cluster],
  ['eks', 'DescribeAddon', () => ({ ...cluster, addonName: 'vpc-cni' })],
  ['eks', 'DescribeAddonVersions', () => ({ addonName: 'vpc-cni' })],
  ['eks', 'DescribeAddonConfiguration', () => ({ addonName: 'vpc-cni', addonVersion: 'v1.21.1-eksbuild.7' })],
  ['eks', 'UpdateAddon', () => ({ ...cluster, addonName: 'vpc-cni', addonVersion: 'v1.21.1-eksbuild.7' })],
  ['eks', 'ListUpdates', () => ({ name: 'shop', nodegroupName: 'canary' })],
  [
    'eks',
    'DescribeUpdate',
    (world) => ({
      name: 'shop',
      nodegroupName: 'canary',
      updateId: eks(world, 'UpdateNodegroupVersion', { nodegroupName: 'canary' }).update.id,
    }),
  ],
  ['eks', 'ListInsights', () => cluster],
  [
    'eks',
    'DescribeInsight',
    (world) => ({ ...cluster, id: call<{ insights: { id: string }[] }>(world.eks, 'ListInsights', cluster).insights[0]?.id }),
  ],
  ['eks', 'StartInsightsRefresh', () => cluster],
  ['eks', 'DescribeInsightsRefresh', () => cluster],
  ['autoScaling', 'DescribeAutoScalingGroups', () => ({})],
  ['autoScaling', 'DescribeScalingActivities', () => ({})],
  [
    'autoScaling',
    'TerminateInstanceInAutoScalingGroup',
    (world) => ({ InstanceId: scalingGroup(world, 'app-a').Instances?.[0]?.InstanceId, ShouldDecrementDesiredCapacity: true }),
  ],
  ['ec2', 'DescribeSubnets', () => ({})],
  ['ec2', 'DescribeInstances', () => ({})],
  ['ec2', 'DescribeInstanceTypes', () => ({ InstanceTypes: ['m5.large'] })],
  ['ec2', 'DescribeNetworkInterfaces', () => ({ MaxResults: 5 })],
  ['ec2', 'DescribeLaunchTemplates', () => ({})],
  ['ec2', 'DescribeLaunchTemplateVersions', () => ({ LaunchTemplateName: 'shop-data', Versions: ['$Latest', '$Default'] })],
  ['ec2', 'DescribeImages', (world) => ({ ImageIds: [scalingGroup(world, 'data').Instances?.[0]?.ImageId] })],
  ['sts', 'GetCallerIdentity', () => ({})],
  [
    'ssm',
    'GetParameter',
    () => ({ Name: '/aws/service/eks/optimized-ami/1.33/amazon-linux-2023/arm64/standard/recommended/release_version' }),
  ],
  ['ssm', 'GetParameters', () => ({ Names: ['/aws/service/bottlerocket/aws-k8s-1.33/x86_64/latest/image_version', '/nothing'] })],
]

describe('AWS handlers', () => {
  it.each(CALLS)("%s %s answers in the shape of the SDK's schema", async (name, operation, input) => {
    const world = openShipped('quickstart')
    world.setApiServer('https://127.0.0.1:1', 'Y2E=')
    const service = await serviceOf(name)
    const schema = service.operations.get(operation)
    if (schema === undefined) throw new Error(`The SDK has no ${operation}`)
    const output = call<Record<string, unknown>>(service.handlers(world), operation, input(world))
    expect(misfits(schema.output(), output)).toEqual([])
    expect(Object.values(output).filter((value) => value !== undefined)).not.toEqual([])
  })

  it.each([
    { name: '/aws/service/eks/optimized-ami/1.33/amazon-linux-2023/x86_64/standard/recommended/release_version', value: '1.33.9-20260915' },
    { name: '/aws/service/bottlerocket/aws-k8s-1.33-nvidia/arm64/latest/image_version', value: '1.36.0' },
  ])('recommends the newest release out on the day of the world: $name', ({ name, value }) => {
    const { Parameter } = call<{ Parameter: { Value: string } }>(openShipped('quickstart').ssm, 'GetParameter', { Name: name })
    expect(Parameter.Value).toBe(value)
  })

  it('knows no parameter of a minor that does not exist', () => {
    const ask = () =>
      call(openShipped('quickstart').ssm, 'GetParameter', {
        Name: '/aws/service/eks/optimized-ami/1.99/amazon-linux-2023/x86_64/standard/recommended/image_id',
      })
    expect(refusalOf(ask)).toMatchObject({ status: 400, code: 'ParameterNotFound' })
  })

  it('answers only for its own cluster', () => {
    const ask = () => call(openShipped('quickstart').eks, 'ListNodegroups', { clusterName: 'other' })
    expect(refusalOf(ask)).toMatchObject({ status: 404, code: 'ResourceNotFoundException', message: 'No cluster found for name: other.' })
  })

  it('resolves $Latest and $Default to numbers', () => {
    type Versions = { LaunchTemplateVersions: { VersionNumber: number }[] }
    const { LaunchTemplateVersions } = call<Versions>(openShipped('large').ec2, 'DescribeLaunchTemplateVersions', {
      LaunchTemplateName: 'atlas-edge',
      Versions: ['$Latest', '$Default'],
    })
    expect(LaunchTemplateVersions.map(({ VersionNumber }) => VersionNumber)).toEqual([8, 7])
  })
})
