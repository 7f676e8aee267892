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
  /** What the reporter did, such as `ec2:DescribeSubnets`: of reporters that write through events.k8s.io/v1. */
  readonly action?: string
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
  store.update('Event', namespace, name, (current) => {
    const { count = 0, eventTime, series } = current as EventObject & { readonly series?: { readonly count: number } }
    if (eventTime !== null) return { ...current, series: { count: (series?.count ?? 1) + times, lastObservedTime: microTime(now) } }
    return { ...current, count: count + times, lastTimestamp: kubeTime(now) }
  })
}

/** `2026-09-29T19:30:00.000000Z` */
function microTime(at: Instant): string {
  return kubeTime(at).replace(/Z$/, '.000000Z')
}

/** Times, reporter and count as client-go's recorders write them: k8s.io/client-go/tools/record for v1, tools/events for events.k8s.io/v1. */
function recorded({ component, host, action }: Happening, now: Instant, times: number) {
  if (action !== undefined) {
    const when = { firstTimestamp: null, lastTimestamp: null, eventTime: microTime(now) }
    return { source: {}, ...when, action, reportingComponent: component, reportingInstance: host ?? '' }
  }
  return {
    source: { component, ...(host === undefined ? {} : { host }) },
    firstTimestamp: kubeTime(now),
    lastTimestamp: kubeTime(now),
    count: times,
    eventTime: null,
    reportingComponent: component,
    reportingInstance: host ?? '',
  }
}

function eventObject(about: StoredObject, happening: Happening, namespace: string, name: string, now: Instant, times: number) {
  const { type, reason, message, fieldPath } = happening
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
    ...recorded(happening, now, times),
  }
}
