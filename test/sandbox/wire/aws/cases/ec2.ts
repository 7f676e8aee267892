import { scalingGroup } from '../../../aws/world-driver.ts'
import type { Cases } from './case.ts'

export const EC2_CASES: Cases = {
  DescribeSubnets: () => ({}),
  DescribeInstances: () => ({}),
  DescribeInstanceTypes: () => ({ InstanceTypes: ['m5.large'] }),
  DescribeNetworkInterfaces: () => ({ MaxResults: 5 }),
  DescribeLaunchTemplates: () => ({}),
  DescribeLaunchTemplateVersions: () => ({ LaunchTemplateName: 'shop-data', Versions: ['$Latest', '$Default'] }),
  DescribeImages: (world) => ({ ImageIds: [scalingGroup(world, 'data').Instances?.[0]?.ImageId] }),
}
