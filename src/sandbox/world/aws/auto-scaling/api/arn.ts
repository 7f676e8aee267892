import { keyedUuid } from '../../../../../model/keyed.ts'
import type { AutoScalingApi } from '../../auto-scaling-api.ts'

/**
 * The ARN of a group or launch configuration, with the id that Auto Scaling gave it
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2autoscaling.html).
 */
export function scalingArn({ cluster, seed }: AutoScalingApi, kind: 'autoScalingGroup' | 'launchConfiguration', name: string): string {
  return `arn:aws:autoscaling:${cluster.region}:${cluster.accountId}:${kind}:${keyedUuid(seed, kind, name)}:${kind}Name/${name}`
}
