import type { StoreEvent } from '../../contract.ts'
import { deletePod } from './deletion.ts'
import type { Ground } from './ground.ts'
import type { PodObject, WorkloadObject } from './objects.ts'
import { controlledBy, controllerOf, isReady, isTerminating, keyOf, splitKey, writeStatus } from './objects.ts'
import type { Ownership } from './ownership.ts'
import { unboundStatus } from './pod-status.ts'
import { templateHash } from './templates.ts'

const SYNC_DELAY = 100
const HASH_LABEL = 'controller-revision-hash'

/**
 * StatefulSets with ordered pods: `name-0` must be ready before `name-1` is made, a pod comes back under its own
 * name only after the old one is gone, and an update goes from the highest ordinal down, one at a time.
 */
export function createStatefulSets(ground: Ground, ownership: Ownership): { handle(event: StoreEvent): void } {
  const { store } = ground
  const queue = ground.queue('statefulset', SYNC_DELAY, sync)

  function sync(key: string): void {
    const [namespace, name] = splitKey(key)
    const set = store.get('StatefulSet', namespace, name) as WorkloadObject | undefined
    if (!set?.spec?.template) return
    const hash = templateHash(set.spec.template)
    const pods = new Map(ownership.pods(set.metadata.uid).map((pod) => [pod.metadata.name, pod]))
    const wanted = Array.from({ length: set.spec.replicas ?? 1 }, (_none, ordinal) => `${name}-${ordinal}`)
    const blocking = wanted.find((member) => !isSettled(pods.get(member)))
    if (blocking !== undefined && !pods.has(blocking)) createPod(set, blocking, hash)
    if (blocking === undefined) reduce(namespace, wanted, pods, hash)
    writeStatus(store, set, statusOf(set, ownership.pods(set.metadata.uid), hash))
  }

  /** Everything wanted is ready: one that is too many goes, or else one of an old template. */
  function reduce(namespace: string, wanted: readonly string[], pods: ReadonlyMap<string, PodObject>, hash: string): void {
    const extra = [...pods.keys()].filter((member) => !wanted.includes(member)).sort(byOrdinal)
    const old = wanted.filter((member) => pods.get(member)?.metadata.labels?.[HASH_LABEL] !== hash)
    const next = extra.at(-1) ?? old.at(-1)
    if (next !== undefined) deletePod(ground, namespace, next)
  }

  function createPod(set: WorkloadObject, name: string, hash: string): void {
    const template = set.spec?.template
    const labels = { ...template?.metadata?.labels, [HASH_LABEL]: hash, 'statefulset.kubernetes.io/pod-name': name }
    ground.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        ...template?.metadata,
        name,
        ...(set.metadata.namespace === undefined ? {} : { namespace: set.metadata.namespace }),
        labels,
        ownerReferences: controlledBy(set) as never,
      },
      spec: template?.spec ?? {},
      status: unboundStatus(),
    })
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

function isSettled(pod: PodObject | undefined): boolean {
  return pod !== undefined && !isTerminating(pod) && isReady(pod)
}

function byOrdinal(a: string, b: string): number {
  return ordinalOf(a) - ordinalOf(b)
}

function ordinalOf(name: string): number {
  return Number(name.slice(name.lastIndexOf('-') + 1))
}

function statusOf(set: WorkloadObject, pods: readonly PodObject[], hash: string): object {
  const ready = pods.filter((pod) => isReady(pod) && !isTerminating(pod)).length
  const updated = pods.filter((pod) => pod.metadata.labels?.[HASH_LABEL] === hash).length
  return {
    observedGeneration: set.metadata.generation,
    replicas: pods.length,
    readyReplicas: ready,
    availableReplicas: ready,
    currentReplicas: updated,
    updatedReplicas: updated,
    updateRevision: `${set.metadata.name}-${hash}`,
  }
}
