import { defineFault } from './fault.ts'
import { NODE_KEYS } from './selectors.ts'

export const kubeletSilent = defineFault({
  name: 'kubelet-silent',
  title: 'the kubelet of a node says nothing any more: hung, or cut off from the API server',
  source: 'https://kubernetes.io/docs/concepts/architecture/nodes/#node-status',
  where: NODE_KEYS,
  levers: { 'node/kubelet': () => 'silent' },
})
