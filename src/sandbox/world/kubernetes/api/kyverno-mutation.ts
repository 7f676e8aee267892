import { parse } from 'yaml'
import { globMatches } from '../../../../model/glob.ts'
import { isRecord } from '../../../record.ts'
import { jsonPatch } from '../patch/json-patch.ts'
import { strategicPatch } from '../patch/strategic-patch.ts'
import type { PolicyRule } from './kyverno-rules.ts'
import { substituted } from './kyverno-rules.ts'
import type { AdmissionRequest, NewObject } from './requests.ts'

/**
 * What the mutate part of a rule makes of an object: a JSON patch, or a strategic merge patch whose anchors are
 * understood: `+(member)` adds what is absent, `(member): pattern` is a condition on what is beside it.
 * Source: https://kyverno.io/docs/policy-types/cluster-policy/mutate/.
 */
export function mutatedBy({ mutate }: PolicyRule, request: AdmissionRequest, object: NewObject): NewObject {
  if (mutate?.patchesJson6902 !== undefined) {
    const operations = substituted(parse(mutate.patchesJson6902), request)
    return Array.isArray(operations) ? (jsonPatch(object, operations) as NewObject) : object
  }
  if (mutate?.patchStrategicMerge === undefined) return object
  const patch = resolved(substituted(mutate.patchStrategicMerge, request), object)
  return patch === undefined ? object : (strategicPatch(object, patch) as NewObject)
}

/** The overlay without its anchors, as it applies to a value; undefined when a condition does not hold. */
function resolved(overlay: unknown, value: unknown): unknown {
  if (Array.isArray(overlay)) return resolvedList(overlay, Array.isArray(value) ? value : [])
  if (!isRecord(overlay)) return overlay
  const before = isRecord(value) ? value : {}
  const members = Object.entries(overlay).map(([name, wanted]) => ({ ...anchored(name), wanted }))
  if (members.some(({ anchor, member, wanted }) => anchor === 'condition' && !conditionMatches(wanted, before[member]))) return undefined
  const applied = members.filter(({ anchor, member }) => anchor === 'none' || (anchor === 'add' && before[member] === undefined))
  const entries = applied.map(({ member, wanted }) => [member, resolved(wanted, before[member])] as const)
  return Object.fromEntries(entries.filter(([, next]) => next !== undefined))
}

/** `(member)`, `+(member)`, `member`. */
function anchored(name: string): { readonly anchor: 'condition' | 'add' | 'none'; readonly member: string } {
  const [, plus, member] = /^(\+?)\((.+)\)$/.exec(name) ?? []
  if (member === undefined) return { anchor: 'none', member: name }
  return { anchor: plus === '+' ? 'add' : 'condition', member }
}

function conditionMatches(pattern: unknown, value: unknown): boolean {
  if (isRecord(pattern)) return isRecord(value) && Object.entries(pattern).every(([name, each]) => conditionMatches(each, value[name]))
  return value !== undefined && globMatches(String(pattern), String(value))
}

/** An item with a condition stands for every item that meets it; it is merged by that item's name. */
function resolvedList(overlay: readonly unknown[], items: readonly unknown[]): readonly unknown[] | undefined {
  const result = overlay.flatMap((wanted): readonly unknown[] => {
    if (!isRecord(wanted) || !Object.keys(wanted).some((name) => name.startsWith('('))) return [wanted]
    return items.filter(isRecord).flatMap((item) => {
      const next = resolved(wanted, item)
      return isRecord(next) ? [{ name: item.name, ...next }] : []
    })
  })
  return result.length === 0 ? undefined : result
}
