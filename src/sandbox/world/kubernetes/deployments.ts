import type { Condition } from '../../../model/kubernetes.ts'
import type { StoredObject, StoreEvent } from '../../contract.ts'
import { deadlineOf, statusOf } from './deployment-status.ts'
import type { EventRecorder } from './events.ts'
import type { Ground } from './ground.ts'
import type { WorkloadObject } from './objects.ts'
import { controlledBy, controllerOf, isTerminating, keyOf, splitKey, writeStatus } from './objects.ts'
import type { Ownership } from './ownership.ts'
import { scaled } from './quantity.ts'
import { templateHash } from './templates.ts'

const SYNC_DELAY = 100
const HASH_LABEL = 'pod-template-hash'
const REVISION = 'deployment.kubernetes.io/revision'

/**
 * Deployments: a ReplicaSet per template. A rolling update grows the new one as far as maxSurge allows and shrinks the
 * old ones as far as maxUnavailable allows (defaults 25 %, surge rounded up, unavailable rounded down); `Recreate` ends
 * the old pods first; what is paused keeps its ReplicaSets and only scales the newest. Ended ReplicaSets beyond
 * `revisionHistoryLimit` go, the oldest revisions first. Rule: k8s.io/kubernetes/pkg/controller/deployment.
 */
export class Deployments {
  readonly #ground: Ground
  readonly #ownership: Ownership
  readonly #events: EventRecorder
  readonly #queue: { readonly add: (key: string) => void }

  constructor(ground: Ground, ownership: Ownership, events: EventRecorder) {
    this.#ground = ground
    this.#ownership = ownership
    this.#events = events
    this.#queue = ground.queue('deployment', SYNC_DELAY, (key) => this.#sync(key))
  }

