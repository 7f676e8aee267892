import type { Instant, Millis } from '../../../model/instant.ts'
import { DAY, HOUR } from '../../../model/instant.ts'
import { keyedId, keyedRandom } from '../../../model/keyed.ts'
import type { Faults, ObjectStore, StoredObject, Timeline } from '../../contract.ts'
import type { ContainerTrouble } from '../../levers.ts'
import type { FargateCalls, PodNetwork, TrunkCalls } from '../../network-contract.ts'
import type { ApiServer } from './api/api-server.ts'
import { kubeTime } from './kube-time.ts'
import type { CniIdentity } from './pod-identity.ts'

/** What `createClusterSide` needs of the rest of the world. */
export interface ClusterDependencies {
  readonly timeline: Timeline
  readonly store: ObjectStore
  /** Writes through admission, for actors with a user of their own. */
  readonly api: ApiServer
  readonly faults: Faults
  readonly network: PodNetwork
  /** EC2 as the VPC resource controller has it; without it there is no controller. */
  readonly trunkCalls?: TrunkCalls
  /** Without it pods of Fargate wait for ever. */
  readonly fargate?: FargateCalls
  readonly seed: number
  readonly region: string
  readonly kubernetesVersion: () => string
  readonly cniVersion: () => string
  /** How aws-node gets its credentials; absent: from the node's role. */
  readonly cniIdentity?: () => CniIdentity
  /** `ipv4` unless said. */
  readonly ipFamily?: 'ipv4' | 'ipv6'
}

/**
 * What every controller stands on. While `beginning` is true the world is being furnished: things take no time,
 * and what is made is dated back some days, as if it had been running all along.
 */
export interface Ground extends ClusterDependencies {
  /** Workloads (`namespace/name`) whose pods are in trouble by their own nature. */
  readonly behaviours: Map<string, ContainerTrouble['fault']>
  readonly beginning: () => boolean
  /** Runs `furnish` as part of the beginning, then lets all controllers come to rest. */
  furnish(work: () => void): void
  /** The time to write into an object about a subject. */
  date(...subject: readonly string[]): Instant
  /** A keyed span between two others. */
  span(low: Millis, high: Millis, ...subject: readonly (string | number)[]): Millis
  /** A generated name for the next pod of an owner; one that a pod already has is drawn again, as the API server does (KEP-4420). */
  podName(owner: StoredObject, next: () => number): string
  create(object: Parameters<ObjectStore['create']>[0]): StoredObject
  /** A queue of keys to reconcile: each once, `delay` after it was first put in. */
  queue(name: string, delay: Millis, reconcile: (key: string) => void): { readonly add: (key: string) => void }
}

/** Ages of what exists at the beginning: a node is older than the pods on it. */
const AGES: Readonly<Record<string, Millis>> = { Node: 9 * DAY, Pod: 8 * DAY }
const AGE_OF_OTHERS = 10 * DAY

export function createGround(dependencies: ClusterDependencies): Ground {
  const { timeline, store, seed } = dependencies
  const flushes: (() => boolean)[] = []
  let beginning = false

  const span: Ground['span'] = (low, high, ...subject) => low + Math.floor(keyedRandom(seed, ...subject) * (high - low))
  const date: Ground['date'] = (...subject) => {
    if (!beginning) return timeline.now()
    return timeline.now() - (AGES[subject[0] ?? ''] ?? AGE_OF_OTHERS) + span(0, 12 * HOUR, 'age', ...subject)
  }

  return {
    ...dependencies,
    behaviours: new Map(),
    beginning: () => beginning,
    furnish(work) {
      beginning = true
      try {
        work()
        while (flushes.some((flush) => flush()));
      } finally {
        beginning = false
      }
    },
    date,
    span,
    podName({ metadata: { name: base, namespace, uid } }, next) {
      for (;;) {
        const name = `${base}-${toNameCharacters(keyedId(2 * SUFFIX_LENGTH, seed, 'pod', uid, String(next())))}`
        if (!store.get('Pod', namespace, name)) return name
      }
    },
    create(object) {
      if (!beginning || object.metadata.creationTimestamp !== undefined) return store.create(object)
      const creationTimestamp = kubeTime(date(object.kind, object.metadata.namespace ?? '', object.metadata.name))
      return store.create({ ...object, metadata: { ...object.metadata, creationTimestamp } })
    },
    queue(name, delay, reconcile) {
      const queue = createQueue(timeline, name, delay, reconcile)
      flushes.push(queue.flush)
      return queue
    },
  }
}

function createQueue(timeline: Timeline, name: string, delay: Millis, reconcile: (key: string) => void) {
  const pending = new Set<string>()
  const run = (key: string) => {
    pending.delete(key)
    reconcile(key)
  }
  return {
    add(key: string) {
      if (pending.has(key)) return
      pending.add(key)
      timeline.after(delay, `k8s/${name}/${key}`, () => run(key))
    },
    /** Runs what waits now. False when nothing waited. */
    flush(): boolean {
      const keys = [...pending]
      for (const key of keys) {
        timeline.cancel(`k8s/${name}/${key}`)
        run(key)
      }
      return keys.length > 0
    },
  }
}

const SUFFIX_LENGTH = 5
/** The alphabet of generated Kubernetes names: no vowels, so no words. */
const NAME_CHARACTERS = 'bcdfghjklmnpqrstvwxz2456789'

function toNameCharacters(hex: string): string {
  let text = ''
  for (let at = 0; at + 1 < hex.length; at += 2)
    text += NAME_CHARACTERS[Number.parseInt(hex.slice(at, at + 2), 16) % NAME_CHARACTERS.length]
  return text
}
