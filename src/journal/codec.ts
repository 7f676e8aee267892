import { SerinError } from '../errors/serin-error.ts'
import type { JournalEntry } from './event.ts'

/** One entry as one line of NDJSON. */
export function encodeEntry(entry: JournalEntry): string {
  return JSON.stringify(entry)
}

/**
 * Entries of whole journal lines, in order. Numbers follow one another; only an entry that brings the state from the
 * record in the cluster may jump ahead, since another machine wrote what lies between.
 * @throws SerinError JOURNAL_UNREADABLE when a line is not an entry or the sequence has a gap.
 */
export function decodeEntries(lines: readonly string[]): readonly JournalEntry[] {
  const entries = lines.map(parse)
  for (const [index, entry] of entries.entries()) {
    const before = entries[index - 1]
    if (before !== undefined && !follows(before, entry)) {
      throw new SerinError('JOURNAL_UNREADABLE', `line ${index + 1} of the journal has number ${entry.sequence} after ${before.sequence}`)
    }
  }
  return entries
}

function follows(before: JournalEntry, entry: JournalEntry): boolean {
  const jumps = entry.event.type === 'run-resumed' && entry.event.imported !== undefined
  return jumps ? entry.sequence > before.sequence : entry.sequence === before.sequence + 1
}

function parse(line: string, index: number): JournalEntry {
  let entry: unknown
  try {
    entry = JSON.parse(line)
  } catch (error) {
    throw new SerinError('JOURNAL_UNREADABLE', `line ${index + 1} of the journal is not JSON`, {}, error)
  }
  if (!isEntry(entry)) throw new SerinError('JOURNAL_UNREADABLE', `line ${index + 1} of the journal is not a journal entry`)
  return entry
}

function isEntry(value: unknown): value is JournalEntry {
  if (typeof value !== 'object' || value === null) return false
  const { sequence, at, event } = value as Partial<JournalEntry>
  return (
    typeof sequence === 'number' && typeof at === 'number' && typeof event === 'object' && event !== null && typeof event.type === 'string'
  )
}
