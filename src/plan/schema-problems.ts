import type { z } from 'zod'
import type { PlanProblem } from '../model/plan.ts'
import { didYouMean } from './did-you-mean.ts'
import { keyPlaceOf, type Located, nodeAt, type Path, placeOf } from './located.ts'
import { problemAt } from './problem.ts'
import { childSchema, describedKeys } from './schema-keys.ts'
import { shown } from './schema-parts.ts'

type Issue = z.core.$ZodIssue

/** Turns what zod says about a plan into problems with place and remedy. Values already reported as faulty are passed over. */
export function schemaProblems(schema: z.ZodType, issues: readonly Issue[], root: Located): PlanProblem[] {
  return issues.flatMap((issue) => problemsOf(schema, issue, [], root))
}

function problemsOf(schema: z.ZodType, issue: Issue, prefix: Path, root: Located): PlanProblem[] {
  const path: Path = [...prefix, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))]
  if (isFaulty(root, path)) return []
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(schema, key, path, root))
  if (issue.code === 'invalid_union') return unionProblems(schema, issue, path, root)
  const place = isMissing(root, path) ? placeOfMissing(root, path) : placeOf(root, path)
  const [message, remedy] = wordsFor(schema, issue, path, root)
  return [problemAt(place, path, message, remedy)]
}

function isFaulty(root: Located, path: Path): boolean {
  const node = nodeAt(root, path)
  return node?.kind === 'scalar' && node.faulty === true
}

function isMissing(root: Located, path: Path): boolean {
  return path.length > 0 && nodeAt(root, path) === undefined
}

/** A missing key is shown at the key of the map that lacks it. */
function placeOfMissing(root: Located, path: Path) {
  const parent = path.slice(0, -1)
  return parent.length === 0 ? root.place : keyPlaceOf(root, parent)
}

/** More keys than these are no help on one line: they are the codes of the checks. */
const MOST_KEYS = 30

function unknownKey(schema: z.ZodType, key: string, path: Path, root: Located): PlanProblem {
  const full = [...path, key]
  if (path.includes('gates') && OWN_KEYS[key])
    return problemAt(keyPlaceOf(root, full), full, `${shown(key)} does not stand in a list of gates`, OWN_KEYS[key])
  const known = describedKeys(childSchema(schema, path)).map((each) => each.key)
  const inList = path.includes('gates') && typeof path.at(-1) === 'number'
  const all =
    known.length > MOST_KEYS
      ? '`serin explain` lists them.'
      : `${inList ? 'Gates that exist' : 'Keys here'}: ${known.join(', ') || 'none'}.`
  const allowed = `${didYouMean(key, known)}${all}`
  return problemAt(keyPlaceOf(root, full), full, `${inList ? 'There is no gate' : 'Unknown key'} ${shown(key)}`, allowed)
}

/** Of a union, the branch that the value comes nearest to: one that does not already fail at the value's own type. */
function unionProblems(schema: z.ZodType, issue: z.core.$ZodIssueInvalidUnion, path: Path, root: Located): PlanProblem[] {
  const scalar = nodeAt(root, path)?.kind === 'scalar'
  const fitting = issue.errors.filter((branch) => !branch.some((each) => each.path.length === 0 && isOtherType(each, scalar)))
  const branch = fitting[0]
  if (branch) return branch.flatMap((each) => problemsOf(schema, each, path, root))
  const expected = issue.errors.flatMap((each) => each.filter((one) => one.code === 'invalid_type').map((one) => typeName(one.expected)))
  return [
    problemAt(placeOf(root, path), path, `${valueAt(root, path)} is not ${[...new Set(expected)].join(' or ')}`, hintFor(schema, path)),
  ]
}

function isOtherType(issue: Issue, scalar: boolean): boolean {
  return issue.code === 'invalid_type' || (issue.code === 'invalid_value' && !scalar)
}

function wordsFor(schema: z.ZodType, issue: Issue, path: Path, root: Located): readonly [message: string, remedy: string] {
  if (isMissing(root, path)) return [`\`${path.at(-1)}\` is missing`, `Add it: ${lowerFirst(hintFor(schema, path))}`]
  const [message = '', remedy = ''] = issue.message.split('\n')
  if (remedy !== '') return [message, remedy]
  if (issue.code === 'invalid_type') return wrongType(schema, issue.expected, path, root)
  if (issue.code === 'invalid_value') return wrongChoice(issue.values.map(String), path, root)
  if (issue.code === 'too_small') return [`${valueAt(root, path)} is too small`, `Write at least ${issue.minimum}.`]
  if (issue.code === 'too_big') return [`${valueAt(root, path)} is too large`, `Write at most ${issue.maximum}.`]
  return [`${valueAt(root, path)} is not valid here: ${message}`, hintFor(schema, path)]
}

function wrongType(schema: z.ZodType, expected: string, path: Path, root: Located): readonly [string, string] {
  const node = nodeAt(root, path)
  const scalar = node?.kind === 'scalar' && node.value !== null ? node : undefined
  if (expected === 'string' && scalar) return [`${valueAt(root, path)} must be text`, `Put it in quotes: \`"${scalar.source}"\`.`]
  if (expected === 'array' && scalar) return [`${valueAt(root, path)} must be a list`, `Write \`[${scalar.source}]\`.`]
  return [`${valueAt(root, path)} is not ${typeName(expected)}`, hintFor(schema, path)]
}

function wrongChoice(values: readonly string[], path: Path, root: Located): readonly [string, string] {
  const written = valueAt(root, path)
  const node = nodeAt(root, path)
  const hint = node?.kind === 'scalar' ? didYouMean(String(node.value), values) : ''
  const noun = nounOf(path)
  if (noun === 'gate' && node?.kind === 'scalar' && OWN_KEYS[node.source])
    return [`${written} does not stand in a list of gates`, OWN_KEYS[node.source] ?? '']
  if (noun) return [`There is no ${noun} ${written}`, `${hint}Those that exist: ${values.join(', ')}.`]
  return [
    `${written} is not one of the values allowed here`,
    `${hint}Write ${values.length > 1 ? 'one of ' : ''}${values.map((value) => `\`${value}\``).join(', ')}.`,
  ]
}

/** Gates that are keys of their own beside `gates`. */
const OWN_KEYS: Readonly<Record<string, string>> = {
  soak: 'Write `soak: 15m` beside `gates`.',
  approval: 'Write `approval: true` beside `gates`.',
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text
}

function nounOf(path: Path): string | undefined {
  if (path.at(-1) === 'strategy') return 'strategy'
  return path.includes('gates') ? 'gate' : undefined
}

function valueAt(root: Located, path: Path): string {
  const node = nodeAt(root, path)
  if (node?.kind === 'map') return 'This map'
  if (node?.kind === 'list') return 'This list'
  return node === undefined || node.value === null ? 'An empty value' : shown(node.source)
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: '`true` or `false`',
  array: 'a list',
  object: 'a map',
  record: 'a map',
}

function typeName(expected: string): string {
  return TYPES[expected] ?? expected
}

/** What the schema says about the key, as the remedy where nothing better is known. */
function hintFor(schema: z.ZodType, path: Path): string {
  const here = childSchema(schema, path)
  const description = here.map((each) => each.description).find((each) => each !== undefined)
  const keys = describedKeys(here).map((each) => each.key)
  if (description) return description
  return keys.length > 0 ? `Keys here: ${keys.join(', ')}.` : 'See the plan format: `serin schema plan`.'
}
