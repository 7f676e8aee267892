import { z } from 'zod'
import { defineFault } from './fault.ts'

export const alarmSounds = defineFault({
  name: 'alarm-sounds',
  title: 'a CloudWatch alarm is in the ALARM state, or has no data',
  source: 'https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-instance-refresh.html',
  where: ['cluster', 'alarm'],
  needs: ['alarm'],
  parameters: { state: z.enum(['ALARM', 'INSUFFICIENT_DATA']).default('ALARM') },
  levers: { 'cloudwatch/alarm': (_subject, { state }) => state },
})
