import type { Millis } from '../../../model/instant.ts'
import { instantOf, MINUTE, SECOND } from '../../../model/instant.ts'
import type { StoreEvent } from '../../contract.ts'
import type { AwsNode } from './aws-node.ts'
import { AWS_NODE_CONTAINER, isAwsNode } from './aws-node.ts'
import type { EventRecorder } from './events.ts'
import type { Ground } from './ground.ts'
import type { Nodes } from './nodes.ts'
import type { PodObject } from './objects.ts'
import { isTerminating, keyOf, stillThere } from './objects.ts'
import type { PodNetworkSetup } from './pod-network-setup.ts'
import { boundStatus, finishedInit, runningContainer, withStatus } from './pod-status.ts'

/** The kubelets of all nodes: they start the pods bound to their node and stop those marked for deletion. */
export function createKubelets(
  ground: Ground,
  nodes: Nodes,
  network: PodNetworkSetup,
  awsNode: AwsNode,
  events: EventRecorder,
): { handle(event: StoreEvent): void } {
  const { store, timeline } = ground
  const adopted = new Set<string>()
  const stopping = new Set<string>()

  /** Later, if the pod is still there and wanted. */
  function later(delay: Millis, what: string, pod: PodObject, action: (current: PodObject) => void): void {
    timeline.after(delay, `k8s/${what}/${keyOf(pod)}/${pod.metadata.uid}`, () => {
      const current = stillThere(store, pod)
      if (current && !isTerminating(current)) action(current)
    })
  }

  function change(pod: PodObject, to: (current: PodObject) => PodObject): PodObject {
    const { namespace, name } = pod.metadata
    return store.update('Pod', namespace, name, (current) => to(current as PodObject)) as PodObject
  }

  function adopt(pod: PodObject): void {
    adopted.add(pod.metadata.uid)
    const run = nodes.get(pod.spec?.nodeName ?? '')
    if (!run) return void store.remove('Pod', pod.metadata.namespace, pod.metadata.name)
    const seen = pod.status?.startTime ? pod : change(pod, (current) => bound(current, run.machine.privateIp))
    if (ground.beginning()) return runAtOnce(seen)
    later(ground.span(SECOND / 2, 2 * SECOND, 'sandbox', pod.metadata.uid), 'sandbox-start', seen, attach)
  }

  function bound(pod: PodObject, hostIP: string): PodObject {
    return { ...pod, status: boundStatus(pod.spec ?? {}, hostIP, timeline.now()) }
  }

  function attach(pod: PodObject): void {
    if (pod.spec?.hostNetwork) return pull(pod, pod.status?.hostIP ?? '')
    network.attach(pod, (address) => pull(pod, address))
  }

  function pull(pod: PodObject, address: string): void {
    const next = (pod.spec?.initContainers ?? []).length > 0 ? startInit : startContainers
    later(ground.span(SECOND, 4 * SECOND, 'pull', pod.metadata.uid), 'pull', pod, (current) => next(current, address))
  }

  function startInit(pod: PodObject, podIP: string): void {
    const now = timeline.now()
    const initContainerStatuses = (pod.status?.initContainerStatuses ?? []).map((status) => runningContainer(status, now, false))
    change(pod, (current) => withStatus(current, { initContainerStatuses, podIP }, now))
    later(ground.span(SECOND, 3 * SECOND, 'init', pod.metadata.uid), 'init', pod, (current) => startContainers(current, podIP))
  }

  function startContainers(pod: PodObject, podIP: string): void {
    const now = timeline.now()
    const ofAwsNode = isAwsNode(pod)
    const containerStatuses = (pod.status?.containerStatuses ?? []).map((status) => {
      if (ofAwsNode && status.name === AWS_NODE_CONTAINER) return status
      // The node agent has no readiness probe: it is ready as soon as it runs.
      return runningContainer(status, now, ofAwsNode)
    })
    const initContainerStatuses = finishedInit(pod, instantOf(pod.status?.startTime) ?? now, now)
    const started = change(pod, (current) => withStatus(current, { initContainerStatuses, containerStatuses, podIP }, now))
    events.record(started, startedEvent(started))
    if (ofAwsNode) awsNode.start(started)
    else later(ground.span(SECOND, 6 * SECOND, 'ready', pod.metadata.uid), 'ready', started, markReady)
  }

  function markReady(pod: PodObject): void {
    const containerStatuses = (pod.status?.containerStatuses ?? []).map((status) => ({ ...status, ready: true }))
    change(pod, (current) => withStatus(current, { containerStatuses }, timeline.now()))
  }

  /** A pod of the beginning: running and ready for days. */
  function runAtOnce(pod: PodObject): void {
    const at = instantOf(pod.metadata.creationTimestamp) ?? timeline.now()
    const run = (podIP: string) =>
      void change(pod, (current) => {
        const fresh = { ...current, status: boundStatus(current.spec ?? {}, pod.status?.hostIP ?? '', at) }
        const containerStatuses = (fresh.status.containerStatuses ?? []).map((s) => runningContainer(s, at + 5 * SECOND, true))
        return withStatus(
          fresh,
          { initContainerStatuses: finishedInit(fresh, at, at + 3 * SECOND), containerStatuses, podIP },
          at + 5 * SECOND,
        )
      })
    if (isAwsNode(pod)) awsNode.startAtOnce(pod)
    if (pod.spec?.hostNetwork) run(pod.status?.hostIP ?? '')
    else network.attach(pod, run)
  }

  function stop(pod: PodObject): void {
    stopping.add(pod.metadata.uid)
    if (isAwsNode(pod)) awsNode.stop(pod)
    const delay = ground.beginning() ? 0 : stoppingTime(ground, pod)
    if (delay === 0) return end(pod)
    timeline.after(delay, `k8s/stop/${keyOf(pod)}/${pod.metadata.uid}`, () => end(pod))
  }

  function end(pod: PodObject): void {
    if (stillThere(store, pod)) store.remove('Pod', pod.metadata.namespace, pod.metadata.name)
  }

  function forget(pod: PodObject): void {
    if (isAwsNode(pod)) awsNode.stop(pod)
    network.detach(pod)
    adopted.delete(pod.metadata.uid)
    stopping.delete(pod.metadata.uid)
  }

  return {
    handle({ type, object }) {
      if (object.kind !== 'Pod') return
      const pod = object as PodObject
      if (type === 'DELETED') return forget(pod)
      if (isTerminating(pod) && !stopping.has(pod.metadata.uid)) return stop(pod)
      if (pod.spec?.nodeName && !adopted.has(pod.metadata.uid) && !isTerminating(pod)) adopt(pod)
    },
  }
}

function startedEvent(pod: PodObject) {
  const name = pod.spec?.containers?.[0]?.name ?? ''
  return {
    type: 'Normal',
    reason: 'Started',
    message: `Started container ${name}`,
    component: 'kubelet',
    host: pod.spec?.nodeName ?? '',
    fieldPath: `spec.containers{${name}}`,
  } as const
}

/**
 * How long a pod takes to stop. What never ran goes at once; ordinary pods need some seconds; who asks for more
 * than a minute of grace needs most of it, for that is why it was asked for.
 */
function stoppingTime(ground: Ground, pod: PodObject): Millis {
  const grace = (Number((pod.metadata as { deletionGracePeriodSeconds?: number }).deletionGracePeriodSeconds ?? 30) || 0) * SECOND
  const running = pod.status?.containerStatuses?.some((status) => status.state?.running) ?? false
  if (grace === 0 || pod.spec?.nodeName === undefined) return 0
  if (!running) return Math.min(grace, SECOND)
  const needed = grace > MINUTE ? grace * 0.8 : ground.span(SECOND, 5 * SECOND, 'stop', pod.metadata.uid)
  return Math.min(grace, needed)
}
