import type { Instant } from '../../../model/instant.ts'
import { iso } from '../../../model/instant.ts'

/** Texts of the seconds that were asked for: each stands in many objects. */
const texts = new Map<number, string>()
const KEPT = 10_000

/** `2026-11-23T10:00:00Z`: a time as the Kubernetes API prints it, to the second (rounded down). */
export function kubeTime(instant: Instant): string {
  const second = Math.floor(instant / 1000)
  const known = texts.get(second)
  if (known !== undefined) return known
  if (texts.size >= KEPT) texts.clear()
  const text = `${iso(second * 1000).slice(0, 19)}Z`
  texts.set(second, text)
  return text
}
