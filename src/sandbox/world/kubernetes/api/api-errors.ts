import { WireError } from '../../../contract.ts'
import type { ServedKind } from './kinds.ts'
import { qualifiedName } from './kinds.ts'

/** One thing wrong with an object, as field errors of the API name it. */
export interface FieldProblem {
  readonly field: string
  readonly reason: 'FieldValueInvalid' | 'FieldValueRequired' | 'FieldValueForbidden' | 'FieldValueNotSupported' | 'FieldValueDuplicate'
  /** `Invalid value: "x": …`, `Required value`, `Forbidden: …`. */
  readonly message: string
}

/** 422 Invalid with a cause for each problem. */
export function invalid({ group, kind }: ServedKind, name: string, problems: readonly FieldProblem[]): WireError {
  const texts = problems.map(({ field, message }) => `${field}: ${message}`)
  const because = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`
  const details = {
    name,
    ...(group === '' ? {} : { group }),
    kind,
    causes: problems.map(({ field, reason, message }) => ({ reason, message, field })),
  }
  return new WireError(422, 'Invalid', `${kind}${group === '' ? '' : `.${group}`} "${name}" is invalid: ${because}`, { details })
}

/** 403: nothing can be made in a namespace that is being deleted. Source: k8s.io/apiserver, pkg/admission/plugin/namespace/lifecycle. */
export function terminatingNamespace(name: string): WireError {
  const message = `unable to create new content in namespace ${name} because it is being terminated`
  return new WireError(403, 'Forbidden', message, { details: { causes: [{ reason: TERMINATING, message, field: 'metadata.namespace' }] } })
}

const TERMINATING = 'NamespaceTerminating'

/** Whether something was refused because its namespace is being deleted. */
export function isTerminatingNamespace({ extra }: WireError): boolean {
  const { causes = [] } = (extra.details ?? {}) as { readonly causes?: readonly { readonly reason?: string }[] }
  return causes.some(({ reason }) => reason === TERMINATING)
}

/** 409 Conflict in the words of the API server. */
export function conflict(kind: ServedKind, name: string, because: string): WireError {
  return new WireError(409, 'Conflict', `Operation cannot be fulfilled on ${qualifiedName(kind)} "${name}": ${because}`)
}

export function required(field: string, detail = ''): FieldProblem {
  return { field, reason: 'FieldValueRequired', message: detail === '' ? 'Required value' : `Required value: ${detail}` }
}

export function forbidden(field: string, detail: string): FieldProblem {
  return { field, reason: 'FieldValueForbidden', message: `Forbidden: ${detail}` }
}

export function invalidValue(field: string, value: unknown, detail: string): FieldProblem {
  return { field, reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(value)}: ${detail}` }
}

export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldProblem {
  const list = supported.map((each) => JSON.stringify(each)).join(', ')
  return { field, reason: 'FieldValueNotSupported', message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${list}` }
}
