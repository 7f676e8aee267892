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

/** The members of a list of objects count as one field each, and so does a list of plain values. */
function leavesOf(value: Json, path: Path): readonly Path[] {
  if (Array.isArray(value) && value.some(isRecord)) return value.map((_, at) => [...path, at])
  if (!isRecord(value) || Object.keys(value).length === 0) return [path]
  return Object.entries(value).flatMap(([key, member]) => leavesOf(member, [...path, key]))
}

function missed(scenario: ScenarioData, path: Path): ScenarioData {
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
