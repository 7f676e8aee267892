import { WireError } from '../../contract.ts'
import type { ApiRequest } from './request.ts'

/**
 * Whether the versions a list or watch asks for go together.
 * Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions; k8s.io/apimachinery,
 * pkg/apis/meta/internalversion/validation. Throws WireError 422.
 */
export function requireFittingVersions({ request }: ApiRequest, isWatch: boolean): void {
  const { query } = request
  const match = query.get('resourceVersionMatch') ?? ''
  const version = query.get('resourceVersion') ?? ''
  const initial = query.get('sendInitialEvents')
  const problem = isWatch ? watchProblem(match, initial) : listProblem(match, version, query.get('continue') ?? '', initial)
  if (problem === undefined) return
  const { field, message } = problem
  const reason = message.startsWith('Unsupported') ? 'FieldValueNotSupported' : 'FieldValueForbidden'
  const details = { group: 'meta.k8s.io', kind: 'ListOptions', causes: [{ reason, message, field }] }
  throw new WireError(422, 'Invalid', `ListOptions.meta.k8s.io "" is invalid: ${field}: ${message}`, { details })
}

interface Problem {
  readonly field: string
  readonly message: string
}

function watchProblem(match: string, initial: string | null): Problem | undefined {
  if (initial === null)
    return match === '' ? undefined : forbidden('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided')
  return match === 'NotOlderThan' ? undefined : forbidden('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')
}

function listProblem(match: string, version: string, continued: string, initial: string | null): Problem | undefined {
  if (initial !== null) return { field: 'sendInitialEvents', message: 'Forbidden: sendInitialEvents is forbidden for list' }
  if (match === '') return undefined
  if (continued !== '') return forbidden('resourceVersionMatch is forbidden when continue is provided')
  if (version === '') return forbidden('resourceVersionMatch is forbidden unless resourceVersion is provided')
  if (match !== 'Exact' && match !== 'NotOlderThan')
    return { field: 'resourceVersionMatch', message: `Unsupported value: "${match}": supported values: "Exact", "NotOlderThan"` }
  return match === 'Exact' && version === '0' ? forbidden('resourceVersionMatch "exact" is forbidden for resourceVersion "0"') : undefined
}

function forbidden(text: string): Problem {
  return { field: 'resourceVersionMatch', message: `Forbidden: ${text}` }
}
