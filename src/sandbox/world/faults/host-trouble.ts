import { z } from 'zod'
import { defineFault } from './fault.ts'
import { NODE_KEYS } from './selectors.ts'

export const hostTrouble = defineFault({
  name: 'host-trouble',
  codes: ['F08', 'F09', 'F13', 'F17', 'P11'],
  title: 'something is missing on the hosts of nodes',
  source:
    'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/docs/troubleshooting.md, https://github.com/aws/amazon-vpc-cni-k8s/issues/1847, https://github.com/aws/aws-network-policy-agent/issues/91, https://github.com/aws/amazon-vpc-cni-k8s/pull/1139',
  where: NODE_KEYS,
  parameters: { trouble: z.enum(['imds-blocked', 'aws-unreachable', 'iptables-unusable', 'no-bpf-fs', 'cni-binary-kept']) },
  levers: { 'node/host': (_subject, { trouble }) => trouble },
})
