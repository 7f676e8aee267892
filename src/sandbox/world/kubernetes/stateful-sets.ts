import type { Instant } from '../../../model/instant.ts'
import type { ObjectMeta } from '../../../model/kubernetes.ts'
import type { StoreEvent } from '../../contract.ts'
import { isAvailable, nextAvailable } from './availability.ts'
import { deletePod } from './deletion.ts'
import type { EventRecorder } from './events.ts'
import type { Ground } from './ground.ts'
import type { PodObject, WorkloadObject } from './objects.ts'
import { controlledBy, controllerOf, isReady, isTerminating, keyOf, splitKey, writeStatus } from './objects.ts'
import type { Ownership } from './ownership.ts'
import type { PodMaker } from './pod-maker.ts'
import { createPodMaker } from './pod-maker.ts'
import type { PodDetail } from './pod-spec.ts'
import { unboundStatus } from './pod-status.ts'
import { templateHash } from './templates.ts'

const SYNC_DELAY = 100
const HASH_LABEL = 'controller-revision-hash'

/**
 * StatefulSets: with ordered pods `name-0` must be ready before `name-1` is made; in parallel all are made at once. A pod
 * comes back under its own name only after the old one is gone, one that ended is made anew. An update goes from the
 * highest ordinal down to the partition, one at a time; `OnDelete` leaves it to others. Claims of the templates are made
 * with their pod and outlive it. Rule: k8s.io/kubernetes/pkg/controller/statefulset/stateful_set_control.go.
 */
export function createStatefulSets(ground: Ground, ownership: Ownership, events: EventRecorder): { handle(event: StoreEvent): void } {
  const { store, timeline } = ground
  const queue = ground.queue('statefulset', SYNC_DELAY, sync)
  const maker = createPodMaker(ground, events, 'StatefulSet', (key) => queue.add(key))

  function sync(key: string): void {
    const [namespace, name] = splitKey(key)
    const set = store.get('StatefulSet', namespace, name) as WorkloadObject | undefined
    if (!set?.spec?.template || isTerminating(set)) return
    const hash = templateHash(set.spec.template)
    const pods = new Map(ownership.pods(set.metadata.uid).map((pod) => [pod.metadata.name, pod]))
    const first = set.spec.ordinals?.start ?? 0
    const wanted = Array.from({ length: set.spec.replicas ?? 1 }, (_none, nth) => `${name}-${first + nth}`)
    const members = { set, wanted, pods, hash, now: timeline.now() }
    for (const member of toMake(members)) if (!createPod(ground, maker, set, member, hash)) break
    for (const member of wanted.filter((each) => hasEnded(pods.get(each)))) deletePod(ground, namespace, member, 0)
    for (const member of toGo(members)) deletePod(ground, namespace, member)
    writeStatus(store, set, statusOf(set, ownership.pods(set.metadata.uid), hash, timeline.now()))
    lookAgain(key, set)
  }

  /** Pods that are Ready may have to stay so for a while before the next one's turn comes. */
  function lookAgain(key: string, { metadata, spec }: WorkloadObject): void {
    timeline.cancel(`k8s/available/${metadata.uid}`)
    const next = nextAvailable(ownership.pods(metadata.uid), spec?.minReadySeconds, timeline.now())
    if (next !== undefined) timeline.at(next, `k8s/available/${metadata.uid}`, () => queue.add(key))
  }

  return {
    handle({ object }) {
      if (object.kind === 'StatefulSet') queue.add(keyOf(object))
      if (object.kind !== 'Pod') return
      const owner = controllerOf(object)
      if (owner?.kind === 'StatefulSet') queue.add(`${object.metadata.namespace ?? ''}/${owner.name}`)
    },
  }
}

interface Members {
  readonly set: WorkloadObject
  /** Names in the order of their ordinals. */
  readonly wanted: readonly string[]
  readonly pods: ReadonlyMap<string, PodObject>
  readonly hash: string
  readonly now: Instant
}

function isParallel({ set }: Members): boolean {
  return set.spec?.podManagementPolicy === 'Parallel'
}

/** Who may be made now: in order only the first that is not ready, if it is missing. */
function toMake(members: Members): readonly string[] {
  const { wanted, pods } = members
  const next = isParallel(members) ? wanted : wanted.filter((member) => !isSettled(members, member)).slice(0, 1)
  return next.filter((member) => !pods.has(member))
}

