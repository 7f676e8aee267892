import type { Instant } from '../../../model/instant.ts'
import { keyedRandom } from '../../../model/keyed.ts'
import type { ObjectStore, StoreEvent } from '../../contract.ts'
import { isAvailable, nextAvailable } from './availability.ts'
import type { Tally } from './daemon-tally.ts'
import { createTally, HASH_LABEL, planRoll, planSurge, stateOf, withDaemonTolerations } from './daemon-tally.ts'
import { deletePod } from './deletion.ts'
import type { EventRecorder } from './events.ts'
import type { Ground } from './ground.ts'
import type { NodeObject, PodObject, PodStatus, WorkloadObject } from './objects.ts'
import { controlledBy, controllerOf, isTerminating, keyOf, splitKey, writeStatus } from './objects.ts'
import { pinnedNode, pinnedTo } from './pinned.ts'
import { withIdentity } from './pod-identity.ts'
import { withInterface } from './pod-interfaces/policies.ts'
import type { PodMaker } from './pod-maker.ts'
import { createPodMaker } from './pod-maker.ts'
import type { PodDetail } from './pod-spec.ts'
import { boundStatus, unboundStatus } from './pod-status.ts'
import { scaled } from './quantity.ts'
import { templateHash } from './templates.ts'

const SYNC_DELAY = 200

interface Daemon {
  readonly uid: string
  /** Pods of this DaemonSet by node and name. */
  readonly pods: Map<string, Map<string, PodObject>>
  readonly dirty: Set<string>
  tally: Tally
  hash: string
  made: number
  /** A pod was refused at this look: the nodes after it wait for the next. */
  refused: boolean
}

/**
 * DaemonSets, node by node: only nodes where something changed are looked at again, the totals are kept.
 * A rolling update replaces as many available old pods as maxUnavailable leaves (rounded up); a node whose new pod is
 * not available uses up the budget, old pods that are not available are replaced without it.
 * Rule: k8s.io/kubernetes/pkg/controller/daemon/update.go.
 */
export class DaemonSets {
  readonly #ground: Ground
  readonly #store: ObjectStore
  readonly #hasRoom: (node: string, spec: PodDetail) => boolean
  readonly #daemons = new Map<string, Daemon>()
  readonly #queue: { readonly add: (key: string) => void }
  readonly #maker: PodMaker

  constructor(ground: Ground, events: EventRecorder, hasRoom: (node: string, spec: PodDetail) => boolean) {
    this.#ground = ground
    this.#hasRoom = hasRoom
    this.#store = ground.store
    this.#queue = ground.queue('daemonset', SYNC_DELAY, (key) => this.#sync(key))
    this.#maker = createPodMaker(ground, events, 'DaemonSet', (key) => this.#queue.add(key))
  }

  #sync(key: string): void {
    const [namespace, name] = splitKey(key)
    const set = this.#store.get('DaemonSet', namespace, name) as WorkloadObject | undefined
    const daemon = this.#daemons.get(key)
    if (!set?.spec?.template || !daemon || isTerminating(set)) return
    const hash = templateHash(set.spec.template)
    if (hash !== daemon.hash) this.#startOver(daemon, hash)
    const dirty = [...daemon.dirty]
    daemon.dirty.clear()
    daemon.refused = false
    for (const node of dirty) this.#refresh(set, daemon, node)
    this.#roll(set, daemon)
    writeStatus(this.#store, set, { ...daemon.tally.status(), observedGeneration: set.metadata.generation })
  }

