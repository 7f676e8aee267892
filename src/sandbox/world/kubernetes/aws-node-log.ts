import { type Instant, instantOf, SECOND } from '../../../model/instant.ts'
import type { StartStep } from '../../levers.ts'
import { AWS_NODE_CONTAINER } from './aws-node-pod.ts'
import { kubeTime } from './kube-time.ts'
import type { PodObject } from './objects.ts'
import { statusOf } from './pod-status.ts'

/** What the entrypoint prints. Source: cmd/aws-vpc-cni/main.go and utils/cp/cp.go of github.com/aws/amazon-vpc-cni-k8s. */

const INSTALLED = ['Installed /host/opt/cni/bin/aws-cni', 'Installed /host/opt/cni/bin/egress-cni']

/** A line of the entrypoint or of the init container (logrus). */
export function entrypointLine(at: Instant, level: 'info' | 'error', message: string): string {
  return `time="${kubeTime(at)}" level=${level} msg="${message}"`
}

/** As far as the entrypoint gets before a step of the start: from `api-server` on it is ipamd that works, and the entrypoint only polls. */
export function logUpTo(step: StartStep, startedAt: Instant): readonly string[] {
  if (step === 'entrypoint') return []
  const starting = [...INSTALLED, entrypointLine(startedAt, 'info', 'Starting IPAM daemon... ')]
  return step === 'exec'
    ? [...starting, cannotExecute(startedAt)]
    : [...starting, entrypointLine(startedAt, 'info', 'Checking for IPAM connectivity... ')]
}

/** What it adds once ipamd serves. */
export function servingLog(servesAt: Instant): readonly string[] {
  return [
    entrypointLine(servesAt, 'info', 'Copying config file... '),
    entrypointLine(servesAt, 'info', 'Successfully copied CNI plugin binary and config file.'),
  ]
}

/** What ipamd says when its log goes to stdout. */
export function ipamdLine(at: Instant, message: string, level: 'error' | 'warn' = 'error'): string {
  return `{"level":"${level}","ts":"${kubeTime(at)}","msg":${JSON.stringify(message)}}`
}

/** An image that cannot start ipamd. */
function cannotExecute(startedAt: Instant): string {
  return `${entrypointLine(startedAt, 'error', 'Failed to execute command: ./aws-k8s-agent')} error="fork/exec ./aws-k8s-agent: exec format error"`
}

/** One run of the container. */
export interface Run {
  readonly startedAt: Instant
  log: readonly string[]
}

/** Pods of the beginning have no run on record: their log follows from when they started. */
export function runOfBeginning(pod: PodObject): Run | undefined {
  const startedAt = instantOf(statusOf(pod, AWS_NODE_CONTAINER)?.state?.running?.startedAt)
  return startedAt === undefined
    ? undefined
    : { startedAt, log: [...logUpTo('api-server', startedAt), ...servingLog(startedAt + 3 * SECOND)] }
}
