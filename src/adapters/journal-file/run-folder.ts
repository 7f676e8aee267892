import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { SerinError } from '../../errors/serin-error.ts'
import type { RunFolder } from '../../ports/journal.ts'
import { createJournalFile } from './journal-file.ts'

const JOURNAL = 'journal.ndjson'
const ITINERARY = 'itinerary.json'

/**
 * One folder per run under a root. Files are written synchronously: a rehearsal tells work from waiting by whether
 * anything still runs, and an asynchronous write is invisible to it.
 * @param durable false leaves out fsync, for rehearsals.
 */
export function createRunFolder(root: string, durable = true): RunFolder {
  const folderOf = (run: string): string => join(root, checkedName(run))
  return {
    runs: async () => newestFirst(root),
    journal: (run) => createJournalFile(join(folderOf(run), JOURNAL), durable),
    writeItinerary: async (run, text) => {
      reported(folderOf(run), () => writeWhole(folderOf(run), ITINERARY, text, durable))
    },
    readItinerary: async (run) => {
      const file = join(folderOf(run), ITINERARY)
      return existsSync(file) ? reported(file, () => readFileSync(file, 'utf8')) : undefined
    },
  }
}

/** Removes a run of the folder, journal and all; a run that is not there is fine. Throws SerinError FILE_UNREADABLE. */
export function removeRun(root: string, run: string): void {
  const folder = join(root, checkedName(run))
  reported(folder, () => rmSync(folder, { recursive: true, force: true }))
}

/** Runs something on files; what goes wrong is FILE_UNREADABLE. */
function reported<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new SerinError('FILE_UNREADABLE', `${path}: ${why}`, {}, error)
  }
}

/** Under its name the file is either whole or not there. */
function writeWhole(folder: string, name: string, text: string, durable: boolean): void {
  mkdirSync(folder, { recursive: true })
  const file = openSync(join(folder, `${name}.new`), 'w')
  try {
    writeFileSync(file, text)
    if (durable) fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(join(folder, `${name}.new`), join(folder, name))
}

function newestFirst(root: string): readonly string[] {
  if (!existsSync(root)) return []
  return reported(root, () => {
    const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory() && isName(entry.name))
    const aged = folders.map(({ name }) => ({ name, born: statSync(join(root, name)).birthtimeMs }))
    return aged.sort((a, b) => b.born - a.born || (a.name < b.name ? 1 : -1)).map(({ name }) => name)
  })
}

function checkedName(run: string): string {
  if (!isName(run)) throw new SerinError('RUN_NOT_FOUND', `'${run}' is no name of a run`)
  return run
}

function isName(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text)
}
