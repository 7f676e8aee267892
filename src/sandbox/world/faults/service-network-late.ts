import { defineFault } from './fault.ts'
import { NODE_KEYS } from './selectors.ts'
import { duration } from './when.ts'

export const serviceNetworkLate = defineFault({
  name: 'service-network-late',
  codes: ['F05', 'F07'],
  title: 'the rules of kube-proxy come late, or lead to where the API server is no more',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/issues/2948, https://github.com/aws/amazon-vpc-cni-k8s/issues/865',
  where: NODE_KEYS,
  parameters: {
    /** How long after the start of kube-proxy on the node; never unless said. */
    by: duration.optional(),
  },
  levers: { 'node/services': (_subject, { by }) => ({ programmedAfter: by ?? Number.POSITIVE_INFINITY }) },
})
