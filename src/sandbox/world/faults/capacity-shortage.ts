import { defineFault } from './fault.ts'

export const capacityShortage = defineFault({
  name: 'capacity-shortage',
  title: 'EC2 has no capacity of an instance type in a zone',
  source: 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshooting-launch.html',
  where: ['cluster', 'group', 'zone', 'instanceType'],
  levers: { 'ec2/capacity': () => true },
})
