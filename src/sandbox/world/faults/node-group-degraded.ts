import { z } from 'zod'
import { defineFault } from './fault.ts'

/** Codes of DescribeNodegroup's health (API reference, Issue) that scenarios bring about without their cause. */
const CODES = [
  'AccessDenied',
  'AmiIdNotFound',
  'AsgInstanceLaunchFailures',
  'AutoScalingGroupInstanceRefreshActive',
  'AutoScalingGroupNotFound',
  'ClusterUnreachable',
  'Ec2LaunchTemplateNotFound',
  'Ec2LaunchTemplateVersionMismatch',
  'Ec2SecurityGroupNotFound',
  'Ec2SubnetNotFound',
  'IamInstanceProfileNotFound',
  'IamNodeRoleNotFound',
  'InstanceLimitExceeded',
  'InsufficientFreeAddresses',
  'InternalFailure',
  'NodeCreationFailure',
  'PodEvictionFailure',
] as const

export const nodeGroupDegraded = defineFault({
  name: 'node-group-degraded',
  title: 'a managed node group reads DEGRADED with an issue, whatever its nodes do',
  source: 'https://docs.aws.amazon.com/eks/latest/APIReference/API_Issue.html',
  needs: ['group'],
  parameters: { code: z.enum(CODES), message: z.string().default(''), resourceIds: z.array(z.string()).default([]) },
  levers: { 'node-group/health': (_subject, { code, message, resourceIds }) => ({ code, message, resourceIds }) },
})
