import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRunFolder } from '../../src/adapters/journal-file/run-folder.ts'
import { rejection } from './support/rejection.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'serin-runs-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const LINES = ['{"sequence":1}', '{"sequence":2}']
const journalPath = () => join(root, 'run-1', 'journal.ndjson')

describe('the journal', () => {
  it('is empty before anything was written', async () => {
    expect(await createRunFolder(root).journal('run-1').read()).toEqual({ lines: [], torn: false })
  })

  it('holds what was appended, in order, and nothing else', async () => {
    const journal = createRunFolder(root).journal('run-1')
    await journal.append([LINES[0] ?? ''])
    await journal.append([LINES[1] ?? ''])
    await journal.append([])
    expect(await journal.read()).toEqual({ lines: LINES, torn: false })
    expect(readFileSync(journalPath(), 'utf8')).toBe('{"sequence":1}\n{"sequence":2}\n')
  })

  it.each<[string, string | Buffer]>([
    ['half a line', '{"sequence":3,"ev'],
    ['a whole line without its end', '{"sequence":3}'],
    ['a block of zeros', Buffer.concat([Buffer.alloc(64), Buffer.from('\n')])],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x80, 0x0a])],
  ])('leaves out a torn tail and cuts it off before the next append: %s', async (_title, tail) => {
    await createRunFolder(root).journal('run-1').append(LINES)
    appendFileSync(journalPath(), tail)
    const journal = createRunFolder(root).journal('run-1')
    expect(await journal.read()).toEqual({ lines: LINES, torn: true })
    await journal.append(['{"sequence":3}'])
    expect(await journal.read()).toEqual({ lines: [...LINES, '{"sequence":3}'], torn: false })
  })

  it('that is torn from its first byte is empty', async () => {
    mkdirSync(join(root, 'run-1'))
    writeFileSync(journalPath(), '\u0000\u0000\n')
    const journal = createRunFolder(root).journal('run-1')
    expect(await journal.read()).toEqual({ lines: [], torn: true })
    await journal.append(LINES)
    expect(await journal.read()).toEqual({ lines: LINES, torn: false })
  })

  it('that cannot be opened says so', async () => {
    mkdirSync(journalPath(), { recursive: true })
    expect(await rejection(createRunFolder(root).journal('run-1').append(LINES))).toMatchObject({ code: 'JOURNAL_UNREADABLE', exit: 51 })
  })
})

describe('the folder', () => {
  it('lists runs newest first, and none where there is no folder', async () => {
    const folder = createRunFolder(root)
    for (const run of ['run-b', 'run-a', 'run-c']) {
      await folder.journal(run).append(LINES)
      await new Promise((resolve) => setTimeout(resolve, 15))
    }
    writeFileSync(join(root, 'a-file'), '')
    expect(await folder.runs()).toEqual(['run-c', 'run-a', 'run-b'])
    expect(await createRunFolder(join(root, 'none')).runs()).toEqual([])
  })

  it('keeps an itinerary whole', async () => {
    const folder = createRunFolder(root)
    expect(await folder.readItinerary('run-1')).toBeUndefined()
    await folder.writeItinerary('run-1', '{"first":1}')
    await folder.writeItinerary('run-1', '{"second":2}')
    expect(await createRunFolder(root).readItinerary('run-1')).toBe('{"second":2}')
  })

  it.each(['../elsewhere', '/etc', '', '.', 'a/b'])("does not leave its root for a run called '%s'", async (run) => {
    expect(() => createRunFolder(root).journal(run)).toThrow(expect.objectContaining({ code: 'RUN_NOT_FOUND' }))
  })
})
