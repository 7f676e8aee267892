import { isAwsNodePod, isKubeProxyPod } from '../../model/aws-node.ts'
import { type BoundPod, boundPod } from '../../model/bound-pod.ts'
import { objectKey } from '../../model/events.ts'
import { type Instant, instantOf } from '../../model/instant.ts'
import { conditionOf, type Pod } from '../../model/kubernetes.ts'
import { addressedAt, hasEnded, isEvictable, isOnPodNetwork, podKey } from './pods.ts'

/** What the facts of nodes, workloads and budgets need to know of one pod. */
export interface PodFacts {
  /** `shop/web-1` */
  readonly key: string
  /** The key of events about it, `Pod/shop/web-1`. */
  readonly eventKey: string
  readonly ended: boolean
  readonly evictable: boolean
  readonly isAwsNode: boolean
  readonly isKubeProxy: boolean
  /** On the pod network, with an address. */
  readonly addressed: boolean
  readonly addressedAt: Instant | undefined
  /** Bound and on the pod network, without an address. */
  readonly waiting: boolean
  /** Of its containers together, and the most of any single one. */
  readonly restarts: { readonly sum: number; readonly most: number }
  /** Bound to no node. */
  readonly pending: boolean
  /** Since when it is not Ready; undefined when it is, or has ended. */
  readonly notReadySince: Instant | undefined
  /** As a drain sees it; worked out when it is asked for, since most pods are never drained by Serin. */
  readonly bound: BoundPod
}

/** A pod that did not change is the same object, and is frozen: its facts are worked out once. */
const known = new WeakMap<Pod, PodFacts>()

export function podFacts(pod: Pod): PodFacts {
  const kept = known.get(pod)
  if (kept !== undefined) return kept
  const made = factsOf(pod)
  known.set(pod, made)
  return made
}

function factsOf(pod: Pod): PodFacts {
  const ended = hasEnded(pod)
  const onNetwork = isOnPodNetwork(pod)
  const hasAddress = Boolean(pod.status?.podIP)
  return {
    key: podKey(pod),
    eventKey: objectKey('Pod', pod.metadata.namespace, pod.metadata.name),
    ended,
    evictable: isEvictable(pod),
    isAwsNode: isAwsNodePod(pod),
    isKubeProxy: isKubeProxyPod(pod),
    addressed: onNetwork && !ended && hasAddress,
    addressedAt: addressedAt(pod),
    waiting: onNetwork && !ended && !hasAddress && pod.spec?.nodeName !== undefined && pod.metadata.deletionTimestamp === undefined,
    restarts: restartsOf(pod),
    pending: !ended && pod.spec?.nodeName === undefined && pod.metadata.deletionTimestamp === undefined,
    notReadySince: ended ? undefined : notReadySince(pod),
    get bound() {
      return boundPodOf(pod)
    },
  }
}

const bound = new WeakMap<Pod, BoundPod>()

function boundPodOf(pod: Pod): BoundPod {
  const kept = bound.get(pod) ?? boundPod(pod)
  bound.set(pod, kept)
  return kept
}

function restartsOf({ status }: Pod): PodFacts['restarts'] {
  const counts = (status?.containerStatuses ?? []).map(({ restartCount = 0 }) => restartCount)
  return { sum: counts.reduce((sum, count) => sum + count, 0), most: Math.max(0, ...counts) }
}

function notReadySince(pod: Pod): Instant | undefined {
  const ready = conditionOf(pod.status?.conditions, 'Ready')
  if (ready?.status === 'True') return undefined
  return instantOf(ready?.lastTransitionTime) ?? instantOf(pod.metadata.creationTimestamp)
}
