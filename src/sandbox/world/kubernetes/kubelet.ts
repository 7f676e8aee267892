import type { Millis } from '../../../model/instant.ts'
import { instantOf, MINUTE, SECOND } from '../../../model/instant.ts'
import type { ContainerStatus } from '../../../model/kubernetes.ts'
import type { ObjectStore, StoreEvent, Timeline } from '../../contract.ts'
import type { AwsNode } from './aws-node.ts'
import { AWS_NODE_CONTAINER, isAwsNode } from './aws-node-pod.ts'
import type { ContainerRuns } from './container-runs.ts'
import { startedEvent } from './crash-loop.ts'
import type { EventRecorder } from './events.ts'
import { removeOrMark } from './finalizers.ts'
import type { Ground } from './ground.ts'
import { isKubeProxy, misreports } from './node-services.ts'
import type { Nodes } from './nodes.ts'
import type { PodObject } from './objects.ts'
import { isTerminating, keyOf, stillThere } from './objects.ts'
import type { PodNetworkSetup } from './pod-network-setup.ts'
import { asExpired, asStopped, boundStatus, finishedInit, runningContainer, saidReady, withContainer, withStatus } from './pod-status.ts'
import { stoppingTime } from './stopping-time.ts'

/** How long until a pod that could not be taken down is tried again. The real kubelet tries more often; each costs an event. */
const KILL_RETRY: Millis = MINUTE
/** How long a kubelet that misreports leaves a pod before it looks at it again. */
const LOOK_AGAIN: Millis = 30 * SECOND

/** The kubelets of all nodes: they start the pods bound to their node and stop those marked for deletion. */
export class Kubelets {
  readonly #ground: Ground
  readonly #nodes: Nodes
  readonly #network: PodNetworkSetup
  readonly #awsNode: AwsNode
  readonly #events: EventRecorder
  readonly #runs: ContainerRuns
  readonly #store: ObjectStore
  readonly #timeline: Timeline
  readonly #adopted = new Set<string>()
  readonly #stopping = new Set<string>()

