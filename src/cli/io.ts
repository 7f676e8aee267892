import { EXIT } from '../errors/catalogue.ts'
import { SerinError } from '../errors/serin-error.ts'
import type { Instant } from '../model/instant.ts'
import type { RunPorts } from '../ports/ports.ts'
import type { Style } from '../report/style.ts'

/** Which cluster is meant. */
export interface Target {
  readonly cluster: string
  readonly region: string
  readonly kubeconfigContext?: string
}

/** Everything the command line touches outside itself. `bin.ts` binds it to the process, tests to memory. */
export interface Io {
  /** Data. */
  readonly stdout: Output
  /** Progress and errors. */
  readonly stderr: Output
  /** One line of a person's answer, or undefined at the end of input. */
  readonly ask?: (question: string) => Promise<string | undefined>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly isTerminal: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean }
  readonly columns: number
  /** Paths are relative to `cwd`. Throws SerinError FILE_UNREADABLE. */
  readonly readFile: (path: string) => string
  /** A large text comes in pieces. */
  readonly writeFile: (path: string, text: string | Iterable<string>) => void
  readonly fileExists: (path: string) => boolean
  readonly listFolder: (path: string) => readonly string[]
  readonly now: () => Instant
  /** Reaches a cluster by another way than the network: a simulated one in this process. */
  readonly reach?: (target: Target, identity: string) => Promise<RunPorts>
  /** Calls back for SIGINT and SIGTERM until the returned function is called. */
  readonly onSignal: (listener: (signal: 'SIGINT' | 'SIGTERM') => void) => () => void
  /** Who runs this, `lena@workstation/4711`: unique per process. */
  readonly identity: string
}

export interface Output {
  readonly write: (text: string) => void
  /** The terminal behind it, for the live view. */
  readonly stream?: NodeJS.WriteStream
}

/** How text for one of the outputs is to look: NO_COLOR, FORCE_COLOR, TERM and whether it is a terminal decide. */
export function styleFor(io: Io, output: 'stdout' | 'stderr'): Style {
  const terminal = io.isTerminal[output]
  return { colour: colourFor(io, terminal), unicode: unicodeFor(io), columns: terminal ? Math.max(40, io.columns) : 80 }
}

function colourFor(io: Io, terminal: boolean): boolean {
  if (io.env.NO_COLOR) return false
  if (io.env.FORCE_COLOR && io.env.FORCE_COLOR !== '0') return true
  return terminal && io.env.TERM !== 'dumb'
}

/** ASCII where the locale says the terminal cannot do more, and on the Linux console. */
function unicodeFor(io: Io): boolean {
  if (io.env.TERM === 'dumb' || io.env.TERM === 'linux') return false
  const locale = io.env.LC_ALL || io.env.LC_CTYPE || io.env.LANG
  return !locale || /utf-?8/i.test(locale) || locale.startsWith('C.')
}

/** Who acts, for journal and approvals: SERIN_USER where many share one account. */
export function personOf(io: Io): string {
  return io.env.SERIN_USER || io.identity
}

/** A usage error: the command line cannot be understood, or asks for what cannot be. */
export function usage(message: string, remedy?: string): SerinError {
  return new SerinError('USAGE', message, remedy ? { remedy } : {})
}

/** Where runs live on this machine. */
export function runFolderOf(io: Io): string {
  return io.env.SERIN_HOME ? `${io.env.SERIN_HOME}/runs` : `${io.cwd}/.serin/runs`
}

/** Rehearsals lie apart from runs, so that `resume` never takes one for the real thing. */
export function rehearsalFolderOf(io: Io): string {
  return io.env.SERIN_HOME ? `${io.env.SERIN_HOME}/rehearsals` : `${io.cwd}/.serin/rehearsals`
}

export const OK = EXIT.ok
