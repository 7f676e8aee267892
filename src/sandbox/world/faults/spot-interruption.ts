import { defineFault } from './fault.ts'

export const spotInterruption = defineFault({
  name: 'spot-interruption',
  title: 'EC2 takes Spot Instances back: a recommendation, a notice of two minutes, the end',
  source: 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-interruptions.html',
  where: ['cluster', 'group', 'zone', 'instanceType', 'share'],
  levers: { 'instance/interrupted': () => true },
})
