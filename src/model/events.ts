import { type Instant, instantOf } from './instant.ts'
import type { KubernetesEvent } from './kubernetes.ts'

/** Events in both styles: `involvedObject`, `message`, `lastTimestamp` (v1), and `regarding`, `note`, `eventTime` (events.k8s.io/v1). */

/** The object an event is about. */
export function aboutOf(event: KubernetesEvent): { kind?: string; namespace?: string; name?: string; uid?: string } {
  return event.involvedObject ?? event.regarding ?? {}
}

/** `Pod/shop/web-1`, `Node//ip-10-0-1-7`: how events are kept by object. */
export function objectKey(kind: string | undefined, namespace: string | undefined, name: string | undefined): string {
  return `${kind ?? ''}/${kind === 'Node' ? '' : (namespace ?? '')}/${name ?? ''}`
}

export function eventKey(event: KubernetesEvent): string {
  const about = aboutOf(event)
  return objectKey(about.kind, about.namespace, about.name)
}

/** What an event says, in either style. */
export function textOf(event: KubernetesEvent): string {
  return event.message ?? event.note ?? ''
}

/** When it was last seen; zero when it carries no time at all. */
export function lastSeen(event: KubernetesEvent): Instant {
  return (
    instantOf(event.series?.lastObservedTime) ??
    instantOf(event.lastTimestamp) ??
    instantOf(event.eventTime) ??
    instantOf(event.firstTimestamp) ??
    instantOf(event.metadata.creationTimestamp) ??
    0
  )
}

/** How often it happened; an event that does not say happened once. */
export function countOf(event: KubernetesEvent): number {
  return event.series?.count ?? event.count ?? 1
}

/** Who reported it; undefined when the event does not say. */
export function reporterOf(event: KubernetesEvent): string | undefined {
  return event.source?.component ?? event.reportingComponent
}

/** Words of AWS about too many calls, as controllers and ipamd hand them on. A CPU that is throttled is another matter. */
export function saysThrottled(text: string): boolean {
  return /RequestLimitExceeded|\bThrottl|Rate exceeded|TooManyRequests/i.test(text)
}
