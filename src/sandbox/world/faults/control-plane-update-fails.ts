import { defineFault } from './fault.ts'

export const controlPlaneUpdateFails = defineFault({
  name: 'control-plane-update-fails',
  title: 'an update of the control plane ends Failed, and the old one stays',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html',
  levers: { 'control-plane': () => 'update-fails' },
})
