import { sameJson } from '../../../model/same-json.ts'
import { isRecord } from '../../record.ts'

/** What becomes of a field that somebody else changed and that the writer wants otherwise. */
export type ConflictMode = 'NONE' | 'OVERWRITE' | 'PRESERVE'

export interface Merge {
  readonly merged: unknown
  /** `.spec.containers[name="aws-node"].resources.requests.cpu`, in the order of the document; only of fields under NONE. */
  readonly conflicts: readonly string[]
}

/**
 * What a writer's application makes of an object: `last` is what he applied before (undefined: nothing), `live` what is there, `wanted`
 * what he applies. A field is somebody else's when it is not as he left it; fields that he no longer wants go unless somebody changed
 * them; fields that he never had stay. Lists whose items have names are merged by name, others are one value.
 * The outcome of server-side apply as far as `last` tells owners apart
 * (https://kubernetes.io/docs/reference/using-api/server-side-apply/).
 */
export function threeWay(last: unknown, live: unknown, wanted: unknown, modeAt: (path: string) => ConflictMode): Merge {
  const conflicts: string[] = []
  return { merged: mergeAt('', last, live, wanted), conflicts }

  function mergeAt(path: string, before: unknown, now: unknown, next: unknown): unknown {
    if (isRecord(now) && isRecord(next)) return mergeRecords(path, isRecord(before) ? before : {}, now, next)
    if (isNamedList(now) && isNamedList(next)) return mergeLists(path, isNamedList(before) ? before : [], now, next)
    return now === undefined || sameJson(now, next) || sameJson(now, before) ? next : contested(path, now, next)
  }

  /** Somebody else's field, which the writer wants otherwise. */
  function contested(path: string, now: unknown, next: unknown): unknown {
    const mode = modeAt(path)
    if (mode === 'NONE') conflicts.push(path)
    return mode === 'OVERWRITE' ? next : now
  }

  function mergeRecords(
    path: string,
    before: Record<string, unknown>,
    now: Record<string, unknown>,
    next: Record<string, unknown>,
  ): Record<string, unknown> {
    const merged: Record<string, unknown> = {}
    for (const [key, value] of Object.entries(next)) merged[key] = mergeAt(`${path}.${key}`, before[key], now[key], value)
    for (const [key, value] of Object.entries(now)) if (!(key in next) && stays(before[key], value)) merged[key] = value
    return merged
  }

  function mergeLists(path: string, before: readonly Named[], now: readonly Named[], next: readonly Named[]): readonly unknown[] {
    const of = (list: readonly Named[], name: string) => list.find((item) => item.name === name)
    const merged = next.map((item) => mergeAt(`${path}[name="${item.name}"]`, of(before, item.name), of(now, item.name), item))
    const others = now.filter((item) => of(next, item.name) === undefined && stays(of(before, item.name), item))
    return [...merged, ...others]
  }
}

interface Named extends Record<string, unknown> {
  readonly name: string
}

function isNamedList(value: unknown): value is readonly Named[] {
  return Array.isArray(value) && value.every((item) => isRecord(item) && typeof item.name === 'string')
}

/** A field that is no longer wanted stays when somebody else set or changed it. */
function stays(before: unknown, now: unknown): boolean {
  return before === undefined || !sameJson(before, now)
}
