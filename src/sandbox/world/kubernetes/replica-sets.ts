import type { Instant } from '../../../model/instant.ts'
import type { Condition } from '../../../model/kubernetes.ts'
import type { StoreEvent } from '../../contract.ts'
import { isAvailable, nextAvailable } from './availability.ts'
import { deletePod } from './deletion.ts'
import type { EventRecorder } from './events.ts'
import type { Ground } from './ground.ts'
import type { PodObject, WorkloadObject } from './objects.ts'
import { controlledBy, controllerOf, isActive, isReady, isTerminating, keyOf, splitKey, writeStatus } from './objects.ts'
import type { Ownership } from './ownership.ts'
import type { Made } from './pod-maker.ts'
import { createPodMaker } from './pod-maker.ts'
import { dated, unboundStatus } from './pod-status.ts'

const SYNC_DELAY = 50
/** How long a status waits for more pods to become ready or not, in milliseconds: thousands do in a minute. */
const STATUS_DELAY = 1_000

/** Keeps as many pods as a ReplicaSet asks for: a pod that is being deleted is replaced at once. */
export function createReplicaSets(ground: Ground, ownership: Ownership, events: EventRecorder): { handle(event: StoreEvent): void } {
  const { store, timeline } = ground
  const created = new Map<string, number>()
  const queue = ground.queue('replicaset', SYNC_DELAY, sync)
  const reports = ground.queue('replicaset-status', STATUS_DELAY, (key) => report(key))
  const maker = createPodMaker(ground, events, 'ReplicaSet', (key) => queue.add(key))

  function sync(key: string): void {
    const [namespace, name] = splitKey(key)
    const replicaSet = store.get('ReplicaSet', namespace, name) as WorkloadObject | undefined
    if (!replicaSet || isTerminating(replicaSet)) return
    const { uid } = replicaSet.metadata
    const surplus = ownership.replicas(uid).active - (replicaSet.spec?.replicas ?? 1)
    const refusal = fill(-surplus, () => createPod(replicaSet))
    if (surplus > 0) reduce(ground, ownership.pods(uid).filter(isActive), surplus)
    const { replicas, observedGeneration } = replicaSet.status ?? {}
    const isOfSize = ownership.replicas(uid).active === replicas && replicaSet.metadata.generation === observedGeneration
    if (isOfSize && refusal === undefined) reports.add(key)
    else report(key, refusal)
  }

  function report(key: string, refusal?: string): void {
    const [namespace, name] = splitKey(key)
    const replicaSet = store.get('ReplicaSet', namespace, name) as WorkloadObject | undefined
    if (!replicaSet || isTerminating(replicaSet)) return
    const { active, ready } = ownership.replicas(replicaSet.metadata.uid)
    const counts = { active, ready, available: available(key, replicaSet, ready) }
    writeStatus(store, replicaSet, { ...statusOf(replicaSet, counts), ...failure(replicaSet, refusal, timeline.now()) })
  }

  /** How many pods are available; looked at again when the next one is. */
  function available(key: string, { metadata, spec }: WorkloadObject, ready: number): number {
    const { minReadySeconds } = spec ?? {}
    if (!minReadySeconds) return ready
    const [pods, now] = [ownership.pods(metadata.uid).filter(isActive), timeline.now()]
    const again = `k8s/available/${metadata.uid}`
    timeline.cancel(again)
    const next = nextAvailable(pods, minReadySeconds, now)
    if (next !== undefined) timeline.at(next, again, () => report(key))
    return pods.filter((pod) => isAvailable(pod, minReadySeconds, now)).length
  }

  function createPod(replicaSet: WorkloadObject): Made {
    const { uid, name, namespace } = replicaSet.metadata
    const next = (): number => {
      const nth = (created.get(uid) ?? 0) + 1
      created.set(uid, nth)
      return nth
    }
    const template = replicaSet.spec?.template
    return maker.make(replicaSet, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        ...template?.metadata,
        name: ground.podName(replicaSet, next),
        ...(namespace === undefined ? {} : { namespace }),
        ...{ ownerReferences: controlledBy(replicaSet) as never, generateName: `${name}-` },
      },
      spec: template?.spec ?? {},
      status: unboundStatus(),
    })
  }

  return {
    handle({ object }) {
      if (object.kind === 'ReplicaSet') queue.add(keyOf(object))
      if (object.kind !== 'Pod') return
      const owner = controllerOf(object)
      if (owner?.kind === 'ReplicaSet') queue.add(`${object.metadata.namespace ?? ''}/${owner.name}`)
    },
  }
}

/** Makes so many pods, up to the first that is refused. Answers why it was. */
function fill(missing: number, create: () => Made): string | undefined {
  for (let nth = 0; nth < missing; nth++) {
    const made = create()
    if ('refusal' in made) return made.refusal
  }
  return undefined
}

function reduce(ground: Ground, active: readonly PodObject[], surplus: number): void {
  for (const { metadata } of dispensableFirst(active).slice(0, surplus)) deletePod(ground, metadata.namespace ?? '', metadata.name)
}

/** Which pods go first when there are too many: not bound, then not ready, then the newest. */
function dispensableFirst(pods: readonly PodObject[]): readonly PodObject[] {
  const worth = (pod: PodObject) => (pod.spec?.nodeName ? 1 : 0) + (isReady(pod) ? 2 : 0)
  const born = (pod: PodObject) => `${pod.metadata.creationTimestamp}/${pod.metadata.name}`
  return [...pods].sort((a, b) => worth(a) - worth(b) || (born(a) < born(b) ? 1 : -1))
}

/** What the status says of a pod that was refused. Source: k8s.io/kubernetes, pkg/controller/replicaset/replica_set_utils.go. */
function failure({ status }: WorkloadObject, message: string | undefined, now: Instant): { readonly conditions?: readonly Condition[] } {
  if (message === undefined) return {}
  const condition = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }
  const { conditions: before } = (status ?? {}) as { readonly conditions?: readonly Condition[] }
  return { conditions: [dated(condition, before, now)] }
}

function statusOf(
  replicaSet: WorkloadObject,
  { active, ready, available }: ReturnType<Ownership['replicas']> & { readonly available: number },
): Record<string, unknown> {
  const counts = { replicas: active, fullyLabeledReplicas: active, readyReplicas: ready, availableReplicas: available }
  return { ...counts, observedGeneration: replicaSet.metadata.generation }
}
