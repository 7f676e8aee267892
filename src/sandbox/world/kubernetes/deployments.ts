import type { StoreEvent } from '../../contract.ts'
import type { Ground } from './ground.ts'
import type { WorkloadObject } from './objects.ts'
import { controlledBy, controllerOf, keyOf, splitKey, writeStatus } from './objects.ts'
import type { Ownership } from './ownership.ts'
import { dated } from './pod-status.ts'
import { scaled } from './quantity.ts'
import { templateHash } from './templates.ts'

const SYNC_DELAY = 100
const HASH_LABEL = 'pod-template-hash'

/**
 * Deployments by rolling update: a ReplicaSet per template; the new one grows as far as maxSurge allows, the old
 * ones shrink as far as maxUnavailable allows (defaults 25 %, surge rounded up, unavailable rounded down).
 * Rule: k8s.io/kubernetes/pkg/controller/deployment/rolling.go.
 */
export function createDeployments(ground: Ground, ownership: Ownership): { handle(event: StoreEvent): void } {
  const { store } = ground
  const queue = ground.queue('deployment', SYNC_DELAY, sync)

  function sync(key: string): void {
    const [namespace, name] = splitKey(key)
    const deployment = store.get('Deployment', namespace, name) as WorkloadObject | undefined
    if (!deployment?.spec?.template) return
    const sets = ownership.replicaSets(deployment.metadata.uid)
    const hash = templateHash(deployment.spec.template)
    const newest = sets.find((set) => set.metadata.labels?.[HASH_LABEL] === hash)
    const current = newest ?? createReplicaSet(deployment, hash)
    roll(
      deployment,
      current,
      sets.filter((set) => set !== current),
    )
    writeStatus(store, deployment, statusOf(deployment, current, ownership.replicaSets(deployment.metadata.uid), ground.timeline.now()))
  }

  function createReplicaSet(deployment: WorkloadObject, hash: string): WorkloadObject {
    const { name, namespace } = deployment.metadata
    const labels = { ...deployment.spec?.template?.metadata?.labels, [HASH_LABEL]: hash }
    const template = { ...deployment.spec?.template, metadata: { ...deployment.spec?.template?.metadata, labels } }
    return ground.create({
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `${name}-${hash}`,
        ...(namespace === undefined ? {} : { namespace }),
        labels,
        ownerReferences: controlledBy(deployment) as never,
      },
      spec: { replicas: 0, selector: { matchLabels: labels }, template },
      status: { replicas: 0 },
    }) as WorkloadObject
  }

  function roll(deployment: WorkloadObject, current: WorkloadObject, old: readonly WorkloadObject[]): void {
    const wanted = deployment.spec?.replicas ?? 1
    const { maxSurge = '25%', maxUnavailable = '25%' } = deployment.spec?.strategy?.rollingUpdate ?? {}
    const olds = old.filter((set) => (set.spec?.replicas ?? 0) > 0)
    const all = (current.spec?.replicas ?? 0) + sum(olds, (set) => set.spec?.replicas)
    const room = olds.length === 0 ? Number.POSITIVE_INFINITY : wanted + scaled(maxSurge, wanted, 'up') - all
    const grown = Math.min(wanted, (current.spec?.replicas ?? 0) + Math.max(0, room))
    scale(current, wanted < (current.spec?.replicas ?? 0) ? wanted : grown)
    shrink(olds, wanted - scaled(maxUnavailable, wanted, 'down'), current)
  }

  /** Takes pods from old sets while at least `floor` pods stay available; those that are not available go first. */
  function shrink(olds: readonly WorkloadObject[], floor: number, current: WorkloadObject): void {
    let spare = sum([...olds, current], (set) => set.status?.availableReplicas) - floor
    for (const set of olds) {
      const replicas = set.spec?.replicas ?? 0
      const available = set.status?.availableReplicas ?? 0
      const take = Math.min(replicas, replicas - available + Math.max(0, Math.min(spare, available)))
      spare -= Math.max(0, take - (replicas - available))
      scale(set, replicas - take)
    }
  }

  function scale({ metadata }: WorkloadObject, replicas: number): void {
    store.update('ReplicaSet', metadata.namespace, metadata.name, (current) => ({
      ...current,
      spec: { ...(current as WorkloadObject).spec, replicas },
    }))
  }

  return {
    handle({ object }) {
      if (object.kind === 'Deployment') queue.add(keyOf(object))
      if (object.kind !== 'ReplicaSet') return
      const owner = controllerOf(object)
      if (owner?.kind === 'Deployment') queue.add(`${object.metadata.namespace ?? ''}/${owner.name}`)
    },
  }
}

function sum(sets: readonly WorkloadObject[], of: (set: WorkloadObject) => number | undefined): number {
  return sets.reduce((total, set) => total + (of(set) ?? 0), 0)
}

function statusOf(deployment: WorkloadObject, current: WorkloadObject, sets: readonly WorkloadObject[], now: number): object {
  const wanted = deployment.spec?.replicas ?? 1
  const available = sum(sets, (set) => set.status?.availableReplicas)
  const floor = wanted - scaled(deployment.spec?.strategy?.rollingUpdate?.maxUnavailable ?? '25%', wanted, 'down')
  const before = (deployment.status as { conditions?: never } | undefined)?.conditions
  const condition =
    available >= floor
      ? { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' }
      : {
          type: 'Available',
          status: 'False',
          reason: 'MinimumReplicasUnavailable',
          message: 'Deployment does not have minimum availability.',
        }
  const newest = sets.find((set) => set.metadata.uid === current.metadata.uid)
  return {
    observedGeneration: deployment.metadata.generation,
    replicas: sum(sets, (set) => set.status?.replicas),
    updatedReplicas: newest?.status?.replicas ?? 0,
    readyReplicas: sum(sets, (set) => set.status?.readyReplicas),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, wanted - available),
    conditions: [dated(condition, before, now)],
  }
}
