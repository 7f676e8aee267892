import { dirname, join } from 'node:path'
import { isSerinError, SerinError } from '../errors/serin-error.ts'
import type { PlanProblem } from '../model/plan.ts'
import { readDocument } from './document.ts'
import type { Located, LocatedEntry, LocatedMap } from './located.ts'
import { problemAt } from './problem.ts'

/** Where plan files come from. */
export interface PlanFiles {
  /** The text of a file; throws when it cannot be read. */
  readonly read: (path: string) => string
}

/** A plan's tree with its base merged in, and the two sides of its inputs. */
export interface MergedPlan {
  readonly root?: LocatedMap
  /** `inputs` of the base, or of a plan that has none: what may be given. */
  readonly declared?: Located
  /** `inputs` of a plan with a base: what is given. */
  readonly given?: Located
  readonly problems: readonly PlanProblem[]
}

/** Reads a plan and the base it names. One level: a base has no base. */
export function readMerged(files: PlanFiles, file: string): MergedPlan {
  const own = readMap(file, readPlanText(files, file))
  if (!own.root) return { problems: own.problems }
  const named = own.root.entries.get('base')
  if (!named) return { root: without(own.root, ['inputs']), declared: own.root.entries.get('inputs')?.value, problems: [] }
  const base = readBase(files, file, named.value)
  if (!base.root) return { problems: base.problems }
  const root = mergeMaps(without(base.root, ['inputs']), without(own.root, ['base', 'inputs']))
  return {
    root,
    declared: base.root.entries.get('inputs')?.value,
    given: own.root.entries.get('inputs')?.value ?? emptyAt(own.root),
    problems: [],
  }
}

/** @throws SerinError FILE_UNREADABLE */
function readPlanText(files: PlanFiles, file: string): string {
  try {
    return files.read(file)
  } catch (error) {
    if (isSerinError(error)) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new SerinError('FILE_UNREADABLE', `${file} cannot be read: ${reason}`, {}, error)
  }
}

interface MapDocument {
  readonly root?: LocatedMap
  readonly problems: readonly PlanProblem[]
}

function readMap(file: string, text: string): MapDocument {
  const { root, problems } = readDocument(file, text)
  if (!root) return { problems }
  if (root.kind === 'map') return { root, problems }
  return { problems: [problemAt(root.place, [], 'A plan is a map of keys', 'Start with `apiVersion: serin.dev/v1alpha1`.')] }
}

function readBase(files: PlanFiles, file: string, named: Located): MapDocument {
  const refuse = (message: string, remedy: string) => ({ problems: [problemAt(named.place, ['base'], message, remedy)] })
  if (named.kind !== 'scalar' || typeof named.value !== 'string' || named.value.trim() === '') {
    return refuse('`base` must be the path of a plan', 'Write a path relative to this file: `base: ../base.yaml`.')
  }
  const path = named.value.startsWith('/') ? named.value : join(dirname(file), named.value)
  const read = readOrReason(files, path)
  if (read.text === undefined) return refuse(`The base ${path} cannot be read: ${read.reason}`, 'The path is relative to this file.')
  const base = readMap(path, read.text)
  const second = base.root?.entries.get('base')
  if (!second) return base
  return {
    problems: [problemAt(second.keyPlace, ['base'], 'A base cannot have a base of its own', 'One level: name the last one directly.')],
  }
}

function readOrReason(files: PlanFiles, path: string): { readonly text?: string; readonly reason?: string } {
  try {
    return { text: files.read(path) }
  } catch (error) {
    if (isSerinError(error)) return { reason: error.message }
    return { reason: error instanceof Error ? error.message : String(error) }
  }
}

/** Maps merge by key, lists and scalars replace, null removes. */
function mergeMaps(base: LocatedMap, own: LocatedMap): LocatedMap {
  const entries = new Map<string, LocatedEntry>(base.entries)
  for (const [key, entry] of own.entries) {
    const before = entries.get(key)?.value
    if (entry.value.kind === 'scalar' && entry.value.value === null) entries.delete(key)
    else if (before?.kind === 'map' && entry.value.kind === 'map') entries.set(key, { ...entry, value: mergeMaps(before, entry.value) })
    else entries.set(key, entry)
  }
  return { ...own, entries }
}

function without(map: LocatedMap, keys: readonly string[]): LocatedMap {
  return { ...map, entries: new Map([...map.entries].filter(([key]) => !keys.includes(key))) }
}

function emptyAt(map: LocatedMap): LocatedMap {
  return { kind: 'map', place: map.place, entries: new Map() }
}
