import { type Instant, instantOf, SECOND } from '../../../model/instant.ts'
import type { StartStep } from '../../levers.ts'
import { AWS_NODE_CONTAINER } from './aws-node-pod.ts'
import { kubeTime } from './kube-time.ts'
import type { PodObject } from './objects.ts'
import { statusOf } from './pod-status.ts'
import { atLeast } from './version-floor.ts'

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

export type IpamdLevel = 'error' | 'warn' | 'info'

/** A line of ipamd.log. Members: zap's production encoder in pkg/utils/logger/zaplogger.go of amazon-vpc-cni-k8s, without the caller. */
export function ipamdLine(at: Instant, message: string, level: IpamdLevel): string {
  return `{"level":"${level}","ts":"${kubeTime(at)}","msg":${JSON.stringify(message)}}`
}

/** The first words of ipamd. Words by version: cmd/aws-k8s-agent/main.go and pkg/k8sapi/k8sutils.go at their tags. */
export function ipamdBegins(version: string, needsApiServer: boolean): readonly string[] {
  const begins = `Starting L-IPAMD ${withoutBuild(version)}  ...`
  if (!atLeast(version, 'v1.19.4')) return [begins, 'Testing communication with server']
  return needsApiServer
    ? [
        begins,
        'SGP, custom networking or pod annotation feature is in use, waiting for API server connectivity to start IPAMD',
        'Testing communication with server',
      ]
    : [begins, 'Waiting to connect API server for upto 30s...', 'Testing communication with server ...']
}

const API_SERVER = 'Get "https://172.20.0.1:443/version": dial tcp 172.20.0.1:443: i/o timeout'

/** What ipamd says while it waits, when it need not wait any more, and when it gives up waiting. */
export function apiServerWords(version: string, needsApiServer: boolean, kubernetesVersion: string) {
  const bounded = atLeast(version, 'v1.19.4') && !needsApiServer
  return {
    away: `Unable to reach API Server${bounded ? ':' : ','} ${API_SERVER}`,
    reached: `Successful communication with the Cluster! Cluster Version is: v${kubernetesVersion}${bounded ? '' : '. platform: linux/amd64'}`,
    without: 'Proceeding without API server connectivity, will run background API server connectivity check',
  }
}

/** The last of a start that went well. */
export function ipamdServes(version: string): string {
  const address = atLeast(version, 'v1.23.0') ? 'unix:/var/run/aws-node/ipamd.sock' : '127.0.0.1:50051'
  return `Serving RPC Handler version ${withoutBuild(version)} on ${address}`
}

function withoutBuild(version: string): string {
  return version.replace(/-eksbuild\.\d+$/, '')
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
