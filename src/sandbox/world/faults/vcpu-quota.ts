import { z } from 'zod'
import { defineFault } from './fault.ts'

export const vcpuQuota = defineFault({
  name: 'vcpu-quota',
  title: 'the account may run no more vCPUs of these instance types',
  source: 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-on-demand-instances.html#ec2-on-demand-instances-limits',
  where: ['cluster', 'instanceType'],
  parameters: { vcpus: z.number().int().min(0) },
  levers: { 'ec2/vcpu-quota': (_subject, { vcpus }) => vcpus },
})