  #sync(key: string): void {
    const [namespace, name] = splitKey(key)
    const deployment = this.#ground.store.get('Deployment', namespace, name) as WorkloadObject | undefined
    if (!deployment?.spec?.template || isTerminating(deployment)) return
    const sets = this.#ownership.replicaSets(deployment.metadata.uid)
    const hash = templateHash(deployment.spec.template)
    const newest = sets.find((set) => set.metadata.labels?.[HASH_LABEL] === hash)
    if (deployment.spec.paused) this.#hold(deployment, sets, newest)
    else this.#advance(deployment, sets, newest ?? this.#createReplicaSet(deployment, sets, hash))
  }

  #advance(deployment: WorkloadObject, sets: readonly WorkloadObject[], found: WorkloadObject): void {
    const current = this.#matured(deployment, this.#revised(found, sets))
    const old = sets.filter(({ metadata }) => metadata.uid !== current.metadata.uid)
    if (deployment.spec?.strategy?.type === 'Recreate') this.#recreate(deployment, current, old)
    else this.#roll(deployment, current, old)
    this.#trim(deployment, old)
    this.#report(deployment, current)
  }

  /** Without a rollout only the size may change: that of the newest revision that has pods. */
  #hold(deployment: WorkloadObject, sets: readonly WorkloadObject[], newest: WorkloadObject | undefined): void {
    const active = [...sets].filter((set) => (set.spec?.replicas ?? 0) > 0).sort((a, b) => revisionOf(b) - revisionOf(a))
    const [leader, ...others] = active
    const wanted = deployment.spec?.replicas ?? 1
    if (leader && others.length === 0) this.#scale(leader, wanted, deployment)
    this.#report(deployment, newest)
  }

  #createReplicaSet(deployment: WorkloadObject, sets: readonly WorkloadObject[], hash: string): WorkloadObject {
    const { name, namespace } = deployment.metadata
    const labels = { ...deployment.spec?.template?.metadata?.labels, [HASH_LABEL]: hash }
    const template = { ...deployment.spec?.template, metadata: { ...deployment.spec?.template?.metadata, labels } }
    const { minReadySeconds } = deployment.spec ?? {}
    return this.#ground.create({
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `${name}-${hash}`,
        ...(namespace === undefined ? {} : { namespace }),
        labels,
        annotations: { [REVISION]: String(highest(sets) + 1) },
        ownerReferences: controlledBy(deployment) as never,
      },
      spec: {
        replicas: 0,
        selector: { matchLabels: labels },
        template,
        ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      },
      status: { replicas: 0 },
    }) as WorkloadObject
  }

  /** An old template that is wanted again becomes the newest revision. */
  #revised(current: WorkloadObject, sets: readonly WorkloadObject[]): WorkloadObject {
    const others = sets.filter(({ metadata }) => metadata.uid !== current.metadata.uid)
    if (revisionOf(current) > highest(others)) return current
    return this.#ground.store.update('ReplicaSet', current.metadata.namespace, current.metadata.name, (set) => ({
      ...set,
      metadata: { ...set.metadata, annotations: { ...set.metadata.annotations, [REVISION]: String(highest(others) + 1) } },
    })) as WorkloadObject
  }

  /** A ReplicaSet waits for its pods as long as its Deployment says. */
  #matured({ spec }: WorkloadObject, current: WorkloadObject): WorkloadObject {
    const minReadySeconds = spec?.minReadySeconds ?? 0
    if ((current.spec?.minReadySeconds ?? 0) === minReadySeconds) return current
    return this.#ground.store.update('ReplicaSet', current.metadata.namespace, current.metadata.name, (set) => ({
      ...set,
      spec: { ...(set as WorkloadObject).spec, minReadySeconds },
    })) as WorkloadObject
  }

  #recreate(deployment: WorkloadObject, current: WorkloadObject, old: readonly WorkloadObject[]): void {
    for (const set of old) this.#scale(set, 0, deployment)
    const left = old.some(({ metadata }) => this.#ownership.pods(metadata.uid).length > 0)
    if (!left) this.#scale(current, deployment.spec?.replicas ?? 1, deployment)
  }

  #roll(deployment: WorkloadObject, current: WorkloadObject, old: readonly WorkloadObject[]): void {
    const wanted = deployment.spec?.replicas ?? 1
    const { surge } = fenceposts(deployment)
    const olds = old.filter((set) => (set.spec?.replicas ?? 0) > 0)
    const all = (current.spec?.replicas ?? 0) + sum(olds, (set) => set.spec?.replicas)
    const room = olds.length === 0 ? Number.POSITIVE_INFINITY : wanted + surge - all
    const grown = Math.min(wanted, (current.spec?.replicas ?? 0) + Math.max(0, room))
    this.#scale(current, wanted < (current.spec?.replicas ?? 0) ? wanted : grown, deployment)
    this.#shrink(deployment, olds, current)
  }

  /** Takes pods from old sets while as many as must be stay available; those that are not available go first. */
  #shrink(deployment: WorkloadObject, olds: readonly WorkloadObject[], current: WorkloadObject): void {
    const floor = (deployment.spec?.replicas ?? 1) - fenceposts(deployment).unavailable
    let spare = sum([...olds, current], (set) => set.status?.availableReplicas) - floor
    for (const set of olds) {
      const replicas = set.spec?.replicas ?? 0
      const available = set.status?.availableReplicas ?? 0
      const take = Math.min(replicas, replicas - available + Math.max(0, Math.min(spare, available)))
      spare -= Math.max(0, take - (replicas - available))
      this.#scale(set, replicas - take, deployment)
    }
  }

  #scale({ metadata, spec }: WorkloadObject, replicas: number, deployment: WorkloadObject): void {
    const before = spec?.replicas ?? 0
    if (before === replicas) return
    const message = `Scaled ${replicas > before ? 'up' : 'down'} replica set ${metadata.name} from ${before} to ${replicas}`
    const happening = { type: 'Normal', reason: 'ScalingReplicaSet', message, component: 'deployment-controller' } as const
    if (!this.#ground.beginning()) this.#events.record(deployment, happening)
    this.#ground.store.update('ReplicaSet', metadata.namespace, metadata.name, (current) => ({
      ...current,
      spec: { ...(current as WorkloadObject).spec, replicas },
    }))
  }

  #trim(deployment: WorkloadObject, old: readonly WorkloadObject[]): void {
    const ended = old.filter(({ spec, status }) => (spec?.replicas ?? 0) === 0 && (status?.replicas ?? 0) === 0)
    const surplus = ended.length - (deployment.spec?.revisionHistoryLimit ?? 10)
    const oldest = [...ended].sort((a, b) => revisionOf(a) - revisionOf(b)).slice(0, Math.max(0, surplus))
    for (const { metadata } of oldest) this.#ground.store.remove('ReplicaSet', metadata.namespace, metadata.name)
  }

  #report(deployment: WorkloadObject, current: WorkloadObject | undefined): void {
    const { store, timeline } = this.#ground
    const { namespace, name } = deployment.metadata
    const revision = current && store.get('ReplicaSet', namespace, current.metadata.name)?.metadata.annotations?.[REVISION]
    if (revision !== undefined && deployment.metadata.annotations?.[REVISION] !== revision)
      store.update('Deployment', namespace, name, (object) => ({
        ...object,
        metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [REVISION]: revision } },
      }))
    const status = statusOf(deployment, current, this.#ownership.replicaSets(deployment.metadata.uid), timeline.now())
    writeStatus(store, deployment, status)
    this.#watchProgress(deployment, status.conditions)
  }

  /** A rollout that stands still for too long is said to have failed; nothing is taken back. */
  #watchProgress(deployment: WorkloadObject, conditions: readonly Condition[]): void {
    const key = `k8s/progress/${keyOf(deployment)}`
    this.#ground.timeline.cancel(key)
    const at = deadlineOf(deployment, conditions)
    if (at !== undefined) this.#ground.timeline.at(at, key, () => this.#queue.add(keyOf(deployment)))
  }

  handle({ type, object }: StoreEvent): void {
    if (object.kind === 'Deployment') this.#queue.add(keyOf(object))
    const owner = object.kind === 'ReplicaSet' ? controllerOf(object) : undefined
    if (owner?.kind === 'Deployment') this.#queue.add(`${object.metadata.namespace ?? ''}/${owner.name}`)
    if (object.kind === 'Pod' && type === 'DELETED') this.#seeGone(object)
  }

  /** `Recreate` waits for the last of the old pods. */
  #seeGone(pod: StoredObject): void {
    const { namespace } = pod.metadata
    const owner = controllerOf(pod)
    const set = owner?.kind === 'ReplicaSet' ? this.#ground.store.get('ReplicaSet', namespace, owner.name) : undefined
    const above = set && controllerOf(set)
    const deployment = above && (this.#ground.store.get('Deployment', namespace, above.name) as WorkloadObject | undefined)
    if (deployment?.spec?.strategy?.type === 'Recreate') this.#queue.add(keyOf(deployment))
  }
}

/** How many pods may be there beside those that are wanted, and how many may be missing. Both 0 would stand still: then one may be missing. */
function fenceposts({ spec }: WorkloadObject): { readonly surge: number; readonly unavailable: number } {
  const wanted = spec?.replicas ?? 1
  const { maxSurge = '25%', maxUnavailable = '25%' } = spec?.strategy?.rollingUpdate ?? {}
  const [surge, unavailable] = [scaled(maxSurge, wanted, 'up'), scaled(maxUnavailable, wanted, 'down')]
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable }
}

function revisionOf({ metadata }: WorkloadObject): number {
  return Number(metadata.annotations?.[REVISION] ?? 0)
}

function highest(sets: readonly WorkloadObject[]): number {
  return Math.max(0, ...sets.map(revisionOf))
}

function sum(sets: readonly WorkloadObject[], of: (set: WorkloadObject) => number | undefined): number {
  return sets.reduce((total, set) => total + (of(set) ?? 0), 0)
}
