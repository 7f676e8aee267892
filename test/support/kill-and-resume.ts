import { spawn } from 'node:child_process'
import { appendFileSync, closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { keyedRandom } from '../../src/model/keyed.ts'

/**
 * A program for inside `serin sandbox`: starts `serin apply`, kills it with SIGKILL at moments drawn by the seed, and goes
 * on with `serin resume` each time, every other time on a machine that knows nothing. Ends with the exit code of the life
 * that was not killed. Arguments: folder, seed, how many kills.
 */

const PLAN = join(import.meta.dirname, '../../plans/quickstart.yaml')
const SERIN = join(import.meta.dirname, '../../bin/serin.js')
/** From a driver that has hardly begun to one that is in the middle of its work, in seconds of real time. */
const EARLIEST = 1.5
const LATEST = 5

const [folder = '', seed = '1', kills = '10'] = process.argv.slice(2)

interface Life {
  readonly command: string
  readonly killed: boolean
  readonly code: number | null
  readonly output: string
}

async function live(number: number, command: readonly string[], machine: string, killAfter: number | undefined): Promise<Life> {
  const output = join(folder, `life-${number}.txt`)
  mkdirSync(join(folder, machine), { recursive: true })
  const file = openSync(output, 'w')
  const env = { ...process.env, SERIN_HOME: join(folder, machine) }
  const child = spawn(process.execPath, [SERIN, ...command], { env, stdio: ['ignore', file, file] })
  const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter * 1000)
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => child.once('exit', (...end) => resolve(end)))
  clearTimeout(timer)
  closeSync(file)
  const life = { command: command.join(' '), killed: signal === 'SIGKILL', code, output: readFileSync(output, 'utf8') }
  appendFileSync(join(folder, 'lives.ndjson'), `${JSON.stringify({ number, machine, killAfter, ...life, output: undefined })}\n`)
  return life
}

async function liveOn(): Promise<number> {
  let done = 0
  let opened = false
  for (let number = 0; ; number++) {
    const command = opened ? ['resume', '--plan', PLAN] : ['apply', PLAN, '--yes']
    const machine = opened && number % 2 === 1 ? `machine-${number}` : 'here'
    const killAfter = done < Number(kills) ? EARLIEST + keyedRandom(Number(seed), 'kill', number) * (LATEST - EARLIEST) : undefined
    const life = await live(number, command, machine, killAfter)
    if (life.killed) done++
    // A driver that was killed before its run was open leaves nothing to resume: then a person applies again.
    opened = life.killed || !life.output.includes('RUN_NOT_FOUND')
    if (!life.killed && opened) return life.code ?? 1
  }
}

process.exitCode = await liveOn()
