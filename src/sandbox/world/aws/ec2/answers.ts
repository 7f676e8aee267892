import { WireError } from '../../../contract.ts'
import { type Input, numberOf, pageOf, textOf } from '../answers.ts'

function invalidToken(): WireError {
  return new WireError(400, 'InvalidNextToken', 'The token is invalid.')
}

/** Items by id, or all; an id that is not there is an error, as EC2 answers it. */
export function chosen<T>(
  all: readonly T[],
  ids: readonly string[],
  idOf: (item: T) => string,
  missing: (id: string) => WireError,
): readonly T[] {
  if (ids.length === 0) return all
  const byId = new Map(all.map((item) => [idOf(item), item]))
  return ids.map((id) => {
    const found = byId.get(id)
    if (found === undefined) throw missing(id)
    return found
  })
}

/** One page of items, described in the member they belong to. */
export function paged<T>(input: Input, items: readonly T[], member: string, describe: (item: T) => unknown): Record<string, unknown> {
  const page = pageOf(items, textOf(input, 'NextToken'), numberOf(input, 'MaxResults'), invalidToken)
  return { [member]: page.items.map(describe), NextToken: page.next }
}

export function regionOf(zone: string): string {
  return zone.replace(/[a-z]$/, '')
}
