import { isAlias, isMap, isScalar, isSeq, type Pair, type ParsedNode, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml'
import type { PlanProblem } from '../model/plan.ts'
import type { Located, LocatedEntry, Path, Place, ScalarValue } from './located.ts'
import { problemAt } from './problem.ts'

const DEEPEST = 32
/** Aliases are followed as often as they stand, so this bounds an alias bomb. */
const MOST_VALUES = 20_000

interface Walk {
  readonly placeAt: (offset: number) => Place
  readonly problems: PlanProblem[]
  readonly anchors: Map<string, ParsedNode>
  /** Anchored nodes that are being walked: an alias to one of them is a circle. */
  readonly open: Set<unknown>
  values: number
}

/** The composed YAML as a located tree; finds duplicate keys, circles, too deep nesting and alias bombs. */
export function locateTree(
  contents: ParsedNode | null,
  placeAt: (offset: number) => Place,
): { readonly root?: Located; readonly problems: readonly PlanProblem[] } {
  const walk: Walk = { placeAt, problems: [], anchors: new Map(), open: new Set(), values: 0 }
  const root = locate(walk, contents, [], 0)
  return { root, problems: walk.problems }
}

function locate(walk: Walk, node: ParsedNode | null, path: Path, offset: number): Located {
  const place = walk.placeAt(node?.range?.[0] ?? offset)
  const empty: Located = { kind: 'scalar', place, value: null, source: '', faulty: true }
  if (node === null) return { kind: 'scalar', place, value: null, source: '' }
  if (!admit(walk, place, path)) return empty
  if (isAlias(node)) return follow(walk, node.source, place, path, empty)
  if (node.tag !== undefined) {
    report(walk, place, path, `YAML tags (\`${node.tag}\`) are not used in plans`, 'Remove the tag.')
    return empty
  }
  if (node.anchor) walk.anchors.set(node.anchor, node)
  if (isScalar(node)) return scalarOf(node, place)
  walk.open.add(node)
  const located = isMap(node) ? mapOf(walk, node, path, place) : isSeq(node) ? listOf(walk, node, path, place) : empty
  walk.open.delete(node)
  return located
}

function admit(walk: Walk, place: Place, path: Path): boolean {
  walk.values += 1
  if (walk.values === MOST_VALUES + 1)
    report(walk, place, [], `The file expands to more than ${MOST_VALUES} values`, 'Use fewer aliases (`*name`).')
  if (path.length === DEEPEST + 1)
    report(walk, place, [], 'The YAML is nested too deeply', 'A plan is never nested more than a few levels.')
  return walk.values <= MOST_VALUES && path.length <= DEEPEST
}

function follow(walk: Walk, name: string, place: Place, path: Path, empty: Located): Located {
  const target = walk.anchors.get(name)
  if (target && !walk.open.has(target)) return locate(walk, target, path, 0)
  const message = target ? `\`*${name}\` contains itself` : `Nothing before this is anchored as \`&${name}\``
  report(walk, place, path, message, target ? 'Write the value out.' : `Write the value out, or anchor it with \`&${name}\` further up.`)
  return empty
}

function scalarOf(node: Scalar, place: Place): Located {
  const source = node.source ?? String(node.value)
  const value = node.value
  const simple = value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  return { kind: 'scalar', place, value: simple ? (value as ScalarValue) : String(value), source }
}

function listOf(walk: Walk, node: YAMLSeq, path: Path, place: Place): Located {
  const items: Located[] = []
  for (const item of node.items) {
    if (walk.values > MOST_VALUES) break
    items.push(locate(walk, item as ParsedNode | null, [...path, items.length], node.range?.[0] ?? 0))
  }
  return { kind: 'list', place, items }
}

function mapOf(walk: Walk, node: YAMLMap, path: Path, place: Place): Located {
  const entries = new Map<string, LocatedEntry>()
  for (const pair of node.items) {
    if (walk.values > MOST_VALUES) break
    addEntry(walk, entries, pair as Pair<ParsedNode, ParsedNode | null>, path, place)
  }
  return { kind: 'map', place, entries }
}

function addEntry(
  walk: Walk,
  entries: Map<string, LocatedEntry>,
  pair: Pair<ParsedNode, ParsedNode | null>,
  path: Path,
  place: Place,
): void {
  const { key } = pair
  const start = key?.range?.[0]
  const keyPlace = start === undefined ? place : walk.placeAt(start)
  if (!isScalar(key)) {
    report(walk, keyPlace, path, 'A key must be a plain word', 'Write the key as text.')
    return
  }
  const name = typeof key.value === 'string' ? key.value : (key.source ?? '')
  const first = entries.get(name)
  if (first)
    report(
      walk,
      keyPlace,
      [...path, name],
      `\`${name}\` stands twice in this map, first on line ${first.keyPlace.line}`,
      'Keep one of them.',
    )
  const value = locate(walk, pair.value, [...path, name], key.range?.[1] ?? start ?? 0)
  if (!first) entries.set(name, { keyPlace, value })
}

function report(walk: Walk, place: Place, path: Path, message: string, remedy: string): void {
  walk.problems.push(problemAt(place, path, message, remedy))
}