  constructor(ground: Ground, nodes: Nodes, network: PodNetworkSetup, awsNode: AwsNode, events: EventRecorder, runs: ContainerRuns) {
    this.#ground = ground
    this.#nodes = nodes
    this.#network = network
    this.#awsNode = awsNode
    this.#events = events
    this.#runs = runs
    this.#store = ground.store
    this.#timeline = ground.timeline
    ground.faults.onChange((levers) => {
      if (levers.has('pod/run') || levers.has('pod/traffic')) for (const pod of this.#store.list('Pod')) this.#reconsider(pod as PodObject)
    })
  }

  /** Later, if the pod is still there and wanted. */
  #later(delay: Millis, what: string, pod: PodObject, action: (current: PodObject) => void): void {
    this.#timeline.after(delay, `k8s/${what}/${keyOf(pod)}/${pod.metadata.uid}`, () => {
      const current = stillThere(this.#store, pod)
      if (current && !isTerminating(current)) action(current)
    })
  }

  #change(pod: PodObject, to: (current: PodObject) => PodObject): PodObject {
    const { namespace, name } = pod.metadata
    return this.#store.update('Pod', namespace, name, (current) => to(current as PodObject)) as PodObject
  }

  #adopt(pod: PodObject): void {
    this.#adopted.add(pod.metadata.uid)
    const run = this.#nodes.get(pod.spec?.nodeName ?? '')
    if (!run) {
      this.#store.remove('Pod', pod.metadata.namespace, pod.metadata.name)
      return
    }
    const seen = pod.status?.startTime ? pod : this.#change(pod, (current) => this.#bound(current, run.machine.privateIp))
    this.#limit(seen)
    if (this.#ground.beginning()) this.#runAtOnce(seen)
    else
      this.#later(this.#ground.span(SECOND / 2, 2 * SECOND, 'sandbox', pod.metadata.uid), 'sandbox-start', seen, (current) =>
        this.#attach(current),
      )
  }

  /** A pod may say how long it may be active at most. */
  #limit(pod: PodObject): void {
    const seconds = pod.spec?.activeDeadlineSeconds
    if (seconds === undefined) return
    this.#later(seconds * SECOND, 'deadline', pod, (current) => {
      if (current.status?.phase === 'Succeeded' || current.status?.phase === 'Failed') return
      this.#change(current, (then) => asExpired(then, this.#timeline.now()))
    })
  }

  #bound(pod: PodObject, hostIP: string): PodObject {
    return { ...pod, status: boundStatus(pod.spec ?? {}, hostIP, this.#timeline.now()) }
  }

  #attach(pod: PodObject): void {
    if (pod.spec?.hostNetwork) this.#pull(pod, pod.status?.hostIP ?? '')
    else this.#network.attach(pod, (address) => this.#pull(pod, address))
  }

  #pull(pod: PodObject, address: string): void {
    if (misreports(this.#ground, this.#nodes.get(pod.spec?.nodeName ?? ''))) {
      this.#change(pod, (current) => saidReady(current, this.#timeline.now()))
      this.#later(LOOK_AGAIN, 'pull', pod, (current) => this.#pull(current, address))
      return
    }
    const hasInit = (pod.spec?.initContainers ?? []).length > 0
    const next = (current: PodObject) => (hasInit ? this.#startInit(current, address) : this.#startContainers(current, address))
    this.#later(this.#ground.span(SECOND, 4 * SECOND, 'pull', pod.metadata.uid), 'pull', pod, next)
  }

  #startInit(pod: PodObject, podIP: string): void {
    const now = this.#timeline.now()
    for (const { name } of pod.spec?.initContainers ?? []) {
      const trouble = this.#runs.trouble(pod, name)
      if (trouble === undefined) continue
      const seen = this.#change(pod, (current) => withStatus(current, { podIP }, now))
      this.#runs.start(seen, name, trouble, (current) => this.#startInit(current, podIP))
      return
    }
    const initContainerStatuses = (pod.status?.initContainerStatuses ?? []).map((status) => runningContainer(status, now, false))
    this.#change(pod, (current) => withStatus(current, { initContainerStatuses, podIP }, now))
    this.#later(this.#ground.span(SECOND, 3 * SECOND, 'init', pod.metadata.uid), 'init', pod, (current) =>
      this.#startContainers(current, podIP),
    )
  }

  #startContainers(pod: PodObject, podIP: string): void {
    const now = this.#timeline.now()
    const ofAwsNode = isAwsNode(pod)
    const troubles = this.#troublesOf({ ...pod, status: { ...pod.status, podIP } })
    const containerStatuses = (pod.status?.containerStatuses ?? []).map((status) => {
      if (troubles.has(status.name) || (ofAwsNode && status.name === AWS_NODE_CONTAINER)) return status
      // The node agent has no readiness probe: it is ready as soon as it runs.
      return runningContainer(status, now, ofAwsNode)
    })
    const initContainerStatuses = finishedInit(pod, instantOf(pod.status?.startTime) ?? now, now)
    const started = this.#change(pod, (current) => withStatus(current, { initContainerStatuses, containerStatuses, podIP }, now))
    this.#events.record(started, startedEvent(started, started.spec?.containers?.[0]?.name ?? ''))
    this.#watchTraffic(started)
    if (troubles.size === 0) this.#kubeProxyRuns(started)
    for (const [name, trouble] of troubles) this.#runs.start(started, name, trouble, (current) => this.#startWell(current, name))
    if (ofAwsNode && !troubles.has(AWS_NODE_CONTAINER)) this.#awsNode.start(started)
    if (!ofAwsNode)
      this.#later(this.#ground.span(SECOND, 6 * SECOND, 'ready', pod.metadata.uid), 'ready', started, (current) =>
        this.#markReady(current, ({ name }) => !troubles.has(name)),
      )
  }

  #troublesOf(pod: PodObject): ReadonlyMap<string, NonNullable<ReturnType<ContainerRuns['trouble']>>> {
    return new Map(
      (pod.spec?.containers ?? []).flatMap(({ name }) => {
        const trouble = this.#runs.trouble(pod, name)
        return trouble === undefined ? [] : [[name, trouble] as const]
      }),
    )
  }

  /** A container that was in trouble starts, or goes on, without. */
  #startWell(pod: PodObject, container: string): void {
    if (isAwsNode(pod) && container === AWS_NODE_CONTAINER) {
      this.#awsNode.start(pod)
      return
    }
    this.#kubeProxyRuns(pod)
    const now = this.#timeline.now()
    this.#change(pod, (current) =>
      withContainer(current, container, (status) => (status.state?.running ? status : runningContainer(status, now, false)), now),
    )
    const delay = isAwsNode(pod) ? 0 : this.#ground.span(SECOND, 6 * SECOND, 'ready', pod.metadata.uid)
    this.#later(delay, `ready-${container}`, pod, (current) => this.#markReady(current, ({ name }) => name === container))
  }

  #kubeProxyRuns(pod: PodObject): void {
    const node = isKubeProxy(pod) ? this.#nodes.get(pod.spec?.nodeName ?? '') : undefined
    if (node) node.kubeProxySince ??= this.#timeline.now()
  }

  /** What runs well may be in trouble from now on. */
  #reconsider(pod: PodObject): void {
    if (isTerminating(pod)) return
    for (const { name, ready } of pod.status?.containerStatuses ?? []) {
      const trouble = ready ? this.#runs.trouble(pod, name) : undefined
      if (trouble === undefined || trouble.kind === 'no-image') continue
      if (trouble.kind === 'exits' && name === AWS_NODE_CONTAINER && isAwsNode(pod)) this.#awsNode.endLater(pod, trouble)
      else this.#runs.start(pod, name, trouble, (current) => this.#startWell(current, name))
    }
  }

  #markReady(pod: PodObject, which: (status: ContainerStatus) => boolean): void {
    const containerStatuses = (pod.status?.containerStatuses ?? []).map((status) =>
      which(status) && status.state?.running ? { ...status, ready: true } : status,
    )
    this.#change(pod, (current) => withStatus(current, { containerStatuses }, this.#timeline.now()))
  }

  /** A pod of the beginning: running and ready for days. */
  #runAtOnce(pod: PodObject): void {
    const at = instantOf(pod.metadata.creationTimestamp) ?? this.#timeline.now()
    const run = (podIP: string) => {
      this.#change(pod, (current) => {
        const fresh = { ...current, status: boundStatus(current.spec ?? {}, pod.status?.hostIP ?? '', at) }
        const containerStatuses = (fresh.status.containerStatuses ?? []).map((s) => runningContainer(s, at + 5 * SECOND, true))
        return withStatus(
          fresh,
          { initContainerStatuses: finishedInit(fresh, at, at + 3 * SECOND), containerStatuses, podIP },
          at + 5 * SECOND,
        )
      })
      const current = stillThere(this.#store, pod)
      if (current) this.#beginInTrouble(current)
    }
    if (isAwsNode(pod)) this.#awsNode.startAtOnce(pod)
    if (pod.spec?.hostNetwork) run(pod.status?.hostIP ?? '')
    else this.#network.attach(pod, run)
  }

  #beginInTrouble(pod: PodObject): void {
    for (const [name, trouble] of this.#troublesOf(pod)) {
      const current = stillThere(this.#store, pod)
      if (current) this.#runs.begin(current, name, trouble, (then) => this.#startWell(then, name))
    }
  }

  /** What the network does to a pod may change with time alone. */
  #watchTraffic(pod: PodObject): void {
    const at = this.#runs.nextChange(pod)
    if (at === undefined) return
    this.#later(at - this.#timeline.now(), 'traffic', pod, (current) => {
      this.#reconsider(current)
      this.#watchTraffic(current)
    })
  }

  /** Packets of pods on a node may have ceased to arrive. */
  probeAgain(node: string): void {
    for (const pod of this.#store.podsOnNode(node)) this.#reconsider(pod as PodObject)
  }

  /** The kubelet of a node is back after a silence: it does what it was asked meanwhile. */
  resume(node: string): void {
    for (const pod of this.#store.podsOnNode(node)) this.handle({ type: 'MODIFIED', object: pod, version: this.#store.version() })
  }

  #isSilent(pod: PodObject): boolean {
    return this.#nodes.get(pod.spec?.nodeName ?? '')?.silentSince !== undefined
  }

  #stop(pod: PodObject): void {
    this.#stopping.add(pod.metadata.uid)
    if (isAwsNode(pod)) this.#awsNode.stop(pod)
    const delay = this.#ground.beginning() ? 0 : stoppingTime(this.#ground, pod)
    if (delay === 0) this.#end(pod)
    else this.#timeline.after(delay, `k8s/stop/${keyOf(pod)}/${pod.metadata.uid}`, () => this.#end(pod))
  }

  /** A pod whose network cannot be taken down stays, and is tried again. */
  #end(pod: PodObject): void {
    if (!stillThere(this.#store, pod)) return
    const refusal = this.#network.refusesToEnd(pod)
    if (refusal === undefined) {
      if (!removeOrMark(this.#store, stillThere(this.#store, pod) ?? pod, this.#timeline.now())) this.#release(pod)
      return
    }
    const about = { component: 'kubelet', host: pod.spec?.nodeName ?? '' }
    this.#events.record(pod, { type: 'Warning', reason: 'FailedKillPod', message: refusal, ...about })
    this.#timeline.after(KILL_RETRY, `k8s/stop/${keyOf(pod)}/${pod.metadata.uid}`, () => this.#end(pod))
  }

  /** A stopped pod that finalizers hold has ended and gives back its address. Source: k8s.io/kubernetes, pkg/kubelet, `SyncTerminatedPod`. */
  #release(pod: PodObject): void {
    this.#network.detach(pod)
    this.#runs.forget(pod)
    this.#change(pod, (current) => asStopped(current, this.#timeline.now()))
  }

  #forget(pod: PodObject): void {
    if (isAwsNode(pod)) this.#awsNode.stop(pod)
    this.#network.detach(pod)
    this.#runs.forget(pod)
    this.#adopted.delete(pod.metadata.uid)
    this.#stopping.delete(pod.metadata.uid)
  }

  handle({ type, object }: StoreEvent): void {
    if (object.kind !== 'Pod') return
    const pod = object as PodObject
    const { uid } = pod.metadata
    if (type === 'DELETED') this.#forget(pod)
    else if (this.#isSilent(pod)) return
    else if (isTerminating(pod)) {
      if (!this.#stopping.has(uid)) this.#stop(pod)
    } else if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') this.#network.detach(pod)
    else if (pod.spec?.nodeName && !this.#adopted.has(uid)) this.#adopt(pod)
  }
}
