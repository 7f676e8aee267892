import type { StoredObject } from '../../contract.ts'
import { fail } from './status.ts'

/** Whether an object is among those asked for. Undefined stands for all. */
export type Matcher = ((object: StoredObject) => boolean) | undefined

type Labels = Readonly<Record<string, string>>

/** Reads `a=b,c!=d,e in (f,g),h notin (i),j,!k`. Throws StatusError 400. */
export function labelMatcher(selector: string | null): Matcher {
  if (selector === null || selector.trim() === '') return undefined
  const requirements = splitOutsideParentheses(selector).map((part) => labelRequirement(part.trim()))
  return (object) => {
    const labels = object.metadata.labels ?? {}
    return requirements.every((requirement) => requirement(labels))
  }
}

function splitOutsideParentheses(selector: string): readonly string[] {
  return selector.match(/([^,(]+(\([^)]*\))?)+/g) ?? []
}

function labelRequirement(text: string): (labels: Labels) => boolean {
  const [, key = '', operator = '', values = ''] = /^([^\s=!()]+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(text) ?? []
  if (key !== '')
    return setRequirement(
      key,
      operator,
      values.split(',').map((value) => value.trim()),
    )
  const [, left = '', sign = '', right = ''] = /^([^\s=!]+)\s*(==|=|!=)\s*(\S*)$/.exec(text) ?? []
  if (left !== '') return sign === '!=' ? (labels) => labels[left] !== right : (labels) => labels[left] === right
  const [, not = '', name = ''] = /^(!?)\s*([^\s=!()]+)$/.exec(text) ?? []
  if (name === '') return fail(400, 'BadRequest', `unable to parse requirement: ${text}`)
  return (labels) => (labels[name] !== undefined) === (not === '')
}

function setRequirement(key: string, operator: string, values: readonly string[]): (labels: Labels) => boolean {
  const wanted = new Set(values)
  return (labels) => {
    const value = labels[key]
    return operator === 'in' ? value !== undefined && wanted.has(value) : value === undefined || !wanted.has(value)
  }
}

interface FieldRequirement {
  readonly path: string
  readonly parts: readonly string[]
  readonly equal: boolean
  readonly value: string
}

/** Fields by kind that the API server selects by; `metadata.name` and `metadata.namespace` go for all. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  Pod: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  Node: ['spec.unschedulable'],
  Namespace: ['status.phase'],
  ReplicaSet: ['status.replicas'],
  Job: ['status.successful'],
  Event: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
}

const COMMON_FIELDS: readonly string[] = ['metadata.name', 'metadata.namespace']

/** Reads `spec.nodeName=x,status.phase!=Failed`. Throws StatusError 400 for a field the kind has no selector for. */
export function fieldRequirements(kind: string, selector: string | null): readonly FieldRequirement[] {
  if (selector === null || selector === '') return []
  return selector.split(',').map((text) => {
    const [, path = '', sign = '', value = ''] = /^([^=!]+)(==|=|!=)(.*)$/.exec(text) ?? []
    if (path === '') return fail(400, 'BadRequest', `invalid selector: '${text}'; can't understand '${text}'`)
    if (![...COMMON_FIELDS, ...(FIELDS[kind] ?? [])].includes(path)) return fail(400, 'BadRequest', `field label not supported: ${path}`)
    return { path, parts: path.split('.'), equal: sign !== '!=', value }
  })
}

export function fieldMatcher(requirements: readonly FieldRequirement[]): Matcher {
  if (requirements.length === 0) return undefined
  return (object) => requirements.every((requirement) => (fieldText(object, requirement) === requirement.value) === requirement.equal)
}

/** The value a field is required to have, when it is required to have one. */
export function requiredField(requirements: readonly FieldRequirement[], path: string): string | undefined {
  return requirements.find((requirement) => requirement.path === path && requirement.equal)?.value
}

function fieldText(object: StoredObject, { path, parts }: FieldRequirement): string {
  let value: unknown = object
  for (const part of parts) {
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[part] : undefined
  }
  if (value === undefined || value === null) return path === 'spec.unschedulable' || path === 'spec.hostNetwork' ? 'false' : ''
  return String(value)
}

export function both(first: Matcher, second: Matcher): Matcher {
  if (first === undefined) return second
  if (second === undefined) return first
  return (object) => first(object) && second(object)
}
