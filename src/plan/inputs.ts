import { z } from 'zod'
import { parseDuration } from '../model/instant.ts'
import type { PlanProblem } from '../model/plan.ts'
import type { MergedPlan } from './base.ts'
import { didYouMean } from './did-you-mean.ts'
import { type Located, type LocatedEntry, type LocatedMap, type LocatedScalar, type Path, plainOf } from './located.ts'
import { problemAt } from './problem.ts'
import { shown, strict } from './schema-parts.ts'
import { schemaProblems } from './schema-problems.ts'

const scalar = z.union([z.string(), z.number(), z.boolean()])
const description = z.string().optional().describe('What it is for.')
const fallback = scalar.optional().describe('Value when none is given; without it one must be given.')

/** One typed input of a base plan. */
export const inputDeclaration = strict({
  type: z.enum(['string', 'integer', 'duration', 'boolean', 'enum']).describe('string, integer, duration, boolean or enum.'),
  values: z.array(z.string()).min(1, 'The list of values is empty\nName at least one value.').optional().describe('The values of an enum.'),
  default: fallback,
  description,
})

type Declaration = z.output<typeof inputDeclaration>
type Values = ReadonlyMap<string, LocatedScalar>

const WHOLE = /^\$\{inputs\.([A-Za-z][\w-]*)\}$/

/** Puts the values of inputs in the place of every `${inputs.name}`. A value points to where it was given. */
export function applyInputs(merged: MergedPlan & { readonly root: LocatedMap }): {
  readonly root: Located
  readonly problems: readonly PlanProblem[]
} {
  const problems: PlanProblem[] = []
  const declared = declarationsOf(merged.declared, problems)
  const values = valuesOf(declared, merged, problems)
  const root = substitute(merged.root, [], values, problems)
  return { root, problems }
}

interface Declared {
  readonly declaration: Declaration
  readonly entry: LocatedEntry
}

function declarationsOf(node: Located | undefined, problems: PlanProblem[]): ReadonlyMap<string, Declared | undefined> {
  const map = mapOrReport(node, problems)
  const declared = new Map<string, Declared | undefined>()
  for (const [name, entry] of map?.entries ?? []) declared.set(name, readDeclaration(name, entry, problems))
  return declared
}

function mapOrReport(node: Located | undefined, problems: PlanProblem[]): LocatedMap | undefined {
  if (node === undefined || node.kind === 'map') return node
  problems.push(problemAt(node.place, ['inputs'], '`inputs` must be a map', 'Write one key per input.'))
  return undefined
}

function readDeclaration(name: string, entry: LocatedEntry, problems: PlanProblem[]): Declared | undefined {
  const schema = z.strictObject({ inputs: z.strictObject({ [name]: inputDeclaration }) })
  const parsed = schema.safeParse({ inputs: { [name]: plainOf(entry.value) } })
  if (!parsed.success) {
    const root: Located = mapAt('inputs', mapAt(name, entry.value, entry), entry)
    problems.push(...schemaProblems(schema, parsed.error.issues, root))
    return undefined
  }
  const declaration = parsed.data.inputs[name]
  if (!declaration) return undefined
  if ((declaration.type === 'enum') !== (declaration.values !== undefined)) {
    const message = declaration.type === 'enum' ? 'An enum needs `values`' : '`values` belong to an enum only'
    problems.push(problemAt(entry.keyPlace, ['inputs', name], message, 'Write `{ type: enum, values: [a, b] }`.'))
    return undefined
  }
  return { declaration, entry }
}

function mapAt(key: string, value: Located, entry: LocatedEntry): LocatedMap {
  return { kind: 'map', place: entry.keyPlace, entries: new Map([[key, { keyPlace: entry.keyPlace, value }]]) }
}

function valuesOf(
  declared: ReadonlyMap<string, Declared | undefined>,
  merged: MergedPlan & { root: LocatedMap },
  problems: PlanProblem[],
): Values {
  const given = mapOrReport(merged.given, problems)
  for (const [name, entry] of given?.entries ?? []) {
    if (!declared.has(name)) problems.push(unknownInput(name, [...declared.keys()], entry.keyPlace, ['inputs', name]))
  }
  const values = new Map<string, LocatedScalar>()
  for (const [name, input] of declared) values.set(name, inputValue(name, input, given, merged.root, problems))
  return values
}

