import type { StoredObject } from '../../contract.ts'
import { fail } from './status.ts'

/** Lists being read page by page: later pages show what the first one saw. */
export interface ListPages {
  /** The token for what comes after `offset` items. */
  token(key: string, version: number, items: readonly StoredObject[], offset: number): string
  /** Throws StatusError 410 when the list is no longer held. */
  resume(token: string): { readonly version: number; readonly items: readonly StoredObject[]; readonly offset: number }
}

const HELD = 64

export function createPages(): ListPages {
  const held = new Map<string, { version: number; items: readonly StoredObject[] }>()
  return {
    token(key, version, items, offset) {
      const id = `${version} ${key}`
      held.delete(id)
      held.set(id, { version, items })
      for (const oldest of [...held.keys()].slice(0, Math.max(0, held.size - HELD))) held.delete(oldest)
      return Buffer.from(JSON.stringify({ id, offset })).toString('base64url')
    },
    resume(token) {
      const { id, offset } = readToken(token)
      const list = held.get(id)
      if (list === undefined) {
        return fail(410, 'Expired', 'The provided continue parameter is too old to display a consistent list result.')
      }
      return { ...list, offset }
    },
  }
}

function readToken(token: string): { id: string; offset: number } {
  try {
    const { id, offset } = JSON.parse(Buffer.from(token, 'base64url').toString())
    return { id: String(id), offset: Number(offset) }
  } catch {
    return fail(400, 'BadRequest', 'continue key is not valid')
  }
}
