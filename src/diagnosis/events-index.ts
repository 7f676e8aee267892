import type { EventFact } from '../catalog/signatures/facts.ts'
import { aboutOf, countOf, eventKey, lastSeen, objectKey, reporterOf, textOf } from '../model/events.ts'
import type { KubernetesEvent, KubernetesObject } from '../model/kubernetes.ts'

/** Events by what they are about; a pod that came back under its name does not inherit those of the one before. */
export function indexEvents(events: readonly KubernetesEvent[]): (about: KubernetesObject) => readonly EventFact[] {
  const byKey = Map.groupBy(events, eventKey)
  return ({ kind, metadata }) => {
    const { namespace, name, uid } = metadata
    const all = byKey.get(objectKey(kind, namespace, name)) ?? []
    const ours = all.filter((event) => {
      const told = aboutOf(event).uid
      // Events about nodes often carry the node's name in place of its uid.
      return told === undefined || told === '' || uid === undefined || told === uid || told === name
    })
    return ours.map(factOf).sort((a, b) => b.lastSeen - a.lastSeen)
  }
}

function factOf(event: KubernetesEvent): EventFact {
  return {
    type: event.type ?? '',
    reason: event.reason ?? '',
    text: textOf(event),
    reporter: reporterOf(event) ?? '',
    count: countOf(event),
    lastSeen: lastSeen(event),
  }
}
