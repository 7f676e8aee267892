import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { dirname, resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { EXIT } from '../errors/catalogue.ts'
import { SerinError } from '../errors/serin-error.ts'
import type { Io } from './io.ts'
import { main } from './main.ts'

/** Binds the command line to this process: the only file that touches `process`. */

const code = await main(process.argv.slice(2), processIo())
process.exitCode = code
// Whoever was told to leave does not wait for requests that are still under way.
if (code === EXIT.interrupted || code === EXIT.terminated) process.exit()

function processIo(): Io {
  return {
    stdout: outputTo(process.stdout),
    stderr: outputTo(process.stderr),
    ask,
    env: process.env,
    cwd: process.cwd(),
    isTerminal: { stdin: isTerminal(process.stdin), stdout: isTerminal(process.stdout), stderr: isTerminal(process.stderr) },
    columns: process.stderr.columns ?? process.stdout.columns ?? 80,
    readFile: (path) => guarded(path, 'read', () => readFileSync(resolve(path), 'utf8')),
    writeFile: (path, text) => guarded(path, 'written', () => writeWithFolder(resolve(path), text)),
    fileExists: (path) => existsSync(resolve(path)),
    listFolder: (path) => (existsSync(resolve(path)) ? readdirSync(resolve(path)).sort() : []),
    now: () => Date.now(),
    onSignal,
    identity: `${userName()}@${hostname()}/${process.pid}`,
  }
}

/** A reader that goes away (`serin … | head`) ends the output, not the program. */
function outputTo(stream: NodeJS.WriteStream): Io['stdout'] {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  return { write: (text) => void stream.write(text), stream }
}

function isTerminal(stream: { readonly isTTY?: boolean }): boolean {
  return stream.isTTY === true
}

function guarded<T>(path: string, done: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    throw new SerinError('FILE_UNREADABLE', `${path} cannot be ${done}: ${error instanceof Error ? error.message : error}`, {}, error)
  }
}

function writeWithFolder(path: string, text: string | Iterable<string>): void {
  mkdirSync(dirname(path), { recursive: true })
  const file = openSync(path, 'w')
  try {
    for (const piece of typeof text === 'string' ? [text] : gathered(text)) writeFileSync(file, piece)
  } finally {
    closeSync(file)
  }
}

/** Small pieces put together to a mebibyte or so. */
function* gathered(pieces: Iterable<string>): Generator<string> {
  let held = ''
  for (const piece of pieces) {
    held += piece
    if (held.length < 2 ** 20) continue
    yield held
    held = ''
  }
  yield held
}

async function ask(question: string): Promise<string | undefined> {
  const reader = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return await reader.question(question)
  } catch {
    // Ctrl-C or Ctrl-D at the question is an answer: no.
    return undefined
  } finally {
    reader.close()
  }
}

function onSignal(listener: (signal: 'SIGINT' | 'SIGTERM') => void): () => void {
  const interrupt = () => listener('SIGINT')
  const terminate = () => listener('SIGTERM')
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', terminate)
  return () => {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', terminate)
  }
}

/** The name of whoever runs this; containers may run under a number without a name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return 'unknown'
  }
}
