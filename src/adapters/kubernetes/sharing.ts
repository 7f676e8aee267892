import type { KubernetesObject } from '../../model/kubernetes.ts'

/** Owners come and go for as long as a run lasts; those forgotten only cost what is not shared. */
const MOST_OWNERS = 2_000

/**
 * Pods of one owner say the same in most of what they say: of parts that are equal, one copy is kept for all of them.
 * The function given back takes an object that nobody else holds yet, and changes it in place.
 */
export function createSharing(): <T extends KubernetesObject>(object: T) => T {
  const newest = new Map<string, KubernetesObject>()
  return (object) => {
    const owner = object.kind === 'Pod' ? object.metadata.ownerReferences?.[0]?.uid : undefined
    if (owner === undefined) return object
    const like = newest.get(owner)
    if (like !== undefined) withPartsOf(like, object)
    else if (newest.size >= MOST_OWNERS) newest.clear()
    newest.set(owner, object)
    return object
  }
}

type Members = Record<string, unknown>

/** The value it is like when both are equal; else itself, with those of its parts replaced that are. */
function withPartsOf(like: unknown, value: unknown): unknown {
  if (!isObject(like) || !isObject(value) || Array.isArray(like) !== Array.isArray(value)) return value
  if (like === value || Object.isFrozen(value)) return value
  const names = Object.keys(value)
  let same = names.length === Object.keys(like).length
  for (const name of names) {
    const [theirs, own] = [like[name], value[name]]
    const made = theirs === own ? own : withPartsOf(theirs, own)
    if (made !== own) value[name] = made
    if (made !== theirs) same = false
  }
  return same ? like : value
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null
}
