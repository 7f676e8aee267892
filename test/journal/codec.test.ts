import { describe, expect, it } from 'vitest'
import { isSerinError } from '../../src/errors/serin-error.ts'
import { decodeEntries, encodeEntry } from '../../src/journal/codec.ts'
import type { JournalEntry, RunEvent } from '../../src/journal/event.ts'

const opened: RunEvent = { type: 'run-opened', run: 'r1', plan: 'p', digest: 'sha256:0', by: 'lena', cluster: 'shop' }
const entry = (sequence: number, event: RunEvent = opened): string => encodeEntry({ sequence, at: 0, event } satisfies JournalEntry)

describe('a journal', () => {
  it('gives back what was written', () => {
    expect(decodeEntries([entry(1), entry(2)]).map(({ sequence }) => sequence)).toEqual([1, 2])
  })

  it('may jump only where the state comes from the record in the cluster', () => {
    const imported: RunEvent = { type: 'run-resumed', by: 'lena', imported: { run: 'r1' }, importedSequence: 56 }
    expect(decodeEntries([entry(1), entry(57, imported)])).toHaveLength(2)
  })

  it.each([
    { title: 'a gap in the numbers', lines: [entry(1), entry(3)], says: 'number 3 after 1' },
    { title: 'a number twice', lines: [entry(1), entry(1)], says: 'number 1 after 1' },
    { title: 'a line that is not JSON', lines: [entry(1), '{"sequence":2'], says: 'line 2' },
    { title: 'JSON that is not an entry', lines: ['{"hello":"world"}'], says: 'not a journal entry' },
    {
      title: 'an imported state that goes backwards',
      lines: [entry(9), entry(5, { type: 'run-resumed', by: 'x', imported: {} })],
      says: 'number 5 after 9',
    },
  ])('refuses $title', ({ lines, says }) => {
    const problem = caught(() => decodeEntries(lines))
    expect(isSerinError(problem, 'JOURNAL_UNREADABLE')).toBe(true)
    expect(String(problem)).toContain(says)
  })
})

function caught(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  return undefined
}
