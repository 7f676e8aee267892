import type { StoredObject } from '../../contract.ts'

/** Events are stored in the form of `v1`; these turn them into that of `events.k8s.io/v1` and back. */

/** Members by their name in events.k8s.io/v1 and in v1. Source: k8s.io/kubernetes, pkg/apis/events/v1/conversion.go. */
const RENAMED = [
  ['note', 'message'],
  ['regarding', 'involvedObject'],
  ['reportingController', 'reportingComponent'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
] as const

const known = new WeakMap<StoredObject, StoredObject>()

export function toEventsV1(event: StoredObject): StoredObject {
  const made = known.get(event) ?? ({ ...renamed(event, 1, 0), apiVersion: 'events.k8s.io/v1' } as unknown as StoredObject)
  known.set(event, made)
  return made
}

export function fromEventsV1(event: Record<string, unknown>): Record<string, unknown> {
  return { ...renamed(event, 0, 1), apiVersion: 'v1' }
}

function renamed(event: Record<string, unknown>, from: 0 | 1, to: 0 | 1): Record<string, unknown> {
  const names = new Map<string, string>(RENAMED.map((pair) => [pair[from], pair[to]]))
  return Object.fromEntries(Object.entries(event).map(([name, value]) => [names.get(name) ?? name, value]))
}
