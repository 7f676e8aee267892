import type { JournalEntry, RunEvent } from '../journal/event.ts'
import { iso } from '../model/instant.ts'
import type { Itinerary } from '../model/itinerary.ts'
import { API_VERSION } from '../model/snapshot.ts'
import type { Origin } from './origin.ts'
import { createTeller, type Teller } from './teller.ts'
import type { View } from './view.ts'

/** Name of the stream's schema; the schema itself is printed by `serin schema events`. */
export const EVENT_SCHEMA = `${API_VERSION}/events`

/** The first line of a stream: which schema the others follow, and what they are about. */
export function streamHead(origin: Origin, tool: string): string {
  return `${JSON.stringify({ schema: EVENT_SCHEMA, tool, ...origin })}\n`
}

/**
 * One event as a line. `code`, `type` and the members of `event` are stable, the text of `message` is not;
 * members are only added. Consumers ignore types they do not know.
 */
function eventLine(entry: JournalEntry, teller: Teller): string {
  const { code, level, text } = teller.tell(entry)
  const { type } = entry.event
  return `${JSON.stringify({ sequence: entry.sequence, at: iso(entry.at), type, code, level, message: text, event: publicPart(entry.event) })}\n`
}

/** Large parts that only Serin needs are told by their size: the baseline of a batch, the state taken over from the cluster. */
function publicPart(event: RunEvent): unknown {
  if (event.type === 'run-resumed') return { ...event, imported: event.imported !== undefined }
  if (event.type !== 'batch-started') return event
  const { nodes, workloads, takenAt } = event.baseline
  return { ...event, baseline: { takenAt, nodes: Object.keys(nodes).length, workloads: Object.keys(workloads).length } }
}

interface StreamOptions {
  readonly itinerary: Itinerary
  /** The journal so far, when an open run is gone on with. */
  readonly before?: readonly JournalEntry[]
  readonly write: (text: string) => void
}

/** The stream as a view of a running run. */
export function ndjsonView({ itinerary, before, write }: StreamOptions): View {
  const teller = createTeller(itinerary, before)
  return { onEvent: (entry) => write(eventLine(entry, teller)), onTick: () => undefined, close: () => Promise.resolve() }
}
