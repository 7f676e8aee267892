import { z } from 'zod'
import { defineFault } from './fault.ts'
import { POD_KEYS } from './selectors.ts'
import { duration } from './when.ts'

export const ipRulesRemoved = defineFault({
  name: 'ip-rules-removed',
  codes: ['P15'],
  title: 'nm-cloud-setup of the image removes the rules of pods some minutes after they were made',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/docs/troubleshooting.md',
  where: POD_KEYS,
  parameters: { after: duration.prefault('5m').pipe(z.number()) },
  levers: { 'pod/traffic': (_subject, { after }) => ({ cuts: ['kubelet', 'services', 'pods', 'internet'], since: { from: after } }) },
})
