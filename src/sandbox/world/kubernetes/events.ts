import type { Instant } from '../../../model/instant.ts'
import { HOUR } from '../../../model/instant.ts'
import { keyedId } from '../../../model/keyed.ts'
import type { ObjectStore, StoredObject, Timeline } from '../../contract.ts'
import { kubeTime } from './kube-time.ts'
import type { EventObject } from './objects.ts'

export interface Happening {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
  /** `kubelet`, `default-scheduler`, `daemonset-controller`. */
  readonly component: string
  readonly host?: string
  /** `spec.containers{aws-node}` */
  readonly fieldPath?: string
}

export interface EventRecorder {
  /** Writes a v1 Event; the same thing again about the same object raises its count by `times` (1). */
  record(about: StoredObject, happening: Happening, times?: number): void
}

/** Events the API server still has: the newest 2,000, none older than an hour (its `--event-ttl`). */
const KEPT_EVENTS = 2_000
const EVENT_LIFE = HOUR

export function createEventRecorder(timeline: Timeline, store: ObjectStore, seed: number): EventRecorder {
  /** Names by what they are about, the one that was written last at the end. */
  const written = new Map<string, { readonly namespace: string; readonly name: string; readonly at: Instant }>()

  function forgetOld(now: Instant): void {
    for (const [key, { namespace, name, at }] of written) {
      if (written.size <= KEPT_EVENTS && now - at < EVENT_LIFE) return
      written.delete(key)
      store.remove('Event', namespace, name)
    }
  }

  return {
    record(about, happening, times = 1) {
      const now = timeline.now()
      const key = [about.metadata.uid, happening.type, happening.reason, happening.message].join('\u0000')
      const namespace = about.metadata.namespace ?? 'default'
      const name = `${about.metadata.name}.${keyedId(16, seed, 'event', key)}`
      written.delete(key)
      written.set(key, { namespace, name, at: now })
      if (store.get('Event', namespace, name)) again(store, namespace, name, now, times)
      else store.create(eventObject(about, happening, namespace, name, now, times))
      forgetOld(now)
    },
  }
}

function again(store: ObjectStore, namespace: string, name: string, now: Instant, times: number): void {
  store.update('Event', namespace, name, (current) => ({
    ...current,
    count: ((current as EventObject).count ?? 0) + times,
    lastTimestamp: kubeTime(now),
  }))
}

function eventObject(about: StoredObject, happening: Happening, namespace: string, name: string, now: Instant, times: number) {
  const { type, reason, message, component, host, fieldPath } = happening
  const { kind, apiVersion, metadata } = about
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace },
    involvedObject: {
      kind,
      apiVersion,
      name: metadata.name,
      uid: metadata.uid,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      ...(fieldPath === undefined ? {} : { fieldPath }),
    },
    type,
    reason,
    message,
    source: { component, ...(host === undefined ? {} : { host }) },
    firstTimestamp: kubeTime(now),
    lastTimestamp: kubeTime(now),
    count: times,
    eventTime: null,
    reportingComponent: component,
    reportingInstance: host ?? '',
  }
}
