import { defineFault } from './fault.ts'
import { POD_KEYS } from './selectors.ts'

export const nodeAgentDenies = defineFault({
  name: 'node-agent-denies',
  codes: ['P13'],
  title: 'the node agent denies all traffic of pods in standard mode, though nobody has a policy',
  source: 'https://github.com/aws/aws-network-policy-agent/issues/553',
  where: POD_KEYS,
  levers: { 'pod/traffic': () => ({ cuts: ['kubelet', 'services', 'pods', 'internet'], by: 'node-agent' }) },
})
