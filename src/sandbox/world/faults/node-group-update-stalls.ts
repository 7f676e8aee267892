import { defineFault } from './fault.ts'

export const nodeGroupUpdateStalls = defineFault({
  name: 'node-group-update-stalls',
  title: 'the update of a managed node group stands still in whatever phase it is in',
  source: 'https://github.com/aws/containers-roadmap/issues/1531',
  needs: ['group'],
  levers: { 'node-group/update': () => 'stalls' },
})
