import { defineFault } from './fault.ts'
import { NODE_KEYS } from './selectors.ts'

export const ipamHang = defineFault({
  name: 'ipam-hang',
  codes: ['F01', 'F06'],
  title: 'ipamd does not come to serve, and nothing says why',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/issues/3224, https://github.com/aws/amazon-vpc-cni-k8s/issues/3306',
  where: NODE_KEYS,
  levers: { 'aws-node/start': () => ({ step: 'host-network', fate: 'hang' }) },
})
