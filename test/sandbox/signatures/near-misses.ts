import type { ScenarioData } from './stage.ts'

/** A leaf of a scenario, as the path to it: `faults.0.where.group`, `world.addons.vpc-cni.version`. */
export interface Leaf {
  readonly path: string
  /** The scenario with this leaf, and no other, as the base world or a place outside has it. */
  readonly scenario: ScenarioData
}

type Json = unknown
type Path = readonly (string | number)[]

/**
 * Every near miss of a scenario: one field at a time is taken back to the base world, or led to where it matches nothing.
 * `outside` gives, by path, a value where the general one would not be accepted.
 */
export function nearMisses(scenario: ScenarioData, outside: Readonly<Record<string, unknown>> = {}): readonly Leaf[] {
  const made = [
    ...(scenario.world === undefined ? [] : leavesOf(scenario.world, ['world'])),
    ...(scenario.faults ?? []).flatMap((fault, at) => leavesOf(fault, ['faults', at])),
  ]
  return made.map((path) => {
    const named = path.join('.')
    return { path: named, scenario: named in outside ? replaced(scenario, path, outside[named]) : missed(scenario, path) }
  })
}

/**
 * Every field, also of the objects in a list; besides, each of those may be missing as a whole. A list of plain values is one field. What
 * kind of object one is is no field of its own: another kind is another object.
 */
function leavesOf(value: Json, path: Path): readonly Path[] {
  if (Array.isArray(value) && value.some(isRecord))
    return value.flatMap((each, at) => [[...path, at], ...leavesOf(each, [...path, at]).filter((leaf) => !KINDS.has(String(leaf.at(-1))))])
  if (!isRecord(value) || Object.keys(value).length === 0) return [path]
  return Object.entries(value).flatMap(([key, member]) => leavesOf(member, [...path, key]))
}

const KINDS: ReadonlySet<string> = new Set(['apiVersion', 'kind'])

function missed(scenario: ScenarioData, path: Path): ScenarioData {
  if (path[0] === 'world' && isInList(path) && !isRecord(at_(scenario, path)))
    return replaced(scenario, path, elsewhere(path.at(-1), at_(scenario, path)))
  if (path[0] === 'world') return pruned(without(scenario, path))
  const [, at, section, key] = path
  if (section === 'fault') return { ...scenario, faults: scenario.faults?.filter((_, index) => index !== at) ?? [] }
  const value = at_(scenario, path)
  if (section === 'where') return replaced(scenario, path, OUTSIDE[String(key)] ?? outsideOf(value))
  if (section === 'when') return replaced(scenario, path, LATER[String(key)])
  return replaced(scenario, path, section === 'chance' ? 1e-9 : outsideOf(value))
}

/** Places that the base world has and no scenario means, or that nothing has. */
const OUTSIDE: Readonly<Record<string, unknown>> = {
  cluster: 'signatures',
  group: 'other',
  zone: 'eu-central-1b',
  addon: 'kube-proxy',
  share: 1e-9,
  nth: [999],
}

/** The base world has nothing of what an object in a list says. */
function isInList(path: Path): boolean {
  return path.some((step, at) => typeof step === 'number' && at < path.length - 1)
}

/** Another value that can stand there: the opposite where there is one, else a name that nothing has. */
function elsewhere(key: Path[number] | undefined, value: Json): Json {
  if (key === 'subnet') return 'nodes-b'
  if (Array.isArray(value)) return value.map((each) => elsewhere(undefined, each))
  if (typeof value === 'string' && value.split('.').length > 2) return 'none.such.example'
  return OPPOSITES[String(value)] ?? outsideOf(value)
}

const OPPOSITES: Readonly<Record<string, string>> = {
  Fail: 'Ignore',
  Ignore: 'Fail',
  None: 'NoneOnDryRun',
  Exists: 'DoesNotExist',
  In: 'NotIn',
  NotEquals: 'Equals',
  RuntimeDefault: 'Unconfined',
  CREATE: 'DELETE',
  UPDATE: 'DELETE',
}

const LATER: Readonly<Record<string, unknown>> = {
  after: 'eks:UpdateAddon coredns',
  occurrence: 99,
  from: '30d',
  to: '1ms',
  every: '30d',
  lasting: '1ms',
}

function outsideOf(value: Json): Json {
  if (typeof value === 'boolean') return !value
  if (typeof value === 'number') return value + 1
  if (Array.isArray(value)) return value.map((each) => (typeof each === 'string' && each.includes(':') ? 'none:Such' : outsideOf(each)))
  return 'none-such'
}

function isRecord(value: Json): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function at_(value: Json, [head, ...rest]: Path): Json {
  if (head === undefined) return value
  return at_((value as Record<string | number, Json>)[head], rest)
}

function replaced(value: ScenarioData, path: Path, by: Json): ScenarioData {
  const copy = structuredClone(value) as Record<string | number, Json>
  const holder = at_(copy, path.slice(0, -1)) as Record<string | number, Json>
  holder[path.at(-1) ?? ''] = by
  return copy as ScenarioData
}

function without(value: ScenarioData, path: Path): ScenarioData {
  const copy = structuredClone(value) as ScenarioData
  const holder = at_(copy, path.slice(0, -1))
  const last = path.at(-1) ?? ''
  if (Array.isArray(holder)) holder.splice(Number(last), 1)
  else delete (holder as Record<string | number, Json>)[last]
  return copy
}

/** An add-on or a group of which nothing is said any more is not spoken of at all. */
function pruned(scenario: ScenarioData): ScenarioData {
  const prune = (value: Json): Json => {
    if (!isRecord(value)) return value
    const members = Object.entries(value).map(([key, member]) => [key, prune(member)] as const)
    return Object.fromEntries(members.filter(([, member]) => !(isRecord(member) && Object.keys(member).length === 0)))
  }
  return { ...scenario, world: prune(scenario.world ?? {}) as Record<string, unknown> }
}
