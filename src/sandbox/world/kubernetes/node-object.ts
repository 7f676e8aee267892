import type { Instant } from '../../../model/instant.ts'
import { keyedUuid } from '../../../model/keyed.ts'
import type { Condition } from '../../../model/kubernetes.ts'
import { INSTANCE_TYPE_LABEL, ZONE_LABEL } from '../../../model/kubernetes.ts'
import type { Machine } from '../../contract.ts'
import { kubeTime } from './kube-time.ts'

export const READY = { status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' } as const

export const CNI_NOT_INITIALIZED = {
  status: 'False',
  reason: 'KubeletNotReady',
  message:
    'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
} as const

/** What the node lifecycle controller puts on a node that is not Ready. */
export const NOT_READY_TAINTS = [
  { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' },
] as const

/** A node as its kubelet registers it. */
export function newNode(machine: Machine, region: string, ready: Pick<Condition, 'status' | 'reason' | 'message'>, at: Instant) {
  const taints = [...machine.taints, ...(ready.status === 'True' ? [] : NOT_READY_TAINTS)]
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: machine.nodeName, labels: labelsOf(machine, region), annotations: ANNOTATIONS },
    spec: { providerID: machine.providerId ?? `aws:///${machine.zone}/${machine.instanceId}`, ...(taints.length > 0 ? { taints } : {}) },
    status: {
      addresses: [
        { type: 'InternalIP', address: machine.privateIp },
        { type: 'InternalDNS', address: machine.nodeName },
        { type: 'Hostname', address: machine.nodeName },
      ],
      capacity: capacityOf(machine),
      allocatable: allocatableOf(machine),
      conditions: conditionsOf(ready, kubeTime(at)),
      nodeInfo: nodeInfoOf(machine),
    },
  }
}

/** Of the node lifecycle controller and of the kubelet (https://kubernetes.io/docs/reference/labels-annotations-taints/). */
const ANNOTATIONS = {
  'node.alpha.kubernetes.io/ttl': '0',
  'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
}

function nodeInfoOf(machine: Machine): Record<string, string> {
  // EC2's begin so (EC2 user guide, "detect whether a host is an EC2 instance").
  const systemUUID = keyedUuid('system', machine.instanceId).replace(/^.../, 'ec2')
  return {
    bootID: keyedUuid('boot', machine.instanceId),
    machineID: systemUUID.replaceAll('-', ''),
    systemUUID,
    architecture: machine.architecture,
    containerRuntimeVersion: 'containerd://1.7.28',
    kernelVersion: machine.labels['node.kubernetes.io/windows-build'] ?? '6.1.155-176.282.amzn2023',
    kubeProxyVersion: '',
    kubeletVersion: machine.kubeletVersion,
    operatingSystem: osOf(machine),
    osImage: machine.osImage,
  }
}

function labelsOf(machine: Machine, region: string): Readonly<Record<string, string>> {
  return {
    'beta.kubernetes.io/arch': machine.architecture,
    ...given('beta.kubernetes.io/instance-type', machine.instanceType),
    'beta.kubernetes.io/os': osOf(machine),
    ...(machine.zone === '' ? {} : { 'failure-domain.beta.kubernetes.io/region': region }),
    ...given('failure-domain.beta.kubernetes.io/zone', machine.zone),
    'kubernetes.io/arch': machine.architecture,
    'kubernetes.io/hostname': machine.nodeName,
    'kubernetes.io/os': osOf(machine),
    ...given(INSTANCE_TYPE_LABEL, machine.instanceType),
    ...(machine.zone === '' ? {} : { 'topology.kubernetes.io/region': region }),
    ...given(ZONE_LABEL, machine.zone),
    ...machine.labels,
  }
}

/** Fargate has no instance type, a hybrid node no zone either. */
function given(label: string, value: string): Readonly<Record<string, string>> {
  return value === '' ? {} : { [label]: value }
}

function osOf({ kind }: Machine): string {
  return kind === 'windows' ? 'windows' : 'linux'
}

function conditionsOf(ready: Pick<Condition, 'status' | 'reason' | 'message'>, time: string): readonly Condition[] {
  const healthy = (type: string, reason: string, message: string) => ({ type, status: 'False', reason, message })
  const conditions = [
    healthy('MemoryPressure', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
    healthy('DiskPressure', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    healthy('PIDPressure', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    { type: 'Ready', ...ready },
  ]
  return conditions.map((condition) => ({ ...condition, lastHeartbeatTime: time, lastTransitionTime: time }))
}

function capacityOf(machine: Machine): Record<string, string> {
  return {
    cpu: String(machine.vcpus),
    'ephemeral-storage': '83873772Ki',
    memory: `${machine.memoryMiB * 1024}Ki`,
    pods: String(machine.maxPods),
  }
}

/** Source: kubeReserved of nodeadm, github.com/awslabs/amazon-eks-ami, nodeadm/internal/kubelet/config.go; 100 MiB eviction threshold. */
function allocatableOf(machine: Machine): Record<string, string> {
  return {
    cpu: `${machine.vcpus * 1000 - reservedMillicores(machine.vcpus)}m`,
    'ephemeral-storage': '76224326324',
    memory: `${(machine.memoryMiB - (11 * machine.maxPods + 255) - 100) * 1024}Ki`,
    pods: String(machine.maxPods),
  }
}

/** 6 % of the first core, 1 % of the second, 0.5 % of the third and fourth, 0.25 % of every other. */
function reservedMillicores(cores: number): number {
  const first = Math.min(cores, 1) * 60
  const second = Math.min(Math.max(cores - 1, 0), 1) * 10
  const nextTwo = Math.min(Math.max(cores - 2, 0), 2) * 5
  return Math.floor(first + second + nextTwo + Math.max(cores - 4, 0) * 2.5)
}
