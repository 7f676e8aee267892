import { didYouMean } from './did-you-mean.ts'
import { defaultGates, type GatedPhase, type GateKind, listableGates, type PlanKinds } from './kinds.ts'
import { type Located, nodeAt, type Path } from './located.ts'
import type { Mistake } from './problem.ts'
import { itemsAt, textAt } from './read-tree.ts'
import { shown } from './schema-parts.ts'

/** Mistakes in naming gates: lists that do not exist, gates that cannot judge where they stand, gates that need options. */
export function gateMistakes(root: Located, kinds: PlanKinds): Mistake[] {
  const lists = listPaths(root)
  return [...lists.flatMap((path) => itemMistakes(root, path, kinds)), ...uses(root).flatMap((use) => useMistakes(root, use, kinds))]
}

/** A place that uses gates: a name, or a list of its own. */
interface Use {
  readonly path: Path
  readonly phase: GatedPhase
}

function uses(root: Located): readonly Use[] {
  const addons = itemsAt(root, ['target', 'addons']).map(
    (_, index): Use => ({ path: ['target', 'addons', index, 'gates'], phase: 'addon' }),
  )
  const waves = itemsAt(root, ['waves']).map((_, index): Use => ({ path: ['waves', index, 'gates'], phase: 'nodes' }))
  const controlPlane: Use = { path: ['target', 'controlPlane', 'gates'], phase: 'control-plane' }
  return [...addons, controlPlane, { path: ['canary', 'gates'], phase: 'nodes' }, ...waves]
}

function listPaths(root: Located): readonly Path[] {
  const inline = uses(root).map((use) => use.path)
  return [...listNames(root).map((name): Path => ['gates', name]), ...inline]
}

function listNames(root: Located): readonly string[] {
  const named = nodeAt(root, ['gates'])
  return named?.kind === 'map' ? [...named.entries.keys()] : []
}

function itemMistakes(root: Located, list: Path, kinds: PlanKinds): Mistake[] {
  return itemsAt(root, list).flatMap((item, index) => {
    const path = [...list, index]
    if (item.kind === 'map' && item.entries.size !== 1) return [oneGatePerItem(path)]
    const gate = listableGates(kinds.gates).find((each) => each.kind === kindOf(item))
    const repeats = itemsAt(root, list).findIndex((other) => kindOf(other) === kindOf(item)) < index
    return [...(gate && repeats ? [standsTwice(path, gate)] : []), ...(gate && item.kind === 'scalar' ? missingOptions(path, gate) : [])]
  })
}

function oneGatePerItem(path: Path): Mistake {
  return { path, message: 'An item of a list of gates is one gate', remedy: 'Write `- NAME` or `- NAME: { options }`, one item per gate.' }
}

function standsTwice(path: Path, gate: GateKind): Mistake {
  return { path, message: `Gate ${shown(gate.kind)} stands twice in this list`, remedy: 'Keep one of them.' }
}

function missingOptions(path: Path, gate: GateKind): Mistake[] {
  const parsed = gate.options.safeParse({})
  if (parsed.success) return []
  const needed = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ')
  return [{ path, message: `Gate ${shown(gate.kind)} needs options`, remedy: `Write \`${gate.kind}: { … }\` with ${needed}.` }]
}

function kindOf(item: Located): string | undefined {
  if (item.kind === 'map') return [...item.entries.keys()][0]
  return item.kind === 'scalar' && typeof item.value === 'string' ? item.value : undefined
}

function useMistakes(root: Located, use: Use, kinds: PlanKinds): Mistake[] {
  const name = textAt(root, use.path)
  const names = listNames(root)
  if (name !== undefined && !names.includes(name)) return [unknownList(use.path, name, names, kinds)]
  const list = name === undefined ? use.path : ['gates', name]
  return itemsAt(root, list).flatMap((item, index) => {
    const gate = kinds.gates.find((each) => each.kind === kindOf(item))
    if (!gate || gate.appliesTo.includes(use.phase)) return []
    return [wrongPhase(name === undefined ? [...list, index] : use.path, gate, use.phase, name, kinds)]
  })
}

function unknownList(path: Path, name: string, names: readonly string[], kinds: PlanKinds): Mistake {
  const isGate = kinds.gates.some((gate) => gate.kind === name)
  const listed = names.length > 0 ? `Lists that exist: ${names.join(', ')}.` : 'The plan names no lists under `gates`.'
  const remedy = isGate ? `\`${name}\` is a gate: write \`[${name}]\`.` : `${didYouMean(name, names)}${listed}`
  return { path, message: `There is no list of gates named ${shown(name)}`, remedy }
}

function wrongPhase(path: Path, gate: GateKind, phase: GatedPhase, list: string | undefined, kinds: PlanKinds): Mistake {
  const from = list === undefined ? '' : ` of list ${shown(list)}`
  const what = { addon: 'an add-on', 'control-plane': 'a control plane', nodes: 'node groups' }[phase]
  const instead = defaultGates(kinds, phase)
  return {
    path,
    message: `Gate ${shown(gate.kind)}${from} cannot judge ${what}`,
    remedy: `Use a list such as \`[${instead.join(', ')}]\`.`,
  }
}
