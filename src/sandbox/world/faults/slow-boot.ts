import { z } from 'zod'
import { defineFault } from './fault.ts'

export const slowBoot = defineFault({
  name: 'slow-boot',
  title: 'instances take a multiple of the usual time until kubelet registers',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/troubleshooting.html',
  where: ['cluster', 'group', 'zone', 'instanceType', 'image'],
  parameters: { factor: z.number().gt(1).max(100).default(5) },
  levers: { 'instance/boot': (_subject, { factor }) => factor },
})
