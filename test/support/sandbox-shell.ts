import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A sandbox that lives while a test types commands into it: real processes, real sockets, several machines. */

const ROOT = join(import.meta.dirname, '../..')
const SERIN = join(ROOT, 'bin/serin.js')
const KEEPER = 'console.log(JSON.stringify(process.env)); process.stdin.on("end", () => process.exit(0)).resume()'

export interface Typed {
  readonly code: number | null
  /** Data and progress together. */
  readonly output: string
  readonly milliseconds: number
}

export interface Running {
  readonly process: ChildProcess
  readonly ended: Promise<Typed>
  /** Resolves when the output contains the text; rejects when the command ends without having said so. */
  readonly says: (text: string) => Promise<void>
  readonly output: () => string
}

export interface SandboxShell {
  /** What a command inside inherits. */
  readonly env: NodeJS.ProcessEnv
  /** Types a command on a machine: each has a run folder of its own. */
  readonly start: (machine: string, ...command: readonly string[]) => Running
  readonly type: (machine: string, ...command: readonly string[]) => Promise<Typed>
  readonly close: () => Promise<void>
}

export async function openShell(...options: readonly string[]): Promise<SandboxShell> {
  const homes = mkdtempSync(join(tmpdir(), 'serin-shell-'))
  const sandbox = run([SERIN, 'sandbox', ...options, '--', process.execPath, '-e', KEEPER], process.env, 'pipe')
  await sandbox.says('}\n')
  const line =
    sandbox
      .output()
      .split('\n')
      .find((text) => text.startsWith('{')) ?? '{}'
  const inside: NodeJS.ProcessEnv = JSON.parse(line)
  const start: SandboxShell['start'] = (machine, ...command) =>
    run([SERIN, ...command], { ...inside, SERIN_HOME: join(homes, machine), SERIN_USER: machine, NO_COLOR: '1' }, 'ignore')
  return {
    env: inside,
    start,
    type: (machine, ...command) => start(machine, ...command).ended,
    async close() {
      sandbox.process.stdin?.end()
      await sandbox.ended
      rmSync(homes, { recursive: true, force: true })
    },
  }
}

function run(command: readonly string[], env: NodeJS.ProcessEnv, stdin: 'pipe' | 'ignore'): Running {
  const began = performance.now()
  const child = spawn(process.execPath, command, { cwd: ROOT, env, stdio: [stdin, 'pipe', 'pipe'] })
  let output = ''
  const listeners = new Set<() => void>()
  const hear = (chunk: Buffer): void => {
    output += chunk.toString('utf8')
    for (const listener of listeners) listener()
  }
  child.stdout?.on('data', hear)
  child.stderr?.on('data', hear)
  const ended = new Promise<Typed>((resolve) => {
    child.once('close', (code) => resolve({ code, output, milliseconds: performance.now() - began }))
  })
  const says = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!output.includes(text)) return
        listeners.delete(look)
        resolve()
      }
      listeners.add(look)
      void ended.then(() => reject(new Error(`it never said "${text}":\n${output}`)))
      look()
    })
  return { process: child, ended, says, output: () => output }
}
