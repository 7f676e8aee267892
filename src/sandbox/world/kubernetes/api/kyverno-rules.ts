import { globMatches } from '../../../../model/glob.ts'
import { selectorMatches } from '../../../../model/kubernetes.ts'
import { WireError } from '../../../contract.ts'
import { isRecord } from '../../../record.ts'
import type { AdmissionRequest } from './requests.ts'

/** When a rule of a Kyverno policy applies. Source: https://kyverno.io/docs/policy-types/cluster-policy/match-exclude/ and …/preconditions/. */
export interface PolicyRule {
  readonly name: string
  readonly match?: Filter
  readonly exclude?: Filter
  readonly preconditions?: Conditions
  readonly mutate?: { readonly patchStrategicMerge?: unknown; readonly patchesJson6902?: string }
}

interface Filter extends Part {
  readonly any?: readonly Part[]
  readonly all?: readonly Part[]
}

interface Part {
  readonly resources?: Resources
  readonly subjects?: readonly { readonly kind: string; readonly name: string; readonly namespace?: string }[]
}

interface Resources {
  readonly kinds?: readonly string[]
  readonly names?: readonly string[]
  readonly namespaces?: readonly string[]
  readonly operations?: readonly string[]
  readonly selector?: Parameters<typeof selectorMatches>[0]
}

type Condition = { readonly key: unknown; readonly operator: string; readonly value: unknown }
type Conditions = readonly Condition[] | { readonly any?: readonly Condition[]; readonly all?: readonly Condition[] }

export function ruleApplies(rule: PolicyRule, request: AdmissionRequest): boolean {
  if (!filterMatches(rule.match, request)) return false
  if (rule.exclude !== undefined && filterMatches(rule.exclude, request)) return false
  return conditionsHold(rule.preconditions, request)
}

function filterMatches(filter: Filter | undefined, request: AdmissionRequest): boolean {
  if (filter === undefined) return false
  if (filter.any !== undefined) return filter.any.some((part) => partMatches(part, request))
  if (filter.all !== undefined) return filter.all.every((part) => partMatches(part, request))
  return partMatches(filter, request)
}

function partMatches({ resources, subjects }: Part, request: AdmissionRequest): boolean {
  if (resources === undefined && subjects === undefined) return false
  return (
    (resources === undefined || resourcesMatch(resources, request)) &&
    (subjects === undefined || subjects.some((each) => isSubject(each, request)))
  )
}

function resourcesMatch(
  resources: Resources,
  { operation, kind, namespace, name, object, oldObject, subresource }: AdmissionRequest,
): boolean {
  const { kinds, names, namespaces, operations, selector } = resources
  const labels = (object ?? oldObject)?.metadata.labels
  return (
    (kinds === undefined || kinds.some((each) => kindMatches(each, kind.kind, subresource))) &&
    (names === undefined || names.some((pattern) => globMatches(pattern, name))) &&
    (namespaces === undefined || namespaces.some((pattern) => globMatches(pattern, namespace ?? ''))) &&
    (operations === undefined || operations.includes(operation)) &&
    (selector === undefined || selectorMatches(selector, labels))
  )
}

/** `Pod`, `v1/Pod`, `apps/v1/Deployment`, `Pod/status`, `*`. */
export function kindMatches(pattern: string, kind: string, subresource: string | undefined): boolean {
  const parts = pattern.split(/[/.]/)
  const at = parts.findIndex((part) => /^[A-Z*]/.test(part) && part !== '*')
  const [wanted = '', part] = at === -1 ? [parts.at(-1) ?? ''] : parts.slice(at)
  return globMatches(wanted, kind) && part === subresource
}

function isSubject(
  subject: { readonly kind: string; readonly name: string; readonly namespace?: string },
  { user }: AdmissionRequest,
): boolean {
  const { kind, name, namespace = '' } = subject
  if (kind === 'User') return globMatches(name, user.username)
  if (kind === 'Group') return user.groups.some((group) => globMatches(name, group))
  return kind === 'ServiceAccount' && user.username === `system:serviceaccount:${namespace}:${name}`
}

function conditionsHold(conditions: Conditions | undefined, request: AdmissionRequest): boolean {
  if (conditions === undefined) return true
  const all = Array.isArray(conditions) ? (conditions as readonly Condition[]) : ((conditions as { all?: readonly Condition[] }).all ?? [])
  const any = Array.isArray(conditions) ? undefined : (conditions as { any?: readonly Condition[] }).any
  const holds = (condition: Condition): boolean => conditionHolds(condition, request)
  return all.every(holds) && (any === undefined || any.some(holds))
}