/** Who goes now: those that are too many, in order the last of them; without any, one of an old template. */
function toGo(members: Members): readonly string[] {
  const { wanted, pods } = members
  const extra = [...pods.keys()].filter((member) => !wanted.includes(member)).sort(byOrdinal)
  if (isParallel(members)) return extra.length > 0 ? extra : outdated(members)
  if (wanted.some((member) => !isSettled(members, member))) return []
  return extra.length > 0 ? extra.slice(-1) : outdated(members)
}

/** The highest ordinal that has the old template, unless one above it is not ready. */
function outdated({ set, wanted, pods, hash }: Members): readonly string[] {
  if (set.spec?.updateStrategy?.type === 'OnDelete') return []
  const partition = set.spec?.updateStrategy?.rollingUpdate?.partition ?? 0
  for (const member of wanted.toReversed()) {
    const pod = pods.get(member)
    if (ordinalOf(member) < partition || pod === undefined || isTerminating(pod)) return []
    if (pod.metadata.labels?.[HASH_LABEL] !== hash) return [member]
    if (!isReady(pod)) return []
  }
  return []
}

/** False when the pod was refused. */
function createPod(ground: Ground, maker: PodMaker, set: WorkloadObject, name: string, hash: string): boolean {
  const template = set.spec?.template
  const labels = {
    ...template?.metadata?.labels,
    [HASH_LABEL]: hash,
    'statefulset.kubernetes.io/pod-name': name,
  }
  const made = maker.make(set, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...template?.metadata,
      name,
      ...(set.metadata.namespace === undefined ? {} : { namespace: set.metadata.namespace }),
      labels,
      ownerReferences: controlledBy(set) as never,
    },
    spec: withClaims(ground, set, name, template?.spec ?? {}),
    status: unboundStatus(),
  })
  return 'pod' in made
}

/** The pod's own claims, `data-db-0` for the template `data`: made where they are not there yet. */
function withClaims(ground: Ground, set: WorkloadObject, pod: string, spec: PodDetail): PodDetail {
  const templates = set.spec?.volumeClaimTemplates ?? []
  if (templates.length === 0) return spec
  const { namespace } = set.metadata
  const volumes = templates.map(({ metadata, spec: wanted }) => {
    const claimName = `${metadata.name}-${pod}`
    if (!ground.store.get('PersistentVolumeClaim', namespace, claimName))
      ground.create({
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { ...(metadata as ObjectMeta), name: claimName, ...(namespace === undefined ? {} : { namespace }) },
        spec: { volumeMode: 'Filesystem', ...wanted },
        status: { phase: 'Pending' },
      })
    return { name: metadata.name, persistentVolumeClaim: { claimName } }
  })
  return { ...spec, volumes: [...(spec.volumes ?? []), ...volumes] }
}

function isSettled({ set, pods, now }: Members, member: string): boolean {
  const pod = pods.get(member)
  return pod !== undefined && !isTerminating(pod) && isAvailable(pod, set.spec?.minReadySeconds, now)
}

function hasEnded(pod: PodObject | undefined): boolean {
  return pod?.status?.phase === 'Failed' || pod?.status?.phase === 'Succeeded'
}

function byOrdinal(a: string, b: string): number {
  return ordinalOf(a) - ordinalOf(b)
}

function ordinalOf(name: string): number {
  return Number(name.slice(name.lastIndexOf('-') + 1))
}

function statusOf(set: WorkloadObject, pods: readonly PodObject[], hash: string, now: Instant): object {
  const well = pods.filter((pod) => isReady(pod) && !isTerminating(pod))
  const ready = well.length
  const updated = pods.filter((pod) => pod.metadata.labels?.[HASH_LABEL] === hash).length
  const updateRevision = `${set.metadata.name}-${hash}`
  const before = set.status as { readonly currentRevision?: string } | undefined
  const isDone = updated === pods.length && ready === (set.spec?.replicas ?? 1)
  const currentRevision = isDone ? updateRevision : (before?.currentRevision ?? updateRevision)
  return {
    observedGeneration: set.metadata.generation,
    replicas: pods.length,
    readyReplicas: ready,
    availableReplicas: well.filter((pod) => isAvailable(pod, set.spec?.minReadySeconds, now)).length,
    currentReplicas: currentRevision === updateRevision ? updated : pods.length - updated,
    updatedReplicas: updated,
    currentRevision,
    updateRevision,
    collisionCount: 0,
  }
}
