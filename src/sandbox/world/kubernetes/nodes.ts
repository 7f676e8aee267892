import { type Instant, SECOND } from '../../../model/instant.ts'
import type { Condition } from '../../../model/kubernetes.ts'
import { conditionOf } from '../../../model/kubernetes.ts'
import type { Machine, StoreEvent } from '../../contract.ts'
import type { EventRecorder } from './events.ts'
import { removeOrMark } from './finalizers.ts'
import type { Ground } from './ground.ts'
import { environmentOfDaemonSet, ipamdNode } from './ipamd-node.ts'
import { kubeTime } from './kube-time.ts'
import { CNI_NOT_INITIALIZED, NOT_READY_TAINTS, newNode, READY } from './node-object.ts'
import { reachesAws } from './node-services.ts'
import type { NodeObject } from './objects.ts'
import { type PodAddresses, startOwnNetwork } from './own-network.ts'
import { dated } from './pod-status.ts'

/** What is true on a machine and not in the API. */
export interface NodeRun {
  readonly machine: Machine
  readonly launchedLater: boolean
  /** Whether `/etc/cni/net.d/10-aws.conflist` is on disk. It outlives the aws-node that wrote it. */
  hasConflist: boolean
  /** Whether ipamd answers. */
  ipamdServes: boolean
  /** When kube-proxy first ran. */
  kubeProxySince?: Instant
  /** Since when its kubelet says nothing. */
  silentSince?: Instant
  /** Version of the plugin binary on the host, and of the ipamd that served last. */
  cniBinary?: string
  ipamdVersion?: string
  /** What ipamd wrote into its log on the host, the newest lines: it outlives containers, pods and versions. */
  ipamdLog: readonly string[]
  /** Where its pods get their addresses, if not from the pool of aws-node. */
  addresses?: PodAddresses
}

export interface Nodes {
  get(name: string): NodeRun | undefined
  all(): readonly NodeRun[]
  join(machine: Machine): void
  /** A node of the beginning: Ready, its network set up. */
  joinReady(machine: Machine): void
  /** Calls when a machine without aws-node has brought its own pod network up. */
  onOwnNetwork(listener: (name: string) => void): void
  /** aws-node wrote its configuration: a node that waited for it turns Ready. */
  networkConfigured(name: string): void
  handle(event: StoreEvent): void
}

export function createNodes(ground: Ground, events: EventRecorder): Nodes {
  const { store, timeline } = ground
  const runs = new Map<string, NodeRun>()
  const listeners: ((name: string) => void)[] = []

  function register(machine: Machine, launchedLater: boolean): NodeRun {
    const run: NodeRun = {
      machine,
      launchedLater,
      hasConflist: !launchedLater,
      ipamdServes: !launchedLater,
      ipamdLog: [],
      ...(launchedLater ? {} : { kubeProxySince: timeline.now() }),
    }
    runs.set(machine.nodeName, run)
    const at = ground.date('Node', '', machine.nodeName)
    const node = ground.create(newNode(machine, ground.region, launchedLater ? CNI_NOT_INITIALIZED : READY, at))
    if (launchedLater) events.record(node, happening(machine.nodeName, 'RegisteredNode', 'node-controller'))
    return run
  }

  function becomeReady(name: string): void {
    const node = store.get('Node', undefined, name) as NodeObject | undefined
    if (!node || conditionOf(node.status?.conditions, 'Ready')?.status === 'True') return
    store.update('Node', undefined, name, (current) => readyNode(current as NodeObject, kubeTime(timeline.now()), timeline.now()))
    events.record(node, happening(name, 'NodeReady', 'kubelet'))
  }

  /** Who has a network of their own need no aws-node to turn Ready. */
  function comeUp(name: string): void {
    const run = runs.get(name)
    if (!run) return
    startOwnNetwork(ground, run, events)
    networkConfigured(name)
    for (const listener of listeners) listener(name)
  }

  function networkConfigured(name: string): void {
    const run = runs.get(name)
    if (!run || run.hasConflist) return
    run.hasConflist = true
    timeline.after(ground.span(SECOND, 3 * SECOND, 'node-ready', name), `k8s/node-ready/${name}`, () => becomeReady(name))
  }

  return {
    get: (name) => runs.get(name),
    all: () => [...runs.values()],
    join(machine) {
      const { nodeName } = register(machine, true).machine
      const delay = ground.span(5 * SECOND, 15 * SECOND, 'own-network', nodeName)
      if (machine.kind !== undefined) timeline.after(delay, `k8s/own-network/${nodeName}`, () => comeUp(nodeName))
    },
    joinReady(machine) {
      const run = register(machine, false)
      if (machine.kind !== undefined) startOwnNetwork(ground, run, events)
      else
        ground.network.start(
          machine.instanceId,
          ipamdNode(store, machine, environmentOfDaemonSet(store), () => reachesAws(ground, run)),
        )
    },
    networkConfigured,
    onOwnNetwork: (listener) => listeners.push(listener),
    handle({ type, object }) {
      if (object.kind !== 'Node') return
      const { name } = object.metadata
      if (type === 'DELETED') {
        runs.delete(name)
        for (const pod of store.podsOnNode(name)) removeOrMark(store, pod, timeline.now())
      } else if (cordonTaintIsWrong(object as NodeObject)) {
        store.update('Node', undefined, name, (current) => withCordonTaint(current as NodeObject, kubeTime(timeline.now())))
        const run = runs.get(name)
        if (run?.ipamdServes) ground.network.look(run.machine.instanceId)
      }
    },
  }
}

function happening(name: string, reason: string, component: string) {
  const message =
    reason === 'NodeReady' ? `Node ${name} status is now: NodeReady` : `Node ${name} event: Registered Node ${name} in Controller`
  return { type: 'Normal', reason, message, component, host: name } as const
}

function readyNode(node: NodeObject, time: string, at: number): NodeObject {
  const conditions = (node.status?.conditions ?? []).map((condition): Condition => {
    if (condition.type !== 'Ready') return condition
    return dated({ ...condition, ...READY, lastHeartbeatTime: time } as Condition, node.status?.conditions, at)
  })
  const taints = (node.spec?.taints ?? []).filter(({ key }) => !NOT_READY_TAINTS.some((taint) => taint.key === key))
  return { ...node, spec: { ...node.spec, taints: taints.length > 0 ? taints : undefined }, status: { ...node.status, conditions } }
}

const CORDON_TAINT = 'node.kubernetes.io/unschedulable'

function cordonTaintIsWrong(node: NodeObject): boolean {
  const tainted = node.spec?.taints?.some(({ key }) => key === CORDON_TAINT) ?? false
  return tainted !== (node.spec?.unschedulable ?? false)
}

/** The node lifecycle controller keeps the taint in step with `spec.unschedulable`. */
function withCordonTaint(node: NodeObject, timeAdded: string): NodeObject {
  const others = (node.spec?.taints ?? []).filter(({ key }) => key !== CORDON_TAINT)
  const taints = node.spec?.unschedulable ? [...others, { key: CORDON_TAINT, effect: 'NoSchedule', timeAdded }] : others
  return { ...node, spec: { ...node.spec, taints: taints.length > 0 ? taints : undefined } }
}
