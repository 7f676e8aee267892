import { canonicalJson } from '../../../model/canonical-json.ts'
import { keyedId } from '../../../model/keyed.ts'
import type { PodTemplate } from './objects.ts'

const hashes = new WeakMap<PodTemplate, string>()

/** The hash by which pods of a template are told apart; equal templates have equal hashes, also after a way back. */
export function templateHash(template: PodTemplate): string {
  const known = hashes.get(template)
  if (known !== undefined) return known
  const hash = keyedId(10, 'template', canonicalJson(template))
  hashes.set(template, hash)
  return hash
}
