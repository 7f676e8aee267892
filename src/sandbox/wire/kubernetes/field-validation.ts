import { invalid } from '../../world/kubernetes/api/api-errors.ts'
import type { ServedKind } from '../../world/kubernetes/api/kinds.ts'
import type { Examination } from '../../world/kubernetes/fields/examine.ts'
import { examine } from '../../world/kubernetes/fields/examine.ts'
import { typeOfKind } from '../../world/kubernetes/fields/field-type.ts'
import { duplicateMembers } from './duplicates.ts'
import type { ApiRequest, Body } from './request.ts'
import { fail } from './status.ts'

/**
 * Holds what a client sent against its kind. With `fieldValidation=Strict` unknown and duplicate fields are refused, with
 * `Warn` (what the API server does unasked) they are named in Warning headers, and dropped in either case but the first.
 * Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#setting-the-field-validation-level.
 * Throws StatusError 400, and WireError 422 for custom resources that do not fit their schema.
 */
export function validatedBody(
  api: ApiRequest,
  body: Body,
  text: string,
  refuse: (problems: string) => never,
  asked = api.request.query.get('fieldValidation'),
): Body {
  const { kind } = api.target
  const examination = examine(body, typeOfKind(kind))
  const directive = asked || 'Warn'
  const problems =
    directive === 'Ignore'
      ? []
      : [
          ...examination.unknown.map((path) => `unknown field "${path}"`),
          ...duplicateMembers(text).map((path) => `duplicate field "${path}"`),
        ]
  if (problems.length > 0 && directive === 'Strict') return refuse(`strict decoding error: ${problems.join(', ')}`)
  api.warnings.push(...problems)
  requireTypes(kind, body, examination)
  return examination.object as Body
}

function requireTypes(kind: ServedKind, body: Body, { mistyped, missing }: Examination): void {
  const [first] = mistyped
  if (kind.custom === undefined) {
    if (first === undefined) return
    const because = `json: cannot unmarshal ${first.found} into Go struct field ${kind.kind}.${first.path} of type ${first.wanted}`
    cannotBeHandled(kind, because)
  }
  const problems = [
    ...missing.map((field) => ({ field, reason: 'FieldValueRequired', message: 'Required value' }) as const),
    ...mistyped.map(({ path, wanted, found }) => {
      const message = `Invalid value: "${found}": ${path} in body must be of type ${wanted}: "${found}"`
      return { field: path, reason: 'FieldValueInvalid', message } as const
    }),
  ]
  if (problems.length > 0) throw invalid(kind, String((body.metadata as { name?: string } | undefined)?.name ?? ''), problems)
}

/** 400 for a body that is no object of the kind. */
export function cannotBeHandled({ kind, version }: ServedKind, because: string): never {
  return fail(400, 'BadRequest', `${kind} in version "${version}" cannot be handled as a ${kind}: ${because}`)
}
