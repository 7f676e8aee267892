import type { Instant, Millis } from '../../../model/instant.ts'
import { SECOND } from '../../../model/instant.ts'
import type { Condition } from '../../../model/kubernetes.ts'
import type { StoreEvent } from '../../contract.ts'
import { nodePlace } from '../node-place.ts'
import { deletePod } from './deletion.ts'
import type { EventRecorder } from './events.ts'
import type { Ground } from './ground.ts'
import { kubeTime } from './kube-time.ts'
import type { NodeRun, Nodes } from './nodes.ts'
import type { NodeObject, PodObject } from './objects.ts'
import { isReady, isTerminating, writeStatus } from './objects.ts'
import { dated } from './pod-status.ts'

/** How long a kubelet may be silent before its node is taken to be lost. */
const GRACE: Millis = 40 * SECOND

const UNKNOWN = { status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' } as const
const UNREACHABLE = 'node.kubernetes.io/unreachable'
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service'

/**
 * What becomes of nodes whose kubelet falls silent (lever `node/kubelet`), and comes back. After 40 s the conditions are
 * Unknown, the node is tainted unreachable and its pods are not Ready; they go when their tolerations end, and stay
 * Terminating, for nobody stops them, until the kubelet is back, the node object goes, or somebody says that the machine
 * is out of service. Rule: k8s.io/kubernetes/pkg/controller/nodelifecycle, podgc.
 */
export class NodeHealth {
  readonly #ground: Ground
  readonly #events: EventRecorder
  /** A kubelet is back: what it missed on its node is looked at again. */
  readonly #onBack: (node: string) => void

  constructor(ground: Ground, nodes: Nodes, events: EventRecorder, onBack: (node: string) => void) {
    this.#ground = ground
    this.#events = events
    this.#onBack = onBack
    ground.faults.onChange((levers) => {
      if (levers.has('node/kubelet')) for (const run of nodes.all()) this.#look(run)
    })
  }

  #look(run: NodeRun): void {
    const place = nodePlace(run.machine, this.#ground.cniVersion(), run.launchedLater)
    const isSilent = this.#ground.faults.effects('node/kubelet', place).length > 0
    if (isSilent === (run.silentSince !== undefined)) return
    const key = `k8s/node-lost/${run.machine.nodeName}`
    if (isSilent) {
      run.silentSince = this.#ground.timeline.now()
      this.#ground.timeline.after(GRACE, key, () => this.#lose(run))
    } else {
      delete run.silentSince
      this.#ground.timeline.cancel(key)
      this.#find(run)
    }
  }

  #lose({ machine: { nodeName } }: NodeRun): void {
    const { store, timeline } = this.#ground
    const node = store.get('Node', undefined, nodeName)
    if (!node) return
    store.update('Node', undefined, nodeName, (current) => lost(current as NodeObject, timeline.now()))
    this.#events.record(node, aboutNode(nodeName))
    for (const pod of store.podsOnNode(nodeName) as readonly PodObject[]) this.#markUnready(pod)
  }

  #markUnready(pod: PodObject): void {
    if (!isReady(pod)) return
    const now = this.#ground.timeline.now()
    const conditions = (pod.status?.conditions ?? []).map((condition) =>
      condition.type === 'Ready' ? dated({ type: 'Ready', status: 'False' }, pod.status?.conditions, now) : condition,
    )
    writeStatus(this.#ground.store, pod, { ...pod.status, conditions })
    this.#events.record(pod, { type: 'Warning', reason: 'NodeNotReady', message: 'Node is not ready', component: 'node-controller' })
  }

  #find({ machine: { nodeName } }: NodeRun): void {
    const { store, timeline } = this.#ground
    const node = store.get('Node', undefined, nodeName)
    if (!node) return
    store.update('Node', undefined, nodeName, (current) => found(current as NodeObject, timeline.now()))
    for (const pod of store.podsOnNode(nodeName) as readonly PodObject[]) this.#markReady(pod)
    this.#onBack(nodeName)
  }

  /** The kubelet reports what it sees: containers that are ready make a pod ready. */
  #markReady(pod: PodObject): void {
    const all = pod.status?.containerStatuses ?? []
    if (isTerminating(pod) || all.length === 0 || !all.every(({ ready }) => ready)) return
    const conditions = (pod.status?.conditions ?? []).map((condition) =>
      condition.type === 'Ready'
        ? dated({ type: 'Ready', status: 'True' }, pod.status?.conditions, this.#ground.timeline.now())
        : condition,
    )
    writeStatus(this.#ground.store, pod, { ...pod.status, conditions })
  }

  handle({ type, object }: StoreEvent): void {
    if (object.kind !== 'Node' || type === 'DELETED') return
    const node = object as NodeObject
    if (!node.spec?.taints?.some(({ key }) => key === OUT_OF_SERVICE)) return
    for (const { metadata } of this.#ground.store.podsOnNode(node.metadata.name))
      if (metadata.deletionTimestamp !== undefined) deletePod(this.#ground, metadata.namespace ?? '', metadata.name, 0)
  }
}

function aboutNode(name: string) {
  return {
    type: 'Normal',
    reason: 'NodeNotReady',
    message: `Node ${name} status is now: NodeNotReady`,
    component: 'node-controller',
  } as const
}

function lost(node: NodeObject, now: Instant): NodeObject {
  const before = node.status?.conditions
  const conditions = (before ?? []).map(
    (condition): Condition => (condition.type in HEALTHY ? dated({ ...condition, ...UNKNOWN }, before, now) : condition),
  )
  const added = ['NoSchedule', 'NoExecute'].map((effect) => ({ key: UNREACHABLE, effect, timeAdded: kubeTime(now) }))
  return { ...node, spec: { ...node.spec, taints: [...(node.spec?.taints ?? []), ...added] }, status: { ...node.status, conditions } }
}

const HEALTHY: Readonly<Record<string, Pick<Condition, 'status' | 'reason' | 'message'>>> = {
  Ready: { status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' },
  MemoryPressure: { status: 'False', reason: 'KubeletHasSufficientMemory', message: 'kubelet has sufficient memory available' },
  DiskPressure: { status: 'False', reason: 'KubeletHasNoDiskPressure', message: 'kubelet has no disk pressure' },
  PIDPressure: { status: 'False', reason: 'KubeletHasSufficientPID', message: 'kubelet has sufficient PID available' },
}

function found(node: NodeObject, now: Instant): NodeObject {
  const before = node.status?.conditions
  const conditions = (before ?? []).map((condition) =>
    condition.reason === UNKNOWN.reason ? dated({ ...condition, ...HEALTHY[condition.type] }, before, now) : condition,
  )
  const taints = (node.spec?.taints ?? []).filter(({ key }) => key !== UNREACHABLE)
  return { ...node, spec: { ...node.spec, taints: taints.length > 0 ? taints : undefined }, status: { ...node.status, conditions } }
}
