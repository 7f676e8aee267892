import { instantOf, SECOND } from '../../../model/instant.ts'
import type { Taint } from '../../../model/kubernetes.ts'
import type { StoreEvent } from '../../contract.ts'
import { deletePod } from './deletion.ts'
import type { EventRecorder } from './events.ts'
import type { Ground } from './ground.ts'
import type { NodeObject, PodObject } from './objects.ts'
import { controllerOf, isTerminating, keyOf, stillThere } from './objects.ts'
import { matches } from './placement.ts'
import type { Toleration } from './pod-spec.ts'

/** What the admission plugin DefaultTolerationSeconds gives every pod that says nothing else. */
const DEFAULT_SECONDS = 300
const BY_DEFAULT = new Set(['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'])

/**
 * Pods leave nodes with a NoExecute taint that they do not tolerate, at once or when the shortest `tolerationSeconds` of
 * what they tolerate is over. Rule: k8s.io/kubernetes/pkg/controller/tainteviction.
 */
export function createTaintEviction(ground: Ground, events: EventRecorder): { handle(event: StoreEvent): void } {
  const { store, timeline } = ground
  const tainted = new Map<string, readonly Taint[]>()

  const keyFor = (pod: PodObject) => `k8s/taint-eviction/${keyOf(pod)}/${pod.metadata.uid}`

  function consider(pod: PodObject, taints: readonly Taint[]): void {
    timeline.cancel(keyFor(pod))
    const seconds = taints.map((taint) => patienceOf(pod, taint))
    const shortest = Math.min(...seconds)
    if (isTerminating(pod) || !Number.isFinite(shortest)) return
    const added = taints.map((taint) => instantOf((taint as { readonly timeAdded?: string }).timeAdded) ?? timeline.now())
    const at = Math.min(...added.map((since, nth) => since + (seconds[nth] ?? 0) * SECOND))
    timeline.at(at, keyFor(pod), () => evict(pod))
  }

  function evict(pod: PodObject): void {
    const current = stillThere(store, pod)
    if (!current || isTerminating(current)) return
    const message = `Marking for deletion Pod ${keyOf(current)}`
    events.record(current, { type: 'Normal', reason: 'TaintManagerEviction', message, component: 'taint-eviction-controller' })
    deletePod(ground, current.metadata.namespace ?? '', current.metadata.name)
  }

  function seeNode({ type, object }: StoreEvent): void {
    const { name } = object.metadata
    const taints = type === 'DELETED' ? [] : ((object as NodeObject).spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute')
    const before = tainted.get(name) ?? []
    if (before.length === 0 && taints.length === 0) return
    if (before.length === taints.length && before.every((taint, nth) => taint === taints[nth])) return
    if (taints.length > 0) tainted.set(name, taints)
    else tainted.delete(name)
    for (const pod of store.podsOnNode(name) as readonly PodObject[]) consider(pod, taints)
  }

  return {
    handle(event) {
      const { kind } = event.object
      if (kind === 'Node') seeNode(event)
      if (kind !== 'Pod' || event.type === 'DELETED' || tainted.size === 0) return
      const pod = event.object as PodObject
      const taints = tainted.get(pod.spec?.nodeName ?? '')
      if (taints && event.type === 'ADDED') consider(pod, taints)
    },
  }
}

/** For how many seconds a pod stays beside a taint. */
function patienceOf(pod: PodObject, taint: Taint): number {
  const tolerations: readonly Toleration[] = pod.spec?.tolerations ?? []
  const fitting = tolerations.filter((toleration) => matches(toleration, taint))
  if (fitting.length > 0) return Math.min(...fitting.map(({ tolerationSeconds = Number.POSITIVE_INFINITY }) => tolerationSeconds))
  if (controllerOf(pod)?.kind === 'Node') return Number.POSITIVE_INFINITY
  return BY_DEFAULT.has(taint.key) ? DEFAULT_SECONDS : 0
}