type Test = (key: readonly string[], value: readonly string[]) => boolean

const among = (text: string, patterns: readonly string[]): boolean => patterns.some((pattern) => globMatches(pattern, text))

const OPERATORS: Readonly<Record<string, Test>> = {
  Equals: (key, value) => key.every((each) => among(each, value)),
  NotEquals: (key, value) => !key.every((each) => among(each, value)),
  In: (key, value) => key.every((each) => among(each, value)),
  AnyIn: (key, value) => key.some((each) => among(each, value)),
  AllIn: (key, value) => key.every((each) => among(each, value)),
  NotIn: (key, value) => key.some((each) => !among(each, value)),
  AnyNotIn: (key, value) => key.some((each) => !among(each, value)),
  AllNotIn: (key, value) => key.every((each) => !among(each, value)),
}

function conditionHolds({ key, operator, value }: Condition, request: AdmissionRequest): boolean {
  const [left, right] = [key, value].map((side) => [substituted(side, request)].flat().map((each) => String(each ?? '')))
  return OPERATORS[operator]?.(left ?? [], right ?? []) ?? false
}

const VARIABLE = /\{\{-?\s*(request\.[\w.-]+|serviceAccountName)\s*(?:\|\|\s*['"`]([^'"`]*)['"`]\s*)?\}\}/g

/** A value with the variables in its texts replaced. */
export function substituted(value: unknown, request: AdmissionRequest): unknown {
  if (Array.isArray(value)) return value.map((each) => substituted(each, request))
  if (isRecord(value)) return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, substituted(each, request)]))
  if (typeof value !== 'string') return value
  return value.replace(VARIABLE, (_all, path: string, otherwise = '') => String(variable(path, request) ?? otherwise))
}

function variable(path: string, request: AdmissionRequest): unknown {
  if (path === 'serviceAccountName') return request.user.username.split(':')[3]
  const { operation, namespace, name, object, oldObject, user } = request
  const known = { operation, namespace, name, object, oldObject, userInfo: user }
  return path
    .split('.')
    .slice(1)
    .reduce<unknown>((value, member) => (isRecord(value) ? value[member] : undefined), known)
}

/** Throws WireError 501 for a rule that says more than the sandbox understands: it would silently do something else. */
export function requireUnderstood(rule: Record<string, unknown>): void {
  const known = new Set(['name', 'match', 'exclude', 'preconditions', 'mutate', 'skipBackgroundRequests'])
  const odd = Object.keys(rule).find((member) => !known.has(member))
  if (odd !== undefined) throw unknown(`a rule with ${odd}`)
  const mutate = isRecord(rule.mutate) ? rule.mutate : {}
  const oddMutation = Object.keys(mutate).find((member) => member !== 'patchStrategicMerge' && member !== 'patchesJson6902')
  if (oddMutation !== undefined) throw unknown(`mutate.${oddMutation}`)
  const texts = JSON.stringify([rule.preconditions ?? [], mutate])
  const left = texts.replaceAll('\\"', "'").replace(VARIABLE, '')
  if (left.includes('{{')) throw unknown(`the variable ${/\{\{[^}]*\}\}/.exec(left)?.[0] ?? '{{'}`)
  for (const [, operator = ''] of texts.matchAll(/"operator":"(\w+)"/g))
    if (OPERATORS[operator] === undefined) throw unknown(`the operator ${operator}`)
  for (const filter of [rule.match, rule.exclude]) requirePartsUnderstood(filter)
}

const KNOWN_PARTS = new Set(['any', 'all', 'resources', 'subjects'])
const KNOWN_RESOURCES = new Set(['kinds', 'names', 'namespaces', 'operations', 'selector'])

function requirePartsUnderstood(filter: unknown): void {
  if (!isRecord(filter)) return
  const parts = [filter, ...(Array.isArray(filter.any) ? filter.any : []), ...(Array.isArray(filter.all) ? filter.all : [])].filter(
    isRecord,
  )
  for (const part of parts) {
    const odd = Object.keys(part).find((member) => !KNOWN_PARTS.has(member))
    const oddResource = isRecord(part.resources) ? Object.keys(part.resources).find((member) => !KNOWN_RESOURCES.has(member)) : undefined
    if (odd ?? oddResource) throw unknown(`${odd ?? `resources.${oddResource}`} in match or exclude`)
  }
}

function unknown(what: string): WireError {
  return new WireError(501, 'NotImplemented', `the sandbox does not simulate Kyverno policies with ${what}`)
}