  /** A new template: every node is judged anew, in an order that belongs to this DaemonSet. */
  #startOver(daemon: Daemon, hash: string): void {
    daemon.hash = hash
    daemon.tally = createTally()
    const names = this.#store.list('Node').map(({ metadata }) => metadata.name)
    const rank = new Map(names.map((name) => [name, keyedRandom(this.#ground.seed, 'daemon-order', daemon.uid, name)]))
    for (const name of names.sort((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0))) daemon.dirty.add(name)
  }

  #refresh(set: WorkloadObject, daemon: Daemon, nodeName: string): void {
    const node = this.#store.get('Node', undefined, nodeName) as NodeObject | undefined
    const pods = [...(daemon.pods.get(nodeName)?.values() ?? [])]
    const spec = withDaemonTolerations(set.spec?.template?.spec ?? {})
    const { minReadySeconds } = set.spec ?? {}
    const now = this.#ground.timeline.now()
    const available = (pod: PodObject) => isAvailable(pod, minReadySeconds, now)
    const state = stateOf(spec, node, pods, daemon.hash, available)
    daemon.tally.put(nodeName, state)
    if (node && state?.wanted && pods.length === 0) this.#createPod(set, daemon, node, spec)
    for (const pod of surplus(pods, state?.wanted ?? false, daemon.hash, available)) this.#remove(pod)
    const next = nextAvailable(pods, minReadySeconds, now)
    if (next !== undefined) this.#lookAgain(set, daemon, nodeName, next)
  }

  /** A pod that is Ready counts as available only then. */
  #lookAgain(set: WorkloadObject, daemon: Daemon, nodeName: string, at: Instant): void {
    const key = `k8s/available/${daemon.uid}/${nodeName}`
    this.#ground.timeline.cancel(key)
    this.#ground.timeline.at(at, key, () => {
      daemon.dirty.add(nodeName)
      this.#queue.add(keyOf(set))
    })
  }

  #roll(set: WorkloadObject, daemon: Daemon): void {
    if (set.spec?.updateStrategy?.type === 'OnDelete') return
    const { maxUnavailable = 1, maxSurge = 0 } = set.spec?.updateStrategy?.rollingUpdate ?? {}
    const wanted = daemon.tally.status().desiredNumberScheduled
    const surge = scaled(maxSurge, wanted, 'up')
    if (surge > 0) for (const node of planSurge(daemon.tally, surge)) this.#addBeside(set, daemon, node)
    else for (const node of planRoll(daemon.tally, scaled(maxUnavailable, wanted, 'up'))) this.#removeFrom(daemon, node)
  }

  #removeFrom(daemon: Daemon, node: string): void {
    for (const pod of daemon.pods.get(node)?.values() ?? []) this.#remove(pod)
  }

  #addBeside(set: WorkloadObject, daemon: Daemon, nodeName: string): void {
    const node = this.#store.get('Node', undefined, nodeName) as NodeObject | undefined
    if (node) this.#createPod(set, daemon, node, withDaemonTolerations(set.spec?.template?.spec ?? {}))
  }

  #remove(pod: PodObject): void {
    if (!isTerminating(pod)) deletePod(this.#ground, pod.metadata.namespace ?? '', pod.metadata.name)
  }

  #createPod(set: WorkloadObject, daemon: Daemon, node: NodeObject, spec: NonNullable<PodObject['spec']>): void {
    const { name, namespace } = set.metadata
    if (daemon.refused) return void daemon.dirty.add(node.metadata.name)
    const labels = { ...set.spec?.template?.metadata?.labels, [HASH_LABEL]: daemon.hash, 'pod-template-generation': generationOf(set) }
    const metadata = {
      ...set.spec?.template?.metadata,
      name: this.#ground.podName(set, () => ++daemon.made),
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      ...{ ownerReferences: controlledBy(set) as never, generateName: `${name}-` },
    }
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: withIdentity(spec, this.#ground.cniIdentity?.()) }
    const asked: PodDetail = withInterface(this.#store, pod).spec ?? pod.spec
    const made = this.#maker.make(set, { ...pod, ...this.#placed(asked, node) })
    daemon.refused = 'refusal' in made
    if (daemon.refused) daemon.dirty.add(node.metadata.name)
  }

  /** What fits is bound at once. The rest waits for the scheduler, except what is of the beginning: that has run for days. */
  #placed(spec: PodDetail, node: NodeObject): { readonly spec: PodDetail; readonly status: PodStatus } {
    const { name } = node.metadata
    if (!this.#ground.beginning() && !this.#hasRoom(name, spec)) return { spec: pinnedTo(spec, name), status: unboundStatus() }
    const hostIP = node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? ''
    const bound = { ...spec, nodeName: name }
    return { spec: bound, status: boundStatus(bound, hostIP, this.#ground.timeline.now()) }
  }

  #seePod(event: StoreEvent): void {
    const pod = event.object as PodObject
    const owner = controllerOf(pod)
    const node = pod.spec?.nodeName ?? pinnedNode(pod.spec)
    if (owner?.kind !== 'DaemonSet' || node === undefined) return
    const key = `${pod.metadata.namespace ?? ''}/${owner.name}`
    const daemon = this.#daemons.get(key)
    if (daemon?.uid !== owner.uid) return
    const here = daemon.pods.get(node) ?? new Map<string, PodObject>()
    if (event.type === 'DELETED') here.delete(pod.metadata.name)
    else here.set(pod.metadata.name, pod)
    daemon.pods.set(node, here)
    daemon.dirty.add(node)
    this.#queue.add(key)
  }

  #seeDaemonSet({ type, object }: StoreEvent): void {
    const key = keyOf(object)
    if (type === 'DELETED') {
      this.#daemons.delete(key)
      return
    }
    if (!this.#daemons.has(key)) {
      const daemon = {
        uid: object.metadata.uid,
        pods: new Map(),
        dirty: new Set<string>(),
        tally: createTally(),
        hash: '',
        made: 0,
        refused: false,
      }
      this.#daemons.set(key, daemon)
    }
    this.#queue.add(key)
  }

  handle(event: StoreEvent): void {
    const { kind, metadata } = event.object
    if (kind === 'DaemonSet') this.#seeDaemonSet(event)
    else if (kind === 'Pod') this.#seePod(event)
    else if (kind === 'Node') {
      for (const [key, daemon] of this.#daemons) {
        daemon.dirty.add(metadata.name)
        this.#queue.add(key)
      }
    }
  }
}

/** Pods that have no place here: all where the DaemonSet is not wanted, those that ended, and all but one of each template; an old one goes when the new one is available. */
function surplus(pods: readonly PodObject[], wanted: boolean, hash: string, available: (pod: PodObject) => boolean): readonly PodObject[] {
  if (!wanted) return pods
  const ended = pods.filter(({ status }) => status?.phase === 'Failed' || status?.phase === 'Succeeded')
  const alive = pods.filter((pod) => !ended.includes(pod) && !isTerminating(pod))
  const [current = [], old = []] = [true, false].map((isNew) =>
    alive.filter((pod) => (pod.metadata.labels?.[HASH_LABEL] === hash) === isNew),
  )
  const replaced = current.some(available) || old.some((pod) => !available(pod) && current.length > 0) ? old : old.slice(1)
  return [...ended, ...current.slice(1), ...replaced]
}

function generationOf(set: WorkloadObject): string {
  return String(set.metadata.generation ?? 1)
}
