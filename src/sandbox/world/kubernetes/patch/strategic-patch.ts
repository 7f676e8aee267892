import { canonicalJson } from '../../../../model/canonical-json.ts'
import { WireError } from '../../../contract.ts'
import { isRecord } from '../../../record.ts'
import { listRule } from './merge-keys.ts'

type Items = readonly unknown[]

/**
 * Strategic merge: as a merge patch, but lists with a merge key are merged item by item. Understands the directives
 * `$patch: delete|replace|merge`, `$deleteFromPrimitiveList/…`, `$setElementOrder/…` and `$retainKeys`.
 * Source: k8s.io/apimachinery, pkg/util/strategicpatch.
 */
export function strategicPatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch
  const { $patch: directive, $retainKeys: retained, ...members } = patch
  if (directive === 'replace') return members
  if (directive === 'delete') return {}
  const result: Record<string, unknown> = isRecord(target) ? { ...target } : {}
  if (Array.isArray(retained)) for (const member of Object.keys(result)) if (!retained.includes(member)) delete result[member]
  const plain = Object.entries(members).filter(([member]) => !member.startsWith('$'))
  for (const [member, value] of plain) patchMember(result, member, value)
  for (const [member, value] of Object.entries(members)) applyDirective(result, member, value)
  return result
}

function patchMember(result: Record<string, unknown>, member: string, value: unknown): void {
  const before = result[member]
  if (value === null) delete result[member]
  else if (Array.isArray(value)) result[member] = patchList(member, Array.isArray(before) ? before : [], value)
  else result[member] = strategicPatch(before, value)
}

function patchList(member: string, before: Items, patch: Items): Items {
  const replaces = patch.some((item) => isRecord(item) && item.$patch === 'replace' && Object.keys(item).length === 1)
  if (replaces) return patch.filter((item) => !(isRecord(item) && item.$patch === 'replace'))
  const rule = listRule(member, patch[0] ?? before[0])
  if (rule.kind === 'set') return [...new Set([...before, ...patch])]
  return rule.kind === 'whole' ? patch : mergeByKey(rule.keys[0] ?? '', before, patch)
}

function mergeByKey(key: string, before: Items, patch: Items): Items {
  let items = [...before]
  for (const change of patch) {
    if (!isRecord(change) || change[key] === undefined)
      throw new WireError(400, 'BadRequest', `map: ${JSON.stringify(change)} does not contain declared merge key: ${key}`)
    const at = items.findIndex((item) => isRecord(item) && item[key] === change[key])
    if (change.$patch === 'delete') items = items.filter((_, index) => index !== at)
    else if (at === -1) items.push(strategicPatch({}, change))
    else items[at] = strategicPatch(items[at], change)
  }
  return items
}

function applyDirective(result: Record<string, unknown>, name: string, value: unknown): void {
  const [directive = '', member = ''] = name.split('/')
  const list = result[member]
  if (!Array.isArray(list) || !Array.isArray(value)) return
  if (directive === '$deleteFromPrimitiveList') result[member] = list.filter((item) => !value.includes(item))
  if (directive === '$setElementOrder') result[member] = ordered(member, list, value)
}

/** Items the order names come first, in that order; the rest keep theirs. */
function ordered(member: string, list: Items, order: Items): Items {
  const rule = listRule(member, order[0] ?? list[0])
  const identity = (item: unknown): string => canonicalJson(rule.kind === 'by-key' && isRecord(item) ? item[rule.keys[0] ?? ''] : item)
  const places = new Map(order.map((item, at) => [identity(item), at]))
  return [...list].sort((a, b) => (places.get(identity(a)) ?? order.length) - (places.get(identity(b)) ?? order.length))
}
