import { defineFault } from './fault.ts'
import { NODE_KEYS } from './selectors.ts'

export const nodeNeverJoins = defineFault({
  name: 'node-never-joins',
  title: 'an instance runs, and its kubelet never registers',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/troubleshooting.html#worker-node-fail',
  where: NODE_KEYS,
  levers: { 'node/join': () => 'never' },
})
