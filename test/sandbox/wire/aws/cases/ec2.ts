import type { OpenedWorld } from '../../../../../src/sandbox/world/open.ts'
import { call, scalingGroup } from '../../../aws/world-driver.ts'
import type { Cases } from './case.ts'

const member = (world: OpenedWorld) => scalingGroup(world, 'app-a').Instances?.[0]?.InstanceId

const launch = (world: OpenedWorld) => ({
  ImageId: scalingGroup(world, 'data').Instances?.[0]?.ImageId,
  InstanceType: 'm5.large',
  SubnetId: call<{ Subnets: { SubnetId: string }[] }>(world.ec2, 'DescribeSubnets', {}).Subnets[0]?.SubnetId,
})

const TEMPLATE = { LaunchTemplateName: 'shop-data' }

export const EC2_CASES: Cases = {
  DescribeSubnets: () => ({}),
  GetSubnetCidrReservations: (world) => ({
    SubnetId: call<{ Subnets: { SubnetId: string }[] }>(world.ec2, 'DescribeSubnets', {}).Subnets[0]?.SubnetId,
  }),
  DescribeInstances: () => ({}),
  DescribeInstanceStatus: () => ({}),
  RunInstances: (world) => ({ ...launch(world), MinCount: 2, MaxCount: 2 }),
  TerminateInstances: (world) => ({ InstanceIds: [member(world)] }),
  StopInstances: (world) => ({ InstanceIds: [member(world)] }),
  StartInstances: (world) => ({ InstanceIds: [member(world)] }),
  DescribeInstanceTypes: () => ({ InstanceTypes: ['m5.large'] }),
  DescribeNetworkInterfaces: () => ({ MaxResults: 5 }),
  DescribeLaunchTemplates: () => ({}),
  DescribeLaunchTemplateVersions: () => ({ LaunchTemplateName: 'shop-data', Versions: ['$Latest', '$Default'] }),
  CreateLaunchTemplate: () => ({ LaunchTemplateName: 'new', LaunchTemplateData: { InstanceType: 'm5.large', UserData: 'IyE=' } }),
  CreateLaunchTemplateVersion: () => ({ ...TEMPLATE, SourceVersion: '1', LaunchTemplateData: { InstanceType: 'm5.large' } }),
  ModifyLaunchTemplate: () => ({ ...TEMPLATE, DefaultVersion: '1' }),
  DeleteLaunchTemplateVersions: () => ({ ...TEMPLATE, Versions: ['1', '99'] }),
  DeleteLaunchTemplate: () => TEMPLATE,
  DescribeVpcs: () => ({}),
  DescribeAvailabilityZones: () => ({}),
  DescribeSecurityGroups: () => ({}),
  DescribeImages: (world) => ({ ImageIds: [scalingGroup(world, 'data').Instances?.[0]?.ImageId] }),
}
