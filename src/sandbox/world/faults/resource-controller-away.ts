import { defineFault } from './fault.ts'
import { NODE_KEYS } from './selectors.ts'

export const resourceControllerAway = defineFault({
  name: 'resource-controller-away',
  codes: ['P03', 'P21'],
  title: 'the VPC resource controller does not look after nodes: no trunk, no branch, no event',
  source: 'https://github.com/aws/amazon-vpc-resource-controller-k8s/blob/master/docs/troubleshooting.md',
  where: NODE_KEYS,
  levers: { 'resource-controller/away': () => true },
})
