import type { KubernetesEvent, KubernetesObject } from '../../model/kubernetes.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Caches, Resource } from '../../ports/kubernetes.ts'
import { RESOURCES } from '../../ports/kubernetes.ts'
import type { Retrier } from '../retry.ts'
import type { Connection } from './connection.ts'
import { type Liveness, Reflector, type Watched } from './reflector.ts'

/** Pod events that are kept; they are hints, and a busy cluster makes thousands. */
const MOST_EVENTS = 5_000

/** Every pod has these two sooner or later, and they say nothing about why one waits. */
const TELLING_EVENTS = 'involvedObject.kind=Pod,reason!=Scheduled,reason!=Killing'

const WATCHED: readonly Watched[] = [
  { resource: RESOURCES.nodes },
  { resource: RESOURCES.pods },
  { resource: RESOURCES.daemonSets },
  { resource: RESOURCES.deployments },
  { resource: RESOURCES.statefulSets },
  { resource: RESOURCES.replicaSets },
  { resource: RESOURCES.budgets },
  { resource: RESOURCES.endpointSlices, optional: true },
  { resource: RESOURCES.events, fieldSelector: TELLING_EVENTS, keep: isPodEvent, most: MOST_EVENTS },
]

/**
 * Watch-fed copies of the kinds that gates read.
 * @param liveness absent in rehearsals: virtual time jumps by hours, and nothing is lost silently in process.
 */
export function createCaches(connection: Connection, retrier: Retrier, clock: Clock, liveness?: Liveness): Caches {
  const waiters = new Set<() => void>()
  const changed = (): void => {
    for (const check of waiters) check()
  }
  const settings = { connection, retrier, clock, liveness, changed }
  const reflectors = WATCHED.map((watched) => new Reflector(watched, settings))
  const stop = async (): Promise<void> => {
    await Promise.all(reflectors.map((reflector) => reflector.stop()))
    changed()
  }
  return {
    start: async () => {
      const started = await Promise.allSettled(reflectors.map((reflector) => reflector.start()))
      const failed = started.find((result) => result.status === 'rejected')
      if (failed === undefined) return
      await stop()
      throw failed.reason
    },
    items: <T extends KubernetesObject>(resource: Resource) => reflectorOf(reflectors, resource).items() as readonly T[],
    unavailable: () =>
      reflectors.flatMap((reflector) => {
        const trouble = reflector.trouble()
        return trouble === undefined ? [] : [{ resource: reflector.resource, ...trouble }]
      }),
    refresh: async () => {
      await Promise.all(reflectors.map((reflector) => reflector.refresh()))
    },
    reached: (version) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!reflectors.every((reflector) => reflector.reached(version))) return
          waiters.delete(check)
          resolve()
        }
        waiters.add(check)
        check()
      }),
    stop,
  }
}

function reflectorOf(reflectors: readonly Reflector[], resource: Resource): Reflector {
  const found = reflectors.find((reflector) => reflector.resource.plural === resource.plural)
  if (found === undefined) throw new Error(`${resource.plural} are not watched`)
  return found
}

function isPodEvent(object: KubernetesObject): boolean {
  const { involvedObject, regarding }: KubernetesEvent = object
  return (involvedObject ?? regarding)?.kind === 'Pod'
}
