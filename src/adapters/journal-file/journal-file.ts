import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { SerinError } from '../../errors/serin-error.ts'
import type { JournalFile } from '../../ports/journal.ts'

/** Append-only NDJSON. One write and one fdatasync per append, however many lines it has. */
export function createJournalFile(path: string, durable: boolean): JournalFile {
  let tailChecked = false
  return {
    read: async () => {
      const { lines, torn } = unreadable(path, () => readJournal(path))
      return { lines, torn }
    },
    append: async (lines) => {
      if (lines.length === 0) return
      unreadable(path, () => {
        if (!tailChecked) cutTornTail(path)
        // A failed append may have written half a line: the tail is looked at again before the next.
        tailChecked = false
        appendLines(path, lines, durable)
        tailChecked = true
      })
    },
  }
}

interface Contents {
  readonly lines: readonly string[]
  readonly torn: boolean
  /** Bytes of whole records. */
  readonly good: number
}

/** A crash in mid-write leaves a last line without its end, or one that is no JSON (blocks of zeros). */
function readJournal(path: string): Contents {
  if (!existsSync(path)) return { lines: [], torn: false, good: 0 }
  const bytes = readFileSync(path)
  const ended = bytes.lastIndexOf(0x0a) + 1
  const lines = bytes.subarray(0, ended).toString('utf8').split('\n').slice(0, -1)
  const last = lines.at(-1)
  if (last !== undefined && !isJson(last)) {
    const good = ended < 2 ? 0 : bytes.lastIndexOf(0x0a, ended - 2) + 1
    return { lines: lines.slice(0, -1), torn: true, good }
  }
  return { lines, torn: ended < bytes.length, good: ended }
}

function cutTornTail(path: string): void {
  const { torn, good } = readJournal(path)
  if (!torn) return
  const file = openSync(path, 'r+')
  try {
    ftruncateSync(file, good)
  } finally {
    closeSync(file)
  }
}

function appendLines(path: string, lines: readonly string[], durable: boolean): void {
  const isNew = !existsSync(path)
  if (isNew) mkdirSync(dirname(path), { recursive: true })
  const file = openSync(path, 'a')
  try {
    writeAll(file, Buffer.from(lines.map((line) => `${line}\n`).join('')))
    if (durable) fdatasyncSync(file)
  } finally {
    closeSync(file)
  }
  if (isNew && durable) syncFolder(dirname(path))
}

function writeAll(file: number, bytes: Buffer): void {
  const before = fstatSync(file).size
  let written = 0
  while (written < bytes.length) written += writeSync(file, bytes, written)
  if (fstatSync(file).size !== before + bytes.length) throw new Error('another process writes to this journal')
}

/** A new file's name is durable only when its folder is. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

function isJson(line: string): boolean {
  try {
    return typeof JSON.parse(line) === 'object'
  } catch {
    return false
  }
}

function unreadable<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new SerinError('JOURNAL_UNREADABLE', `${path}: ${error instanceof Error ? error.message : String(error)}`, {}, error)
  }
}
