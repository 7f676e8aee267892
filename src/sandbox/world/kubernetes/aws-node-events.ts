import type { Happening } from './events.ts'
import type { PodObject } from './objects.ts'

/** What is told about aws-node: by the kubelet, and by itself. */

export function kubeletHappening(pod: PodObject, reason: string, message: string): Happening {
  const type = reason === 'Killing' ? 'Normal' : 'Warning'
  return { type, reason, message, component: 'kubelet', host: pod.spec?.nodeName ?? '', fieldPath: 'spec.containers{aws-node}' }
}

/** ipamd lacks a permission. Source: `checkAPIErrorAndBroadcastEvent` in pkg/awsutils/awsutils.go and pkg/utils/eventrecorder of amazon-vpc-cni-k8s. */
export function missingPermission(pod: PodObject, action: string): Happening {
  const message = `Unauthorized operation: failed to call ${action} due to missing permissions. Please refer https://github.com/aws/amazon-vpc-cni-k8s/blob/master/docs/iam-policy.md to attach relevant policy to IAM role`
  return {
    type: 'Warning',
    reason: 'MissingIAMPermissions',
    message,
    component: 'aws-node',
    host: `aws-node-${pod.spec?.nodeName ?? ''}`,
    action,
  }
}
