import type { NetworkView } from './network-view.ts'
import type { Nodes } from './nodes.ts'
import type { PodObject } from './objects.ts'
import type { PodDetail } from './pod-spec.ts'

/** Where ipamd writes unless it is told otherwise (`AWS_VPC_K8S_CNI_LOG_FILE`, README.md of amazon-vpc-cni-k8s). */
const IPAMD_LOG = '/var/log/aws-routed-eni/ipamd.log'

/** The files of its node that a pod has mounted. */
export interface HostFiles {
  /** Lines of a file by its path in the pod; undefined where there is none. */
  readLines(pod: PodObject, path: string): readonly string[] | undefined
}

/** All that a process in a pod meets: the network, and files. */
export interface PodView extends NetworkView, HostFiles {}

/** Of the files of a node only ipamd.log is kept. */
export function createHostFiles(nodes: Nodes): HostFiles {
  return {
    readLines(pod, path) {
      const run = nodes.get(pod.spec?.nodeName ?? '')
      return run !== undefined && onHost(pod, path) === IPAMD_LOG && run.ipamdLog.length > 0 ? run.ipamdLog : undefined
    },
  }
}

function onHost(pod: PodObject, path: string): string | undefined {
  const spec: PodDetail = pod.spec ?? {}
  const volumes = new Map((spec.volumes ?? []).map(({ name, hostPath }) => [name, hostPath?.path]))
  const mounts = (spec.containers ?? []).flatMap(({ volumeMounts = [] }) => volumeMounts)
  const mount = mounts.find(({ name, mountPath }) => volumes.get(name) !== undefined && path.startsWith(`${mountPath}/`))
  return mount === undefined ? undefined : `${volumes.get(mount.name)}${path.slice(mount.mountPath.length)}`
}
