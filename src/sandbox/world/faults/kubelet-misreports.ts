import { defineFault } from './fault.ts'
import { NODE_KEYS } from './selectors.ts'

export const kubeletMisreports = defineFault({
  name: 'kubelet-misreports',
  title: 'the kubelet of a node says that pods are Ready whose init containers have not ended',
  source: 'seen on a control plane of 1.36 with a kubelet that was broken',
  where: NODE_KEYS,
  levers: { 'node/reports': () => 'ready-unbegun' },
})
