import { z } from 'zod'
import { defineFault } from './fault.ts'
import { NODE_KEYS } from './selectors.ts'

export const roleLacksAction = defineFault({
  name: 'role-lacks-action',
  codes: ['F02', 'F03', 'F12', 'P02', 'P05'],
  title: 'no policy of an IAM role allows some actions',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/issues/3704, https://github.com/aws/amazon-vpc-cni-k8s/blob/master/docs/iam-policy.md',
  where: [...NODE_KEYS, 'role'],
  needs: ['role'],
  parameters: { actions: z.array(z.string().regex(/^[a-z0-9-]+:[A-Z]\w+$/, 'expected an action such as ec2:DescribeSubnets')).min(1) },
  levers: { 'iam/denied': ({ action = '' }, { actions }) => (actions.includes(action) ? true : undefined) },
})
