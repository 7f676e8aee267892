import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Io } from '../../src/cli/io.ts'
import { main } from '../../src/cli/main.ts'
import { SerinError } from '../../src/errors/serin-error.ts'

const ROOT = join(import.meta.dirname, '..', '..')

export interface Typed {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
  /** Files written, by path. */
  readonly written: Readonly<Record<string, string>>
}

/** Types a command line into a checkout with further files in memory; nothing outside is read or written. */
export async function type(line: readonly string[], change: Partial<Io> & { files?: Record<string, string> } = {}): Promise<Typed> {
  const said: { readonly stdout: string[]; readonly stderr: string[] } = { stdout: [], stderr: [] }
  const keep = (of: 'stdout' | 'stderr') => ({ write: (text: string) => void said[of].push(text) })
  const written: Record<string, string> = {}
  const files: Record<string, string | undefined> = change.files ?? {}
  const io: Io = {
    stdout: keep('stdout'),
    stderr: keep('stderr'),
    env: {},
    cwd: ROOT,
    isTerminal: { stdin: false, stdout: false, stderr: false },
    columns: 80,
    readFile: (path) => files[path] ?? readShipped(path),
    writeFile(path, text) {
      written[path] = typeof text === 'string' ? text : [...text].join('')
    },
    fileExists: (path) => path in files,
    listFolder: (path) => readdirSync(path),
    now: () => Date.UTC(2026, 10, 23),
    onSignal: () => () => undefined,
    identity: 'lena@here/1',
    ...change,
  }
  const exit = await main(line, io)
  return { exit, stdout: said.stdout.join(''), stderr: said.stderr.join(''), written }
}

function readShipped(path: string): string {
  if (!path.startsWith(ROOT)) throw new SerinError('FILE_UNREADABLE', `${path} is not there`)
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new SerinError('FILE_UNREADABLE', `${path} cannot be read`, {}, error)
  }
}
