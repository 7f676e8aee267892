import { defineFault } from './fault.ts'

export const instanceHealth = defineFault({
  name: 'instance-health',
  title: 'an instance fails its EC2 status checks',
  source: 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-system-instance-status-check.html',
  where: ['cluster', 'group', 'zone', 'instanceType', 'image', 'launchedLater', 'share'],
  levers: { 'instance/impaired': () => true },
})
