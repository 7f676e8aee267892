import { defineFault } from './fault.ts'

export const controlPlaneUpdateStalls = defineFault({
  name: 'control-plane-update-stalls',
  title: 'an update of the control plane does not end',
  source: 'https://github.com/aws/containers-roadmap/issues/2677',
  levers: { 'control-plane': () => 'update-stalls' },
})
