import type { AwsHandlers } from '../../../../contract.ts'
import { dateOf, type Input, numberOf, pageOf, textOf, textsOf } from '../../answers.ts'
import type { AutoScalingApi } from '../../auto-scaling-api.ts'
import { groupOf, invalidToken } from './refusals.ts'

/** Operations on what stands beside a group: load balancers, which the sandbox knows by name only, and launch configurations. */
export function attachmentHandlers(api: AutoScalingApi): AwsHandlers {
  return {
    DescribeLoadBalancerTargetGroups(input) {
      const { settings } = groupOf(api.autoScaling, input)
      const rows = settings.targetGroupArns.map((arn) => ({ LoadBalancerTargetGroupARN: arn, State: 'InService' }))
      return paged(input, rows, 'LoadBalancerTargetGroups', 100)
    },
    DescribeLoadBalancers(input) {
      const { settings } = groupOf(api.autoScaling, input)
      const rows = settings.loadBalancerNames.map((name) => ({ LoadBalancerName: name, State: 'InService' }))
      return paged(input, rows, 'LoadBalancers', 100)
    },
    DescribeLaunchConfigurations: (input) => describeConfigurations(api, input),
  }
}

function describeConfigurations({ configurations, arnPrefix }: AutoScalingApi, input: Input): Record<string, unknown> {
  const names = textsOf(input, 'LaunchConfigurationNames')
  const found = [...configurations.values()].filter(({ name }) => names.length === 0 || names.includes(name))
  const rows = found.map(({ name, imageId, instanceType, createdAt }) => ({
    LaunchConfigurationName: name,
    LaunchConfigurationARN: `${arnPrefix.replace(/autoScalingGroup$/, 'launchConfiguration')}:launchConfigurationName/${name}`,
    ImageId: imageId,
    InstanceType: instanceType,
    KeyName: '',
    SecurityGroups: [],
    UserData: '',
    CreatedTime: dateOf(createdAt),
  }))
  return paged(input, rows, 'LaunchConfigurations', 50)
}

function paged(input: Input, rows: readonly unknown[], member: string, size: number): Record<string, unknown> {
  const page = pageOf(rows, textOf(input, 'NextToken'), numberOf(input, 'MaxRecords') ?? size, invalidToken)
  return { [member]: page.items, NextToken: page.next }
}
