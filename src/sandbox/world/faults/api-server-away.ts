import { defineFault } from './fault.ts'

export const apiServerAway = defineFault({
  name: 'api-server-away',
  title: 'the API server refuses connections',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html',
  levers: { 'control-plane': () => 'api-server-away' },
})
