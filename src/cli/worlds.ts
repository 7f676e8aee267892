import { basename, dirname, join } from 'node:path'
import { SerinError } from '../errors/serin-error.ts'
import { nearest } from '../model/nearest.ts'
import { sandboxSentence } from '../report/origin.ts'
import type { OpenedWorld, OpenWorldOptions } from '../sandbox/world/open.ts'
import { absolute, loadSnapshotFile } from './documents.ts'
import { type Io, usage } from './io.ts'

/** Where worlds and scenarios are found: beside the plan, and the shipped ones in `plans`. */

export interface WorldFlags {
  readonly world?: string
  readonly snapshot?: string
  readonly scenario?: readonly string[]
  readonly seed?: number
  readonly minorDowngrade?: 'strict' | 'lenient'
}

/** The folder of shipped plans, worlds and scenarios, found from this file: the same in a checkout and in the package. */
const SHIPPED = join(import.meta.dirname, '..', '..', 'plans')

/** The world of a rehearsal: a file, a snapshot, or `worlds/NAME.yaml` beside `NAME.yaml`. */
export function worldFor(io: Io, plan: string, flags: WorldFlags): OpenWorldOptions {
  if (flags.world && flags.snapshot) throw usage('--world and --snapshot exclude each other.')
  const rest = circumstancesOf(io, flags, dirname(plan))
  if (flags.snapshot) return { snapshot: loadSnapshotFile(io, flags.snapshot), ...rest }
  return { ...worldText(io, flags.world ?? besidePlan(io, plan)), ...rest }
}

/** A world by file, or a shipped one by name. */
export function namedWorld(io: Io, flags: WorldFlags, standard: string): OpenWorldOptions {
  const { world = standard } = flags
  const isPath = /[/\\]|\.ya?ml$/.test(world) || (flags.world !== undefined && io.fileExists(absolute(io, world)))
  const file = isPath ? world : join(SHIPPED, 'worlds', `${world}.yaml`)
  return { ...worldText(io, file), ...circumstancesOf(io, flags, SHIPPED) }
}

/** Brings it to life and says what was assumed. Throws SerinError WORLD_INVALID. */
export async function openNamed(io: Io, options: OpenWorldOptions, speed?: number): Promise<OpenedWorld> {
  const { openWorld } = await import('../sandbox/world/open.ts')
  const world = opened(() => openWorld(options))
  const { name, seed, scenarios } = world
  const time = speed === undefined ? '' : ` Time runs ${speed} times as fast.`
  io.stderr.write(`${sandboxSentence({ world: name, seed, scenarios })}${time}\n`)
  for (const assumption of world.assumptions) io.stderr.write(`Assumed: ${assumption}\n`)
  return world
}

/** The sandbox knows no errors of Serin: it is the other side of the wire. */
function opened<T>(open: () => T): T {
  try {
    return open()
  } catch (error) {
    throw new SerinError('WORLD_INVALID', error instanceof Error ? error.message : String(error), {}, error)
  }
}

function worldText(io: Io, file: string): Pick<OpenWorldOptions, 'world' | 'worldFile'> {
  return { world: io.readFile(absolute(io, file)), worldFile: file }
}

function circumstancesOf(io: Io, flags: WorldFlags, folder: string): Omit<OpenWorldOptions, 'world'> {
  return {
    scenarios: scenariosOf(io, flags.scenario ?? [], folder),
    ...(flags.seed === undefined ? {} : { seed: flags.seed }),
    ...(flags.minorDowngrade === undefined ? {} : { overrides: { minorDowngrade: flags.minorDowngrade } }),
  }
}

function besidePlan(io: Io, plan: string): string {
  const file = join(dirname(plan), 'worlds', basename(plan))
  if (io.fileExists(absolute(io, file))) return file
  throw usage(
    `There is no world for ${plan}: ${file} does not exist.`,
    'Give --world FILE, or --snapshot FILE of your own cluster (`serin snapshot`).',
  )
}

function scenariosOf(io: Io, given: readonly string[], folder: string): OpenWorldOptions['scenarios'] {
  return given.map((scenario) => {
    const file = scenarioFile(io, scenario, folder)
    return { name: basename(scenario).replace(/\.ya?ml$/, ''), text: io.readFile(file) }
  })
}

const SCENARIO_FOLDERS = ['scenarios', join('scenarios', 'signatures')]

/** Files of the shipped scenarios; those of the failure catalogue's signatures last. */
function shippedFiles(io: Io): readonly string[] {
  return SCENARIO_FOLDERS.flatMap((folder) =>
    io
      .listFolder(join(SHIPPED, folder))
      .filter((file) => /\.ya?ml$/.test(file))
      .map((file) => join(SHIPPED, folder, file)),
  )
}

function shippedScenarios(io: Io): readonly string[] {
  return shippedFiles(io).map((file) => basename(file).replace(/\.ya?ml$/, ''))
}

/** The shipped scenarios with what each is about, one per line. */
export async function scenarioList(io: Io): Promise<string> {
  const { readScenario } = await import('../sandbox/world/scenario-file.ts')
  const rows = shippedFiles(io).map((file) => {
    const name = basename(file).replace(/\.ya?ml$/, '')
    return [name, readScenario(name, io.readFile(file)).summary] as const
  })
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, summary]) => `${name.padEnd(width)}  ${summary}\n`).join('')
}

function scenarioFile(io: Io, scenario: string, folder: string): string {
  const candidates = [scenario, join(folder, 'scenarios', `${scenario}.yaml`)].map((file) => absolute(io, file))
  const shipped = SCENARIO_FOLDERS.map((each) => join(SHIPPED, each, `${scenario}.yaml`))
  const found = [...candidates, ...shipped].find((file) => io.fileExists(file))
  if (found) return found
  const names = shippedScenarios(io)
  const near = nearest(scenario, names)
  throw usage(`There is no scenario "${scenario}"${near ? `; did you mean ${near}?` : ''}. Shipped: ${names.join(', ') || 'none'}.`)
}