function unknownInput(name: string, names: readonly string[], place: Located['place'], path: Path): PlanProblem {
  const listed = names.length > 0 ? `Inputs that exist: ${names.join(', ')}.` : 'No inputs are declared.'
  return problemAt(place, path, `There is no input ${shown(name)}`, `${didYouMean(name, names)}${listed}`)
}

function inputValue(
  name: string,
  input: Declared | undefined,
  given: LocatedMap | undefined,
  root: LocatedMap,
  problems: PlanProblem[],
): LocatedScalar {
  const faulty: LocatedScalar = { kind: 'scalar', place: root.place, value: null, source: '', faulty: true }
  if (!input) return faulty
  const written = given?.entries.get(name)?.value
  const fallbackNode = input.entry.value.kind === 'map' ? input.entry.value.entries.get('default')?.value : undefined
  const value = written ?? fallbackNode
  if (!value) {
    const place = given ? given.place : input.entry.keyPlace
    const remedy = given
      ? `Give it under \`inputs\`: \`${name}: …\`.`
      : 'Give it a `default`, or use this file as the `base` of a plan that gives it.'
    problems.push(problemAt(place, ['inputs', name], `Input \`${name}\` has no value`, remedy))
    return faulty
  }
  const wrong = wrongFor(input.declaration, value)
  if (!wrong) return value as LocatedScalar
  const path = written ? ['inputs', name] : ['inputs', name, 'default']
  problems.push(problemAt(value.place, path, wrong[0], wrong[1]))
  return faulty
}

function wrongFor(declaration: Declaration, node: Located): readonly [message: string, remedy: string] | undefined {
  if (node.kind !== 'scalar') return ['An input is a single value', 'Inputs are whole scalars; lists belong in the plan.']
  const { value, source } = node
  if (declaration.type === 'integer')
    return Number.isSafeInteger(value) ? undefined : [`${shown(source)} is not a whole number`, 'Write digits without quotes.']
  if (declaration.type === 'boolean')
    return typeof value === 'boolean' ? undefined : [`${shown(source)} is neither true nor false`, 'Write `true` or `false`.']
  if (typeof value !== 'string') return [`${shown(source)} must be text`, `Put it in quotes: \`"${source}"\`.`]
  if (declaration.type === 'duration' && parseDuration(value) === undefined)
    return [`${shown(value)} is not a duration`, 'For example `15m` or `1h30m`.']
  if (declaration.type === 'enum' && !declaration.values?.includes(value)) {
    return [`${shown(value)} is not one of the values of this input`, `Write one of ${declaration.values?.join(', ')}.`]
  }
  return undefined
}

function substitute(node: Located, path: Path, values: Values, problems: PlanProblem[]): Located {
  if (node.kind === 'list') return { ...node, items: node.items.map((item, index) => substitute(item, [...path, index], values, problems)) }
  if (node.kind === 'scalar') return substituteScalar(node, path, values, problems)
  const entries = [...node.entries].map(([key, entry]): [string, LocatedEntry] => {
    return [key, { ...entry, value: substitute(entry.value, [...path, key], values, problems) }]
  })
  return { ...node, entries: new Map(entries) }
}

function substituteScalar(node: LocatedScalar, path: Path, values: Values, problems: PlanProblem[]): LocatedScalar {
  if (typeof node.value !== 'string' || !node.value.includes('${')) return node
  const name = WHOLE.exec(node.value)?.[1]
  const value = name === undefined ? undefined : values.get(name)
  if (value) return value
  if (name === undefined) {
    problems.push(
      problemAt(
        node.place,
        path,
        `${shown(node.value)} mixes text and input`,
        `An input is a whole value: \`\${inputs.${[...values.keys()][0] ?? 'name'}}\` and nothing else.`,
      ),
    )
  } else problems.push(unknownInput(name, [...values.keys()], node.place, path))
  return { ...node, faulty: true }
}
