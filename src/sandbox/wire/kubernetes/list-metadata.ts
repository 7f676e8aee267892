import type { ApiRequest } from './request.ts'

export interface MorePages {
  readonly token: string
  readonly left: number
}

/** The metadata of a list. How much is left is told only where nothing selects, as the API server does. */
export function listMetadata({ request }: ApiRequest, version: string, more: MorePages | undefined): Record<string, unknown> {
  if (more === undefined) return { resourceVersion: version }
  const selects = (request.query.get('labelSelector') ?? '') !== '' || (request.query.get('fieldSelector') ?? '') !== ''
  return { resourceVersion: version, continue: more.token, ...(selects ? {} : { remainingItemCount: more.left }) }
}
