import type { NodeObject, PodObject } from './objects.ts'
import { isReady, isTerminating } from './objects.ts'
import { selects, tolerates } from './placement.ts'
import type { PodDetail } from './pod-spec.ts'

export const HASH_LABEL = 'controller-revision-hash'

/** A DaemonSet on one node. */
export interface NodeState {
  readonly wanted: boolean
  readonly pod: 'none' | 'terminating' | 'old' | 'new'
  readonly ready: boolean
  /** Ready for as long as the DaemonSet wants. */
  readonly available: boolean
  readonly updated: boolean
  readonly count: number
  /** An old pod stays until the new one beside it is ready. */
  readonly surging: boolean
}

interface DaemonCounts {
  readonly desiredNumberScheduled: number
  readonly currentNumberScheduled: number
  readonly updatedNumberScheduled: number
  readonly numberReady: number
  readonly numberAvailable: number
  readonly numberUnavailable: number
  readonly numberMisscheduled: number
}

/** Totals over nodes, kept as single nodes change. */
export interface Tally {
  put(node: string, state: NodeState | undefined): void
  status(): DaemonCounts
  /** Wanted nodes whose pod is missing, going, or new and not available. */
  unavailable(): number
  /** Nodes where an old and a new pod stand side by side. */
  surging(): number
  /** Nodes with an old pod, in the order in which they were first seen so. */
  old(): ReadonlyMap<string, NodeState>
}

export function createTally(): Tally {
  const states = new Map<string, NodeState>()
  const old = new Map<string, NodeState>()
  const totals = { desired: 0, current: 0, updated: 0, ready: 0, available: 0, misscheduled: 0, unavailable: 0, surging: 0 }

  function count(state: NodeState | undefined, sign: 1 | -1): void {
    if (!state) return
    if (!state.wanted) {
      totals.misscheduled += sign * Math.min(1, state.count)
      return
    }
    totals.desired += sign
    totals.current += state.count > 0 ? sign : 0
    totals.updated += sign * Number(state.updated)
    totals.ready += sign * Number(state.ready)
    totals.available += sign * Number(state.available)
    totals.unavailable += usesBudget(state) ? sign : 0
    totals.surging += sign * Number(state.surging)
  }

  return {
    put(node, state) {
      count(states.get(node), -1)
      count(state, 1)
      if (state) states.set(node, state)
      else states.delete(node)
      if (state?.wanted && state.pod === 'old') old.set(node, state)
      else old.delete(node)
    },
    status: () => ({
      desiredNumberScheduled: totals.desired,
      currentNumberScheduled: totals.current,
      updatedNumberScheduled: totals.updated,
      numberReady: totals.ready,
      numberAvailable: totals.available,
      numberUnavailable: totals.desired - totals.available,
      numberMisscheduled: totals.misscheduled,
    }),
    unavailable: () => totals.unavailable,
    surging: () => totals.surging,
    old: () => old,
  }
}

function usesBudget({ pod, available }: NodeState): boolean {
  return pod === 'none' || pod === 'terminating' || (pod === 'new' && !available)
}

/** Nodes whose old pod may be deleted now: all that are not available, and available ones as far as the limit leaves. */
export function planRoll(tally: Tally, limit: number): readonly string[] {
  const chosen: string[] = []
  let room = Math.max(0, limit - tally.unavailable())
  for (const [node, { available }] of tally.old()) {
    if (available && room === 0) continue
    if (available) room--
    chosen.push(node)
  }
  return chosen
}

/** Nodes that may get a new pod beside their old one. */
export function planSurge(tally: Tally, limit: number): readonly string[] {
  const waiting = [...tally.old()].flatMap(([node, { surging }]) => (surging ? [] : [node]))
  return waiting.slice(0, Math.max(0, limit - tally.surging()))
}

/** How a DaemonSet stands on a node; undefined when there is neither a node nor a pod. */
export function stateOf(
  spec: PodDetail,
  node: NodeObject | undefined,
  pods: readonly PodObject[],
  hash: string,
  isAvailable: (pod: PodObject) => boolean,
): NodeState | undefined {
  if (!node && pods.length === 0) return undefined
  const isNew = (pod: PodObject) => pod.metadata.labels?.[HASH_LABEL] === hash
  const old = pods.find((pod) => !isNew(pod) && !isTerminating(pod))
  const surging = old !== undefined && pods.some(isNew)
  const pod = surging ? old : (pods.find((each) => !isTerminating(each)) ?? pods[0])
  const updated = pods.some(isNew)
  return {
    wanted: node !== undefined && belongs(spec, node),
    pod: kindOf(pod, pod !== undefined && isNew(pod)),
    ready: pod !== undefined && isReady(pod),
    available: pod !== undefined && isAvailable(pod),
    updated,
    count: pods.length,
    surging,
  }
}

function kindOf(pod: PodObject | undefined, updated: boolean): NodeState['pod'] {
  if (!pod) return 'none'
  if (isTerminating(pod)) return 'terminating'
  return updated ? 'new' : 'old'
}

function belongs(spec: PodDetail, node: NodeObject): boolean {
  const taints = (node.spec?.taints ?? []).filter(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute')
  return selects(spec, node) && taints.every((taint) => tolerates(spec, taint))
}

/** The taints every DaemonSet pod tolerates, cordons among them. Source: kubernetes.io, "DaemonSet", taints and tolerations. */
const DAEMON_TOLERATIONS = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
]
const NETWORK_UNAVAILABLE = { key: 'node.kubernetes.io/network-unavailable', operator: 'Exists', effect: 'NoSchedule' }

const tolerant = new WeakMap<PodDetail, PodDetail>()

/** The pod spec of a DaemonSet's template with the tolerations its controller adds. */
export function withDaemonTolerations(spec: PodDetail): PodDetail {
  const known = tolerant.get(spec)
  if (known) return known
  const added = spec.hostNetwork ? [...DAEMON_TOLERATIONS, NETWORK_UNAVAILABLE] : DAEMON_TOLERATIONS
  const made = { ...spec, tolerations: [...(spec.tolerations ?? []), ...added] }
  tolerant.set(spec, made)
  return made
}
