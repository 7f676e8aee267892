import type { Millis } from '../../../model/instant.ts'
import { SECOND } from '../../../model/instant.ts'
import { keyedId } from '../../../model/keyed.ts'
import type { Machine, ObjectStore, StoreEvent } from '../../contract.ts'
import type { FargateCalls } from '../../network-contract.ts'
import type { EventRecorder } from './events.ts'
import type { Ground } from './ground.ts'
import type { Nodes } from './nodes.ts'
import type { PodObject } from './objects.ts'
import { isTerminating, keyOf, stillThere, writeStatus } from './objects.ts'
import { boundStatus, unboundStatus } from './pod-status.ts'

/**
 * Pods that a Fargate profile selects: the webhook of EKS gives them the scheduler of Fargate and a label, and that scheduler makes a node
 * for each (EKS user guide, "fargate-pod-configuration" and "fargate-profile"; how the node looks: aws/containers-roadmap#1976, #1248).
 */
const SCHEDULER = 'fargate-scheduler'
const PROFILE_LABEL = 'eks.amazonaws.com/fargate-profile'

/** How long a node takes to be there; our assumption. */
const PROVISIONING: readonly [Millis, Millis] = [30 * SECOND, 60 * SECOND]

type NewObject = Parameters<ObjectStore['create']>[0]

/** A store in which new pods that a profile selects are sent to Fargate; of several profiles the first by name. */
export function fargateStore(store: ObjectStore, { profiles }: Pick<FargateCalls, 'profiles'>): ObjectStore {
  if (profiles.length === 0) return store
  const selecting = [...profiles].sort((a, b) => (a.name < b.name ? -1 : 1))
  const sent = (pod: NewObject): NewObject => {
    const { namespace, labels } = pod.metadata
    const profile = selecting.find((each) => each.namespace === namespace && matches(each.labels, labels))
    const owner = (pod.metadata.ownerReferences ?? []).some(({ kind }) => kind === 'DaemonSet')
    if (profile === undefined || owner) return pod
    return {
      ...pod,
      metadata: { ...pod.metadata, labels: { ...labels, [PROFILE_LABEL]: profile.name } },
      spec: { ...(pod.spec as object), schedulerName: SCHEDULER },
    }
  }
  return { ...store, create: (object) => store.create(object.kind === 'Pod' ? sent(object) : object) }
}

function matches(wanted: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>> = {}): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value)
}

/** Whether another scheduler than the default one places the pod. */
export function isForFargate(pod: PodObject): boolean {
  return (pod.spec as { readonly schedulerName?: string } | undefined)?.schedulerName === SCHEDULER
}

/** The scheduler of Fargate: a node for each pod, which goes with it. */
export function createFargate(ground: Ground, nodes: Nodes, events: EventRecorder): { handle(event: StoreEvent): void } {
  const { store, timeline, fargate } = ground
  const held = new Map<string, { readonly node: string; release(): void }>()

  function place(pod: PodObject): void {
    const current = stillThere(store, pod)
    if (fargate === undefined || !current || current.spec?.nodeName || isTerminating(current)) return
    const found = fargate.take(pod.metadata.uid)
    if (found === undefined) {
      const message = 'Pod provisioning failed: the subnets of the profile have no free address'
      events.record(pod, { type: 'Warning', reason: 'FailedScheduling', message, component: SCHEDULER })
      timeline.after(PROVISIONING[1], provisionKey(pod), () => place(pod))
      return
    }
    const machine = machineOf(ground, found)
    held.set(pod.metadata.uid, { node: machine.nodeName, release: found.release })
    if (ground.beginning()) nodes.joinReady(machine)
    else nodes.join(machine)
    bind(current, machine)
  }

  function bind(pod: PodObject, { nodeName, privateIp }: Machine): void {
    const { namespace, name } = pod.metadata
    store.update('Pod', namespace, name, (current) => {
      const spec = { ...(current as PodObject).spec, nodeName }
      return { ...current, spec, status: boundStatus(spec, privateIp, timeline.now()) }
    })
    const message = `Successfully assigned ${namespace}/${name} to ${nodeName}`
    if (!ground.beginning()) events.record(pod, { type: 'Normal', reason: 'Scheduled', message, component: SCHEDULER })
  }

  function end(pod: PodObject): void {
    const own = held.get(pod.metadata.uid)
    if (own === undefined) return
    held.delete(pod.metadata.uid)
    own.release()
    store.remove('Node', undefined, own.node)
  }

  function provide(pod: PodObject): void {
    if (pod.status?.phase === undefined) writeStatus(store, pod, unboundStatus())
    const delay = ground.beginning() ? 0 : ground.span(...PROVISIONING, 'fargate', pod.metadata.uid)
    if (delay === 0) place(pod)
    else timeline.after(delay, provisionKey(pod), () => place(pod))
  }

  return {
    handle({ type, object }) {
      if (object.kind !== 'Pod' || !isForFargate(object as PodObject)) return
      const pod = object as PodObject
      if (type === 'DELETED') end(pod)
      else if (type === 'ADDED' && !pod.spec?.nodeName) provide(pod)
    },
  }
}

function provisionKey(pod: PodObject): string {
  return `k8s/fargate/${keyOf(pod)}/${pod.metadata.uid}`
}

/** The kubelet of a Fargate node is of the control plane's minor when its pod starts, and stays so. */
function machineOf(ground: Ground, { address, zone, subnetId }: NonNullable<ReturnType<FargateCalls['take']>>): Machine {
  const suffix = ground.region === 'us-east-1' ? 'ec2.internal' : `${ground.region}.compute.internal`
  const host = `ip-${address.replaceAll('.', '-')}.${suffix}`
  const nodeName = `fargate-${host}`
  const minor = ground.kubernetesVersion()
  const id = keyedId(42, ground.seed, 'fargate', address)
  return {
    kind: 'fargate',
    providerId: `aws:///${zone}/${id.slice(0, 10)}-${id.slice(10)}/${nodeName}`,
    instanceId: nodeName,
    privateIp: address,
    nodeName,
    group: 'fargate',
    zone,
    subnetId,
    instanceType: '',
    imageId: '',
    kubeletVersion: `v${minor}.0-eks-${keyedId(7, minor, 'fargate')}`,
    architecture: 'amd64',
    osImage: 'Amazon Linux 2',
    labels: { 'eks.amazonaws.com/compute-type': 'fargate', 'kubernetes.io/hostname': host },
    taints: [{ key: 'eks.amazonaws.com/compute-type', value: 'fargate', effect: 'NoSchedule' }],
    vcpus: 2,
    memoryMiB: 3_942,
    maxPods: 1,
  }
}
