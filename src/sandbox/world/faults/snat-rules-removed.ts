import { defineFault } from './fault.ts'
import { POD_KEYS } from './selectors.ts'

export const snatRulesRemoved = defineFault({
  name: 'snat-rules-removed',
  title: 'something flushes the rules by which packets of pods leave the VPC under the address of their node',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/docs/troubleshooting.md',
  where: POD_KEYS,
  levers: { 'pod/traffic': () => ({ cuts: ['internet'] }) },
})
