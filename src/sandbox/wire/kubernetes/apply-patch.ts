import { isRecord } from '../../record.ts'
import { KEY_DEFAULTS, listRule } from '../../world/kubernetes/patch/merge-keys.ts'

/**
 * Server-side apply without ownership: what is given is set, lists with a merge key are merged item by item, and nothing
 * is taken away because a manager stopped giving it.
 */
export function applyPatch(target: unknown, given: unknown, member = ''): unknown {
  if (Array.isArray(given)) return applyList(member, Array.isArray(target) ? target : [], given)
  if (!isRecord(given)) return given
  const result: Record<string, unknown> = isRecord(target) ? { ...target } : {}
  for (const [name, value] of Object.entries(given)) result[name] = applyPatch(result[name], value, name)
  return result
}

function applyList(member: string, before: readonly unknown[], given: readonly unknown[]): readonly unknown[] {
  const rule = listRule(member, given[0] ?? before[0])
  if (rule.kind === 'whole') return given
  if (rule.kind === 'set') return [...new Set([...before, ...given])]
  const items = [...before]
  for (const item of given) {
    const at = items.findIndex(
      (old) =>
        isRecord(old) && isRecord(item) && rule.keys.every((key) => (old[key] ?? KEY_DEFAULTS[key]) === (item[key] ?? KEY_DEFAULTS[key])),
    )
    if (at === -1) items.push(item)
    else items[at] = applyPatch(items[at], item)
  }
  return items
}
