import { defineFault } from './fault.ts'

export const controlPlanePatchedByEks = defineFault({
  name: 'control-plane-patched-by-eks',
  title: 'EKS patches the control plane by itself, and updates are refused while the cluster reads ACTIVE',
  source: 'https://github.com/aws/containers-roadmap/issues/1500',
  levers: { 'control-plane': () => 'patched-by-eks' },
})
