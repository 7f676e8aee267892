import type { Instant } from '../../../model/instant.ts'
import { kubeTime } from './kube-time.ts'

/** What the entrypoint prints. Source: cmd/aws-vpc-cni/main.go and utils/cp/cp.go of github.com/aws/amazon-vpc-cni-k8s. */

const INSTALLED = ['Installed /host/opt/cni/bin/aws-cni', 'Installed /host/opt/cni/bin/egress-cni']

function line(at: Instant, level: 'info' | 'error', message: string): string {
  return `time="${kubeTime(at)}" level=${level} msg="${message}"`
}

/** As far as it gets while ipamd does not serve, whatever keeps it. */
export function hungLog(startedAt: Instant): readonly string[] {
  return [...INSTALLED, line(startedAt, 'info', 'Starting IPAM daemon... '), line(startedAt, 'info', 'Checking for IPAM connectivity... ')]
}

/** A whole start. `fromIpamd` is what ipamd says when its log goes to stdout. */
export function healthyLog(startedAt: Instant, servesAt: Instant, fromIpamd?: string): readonly string[] {
  const ipamd = fromIpamd === undefined ? [] : [`{"level":"error","ts":"${kubeTime(servesAt)}","msg":${JSON.stringify(fromIpamd)}}`]
  return [
    ...hungLog(startedAt),
    ...ipamd,
    line(servesAt, 'info', 'Copying config file... '),
    line(servesAt, 'info', 'Successfully copied CNI plugin binary and config file.'),
  ]
}

/** An image that cannot start ipamd. */
export function crashedLog(startedAt: Instant): readonly string[] {
  const cause = `${line(startedAt, 'error', 'Failed to execute command: ./aws-k8s-agent')} error="fork/exec ./aws-k8s-agent: exec format error"`
  return [...INSTALLED, line(startedAt, 'info', 'Starting IPAM daemon... '), cause]
}
