import type { PodObject } from './objects.ts'
import { controllerOf } from './objects.ts'
import { statusOf } from './pod-status.ts'
import { atLeast } from './version-floor.ts'

/** What can be read off a pod of aws-node. */

export const AWS_NODE_CONTAINER = 'aws-node'

export function isAwsNode(pod: PodObject): boolean {
  return (
    pod.metadata.namespace === 'kube-system' && pod.metadata.labels?.['k8s-app'] === 'aws-node' && controllerOf(pod)?.kind === 'DaemonSet'
  )
}

/** `v1.18.3-eksbuild.3`: the tag of a container's image. */
export function tagOf(pod: PodObject, container: string): string {
  const image = pod.spec?.containers?.find(({ name }) => name === container)?.image ?? ''
  return image.slice(image.lastIndexOf(':') + 1)
}

export function cniVersionOf(pod: PodObject): string {
  return tagOf(pod, AWS_NODE_CONTAINER)
}

/** A variable of the aws-node container; undefined when it is not set. */
export function variableOf(pod: PodObject, variable: string): string | undefined {
  const env = pod.spec?.containers?.find(({ name }) => name === AWS_NODE_CONTAINER)?.env ?? []
  return env.find(({ name }) => name === variable)?.value
}

export function restartsOf(pod: PodObject): number {
  return statusOf(pod, AWS_NODE_CONTAINER)?.restartCount ?? 0
}

/** Probes speak TCP up to v1.22 and the unix socket from v1.23.0 (config/master/aws-k8s-cni.yaml of amazon-vpc-cni-k8s at its tags). */
export function probeAddress(cniVersion: string): string {
  return atLeast(cniVersion, 'v1.23.0') ? 'unix:///var/run/aws-node/ipamd.sock' : ':50051'
}

export function probeFailure(cniVersion: string): string {
  return `timeout: failed to connect service "${probeAddress(cniVersion)}" within 5s`
}

export function logsToStdout(pod: PodObject): boolean {
  return variableOf(pod, 'AWS_VPC_K8S_CNI_LOG_FILE') === 'stdout'
}
