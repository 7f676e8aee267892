import { defineFault } from './fault.ts'

export const alarmSounds = defineFault({
  name: 'alarm-sounds',
  title: 'a CloudWatch alarm is in the ALARM state',
  source: 'https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-instance-refresh.html',
  where: ['cluster', 'alarm'],
  needs: ['alarm'],
  levers: { 'cloudwatch/alarm': () => true },
})
