import { type Instant, instantOf, type Millis, SECOND } from './instant.ts'
import { conditionOf, type Pod } from './kubernetes.ts'

/** A pod on a node, as far as a drain needs to know it. */
export interface BoundPod {
  /** `shop/web-1` */
  readonly key: string
  readonly namespace: string
  readonly name: string
  readonly uid: string
  /** Whatever makes another in its place, `ReplicaSet/shop/web-6d4c`; undefined for a pod that nobody makes again. */
  readonly owner?: string
  /** Why a drain leaves it where it is: its DaemonSet would bring it back, the kubelet runs it itself, or it has ended. */
  readonly stays?: 'daemon-set' | 'mirror' | 'ended'
  readonly ready: boolean
  readonly running: boolean
  /** When it was told to go. */
  readonly goingSince?: Instant
  /** How long it may take to go. */
  readonly grace: Millis
  readonly finalizers: readonly string[]
}

/** Grace of a pod that names none (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination). */
const DEFAULT_GRACE = 30

export function boundPod(pod: Pod): BoundPod {
  const { namespace = '', name, uid = '', deletionTimestamp, finalizers = [] } = pod.metadata
  const grace = (pod.metadata.deletionGracePeriodSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? DEFAULT_GRACE) * SECOND
  // The timestamp is the moment by which it has to be gone, not the one at which it was told.
  const gone = instantOf(deletionTimestamp)
  return {
    key: `${namespace}/${name}`,
    namespace,
    name,
    uid,
    owner: ownerOf(pod),
    stays: whyStays(pod),
    ready: conditionOf(pod.status?.conditions, 'Ready')?.status === 'True',
    running: pod.status?.phase === 'Running',
    goingSince: gone === undefined ? undefined : gone - grace,
    grace,
    finalizers,
  }
}

function ownerOf({ metadata }: Pod): string | undefined {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true)
  return owner && `${owner.kind}/${metadata.namespace}/${owner.name}`
}

function whyStays({ metadata, status }: Pod): BoundPod['stays'] {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return 'ended'
  if (metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return 'mirror'
  return metadata.ownerReferences?.some(({ kind }) => kind === 'DaemonSet') ? 'daemon-set' : undefined
}
