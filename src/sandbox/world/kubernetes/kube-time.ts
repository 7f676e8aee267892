import type { Instant } from '../../../model/instant.ts'
import { iso } from '../../../model/instant.ts'

/** Most times that are printed are those of the moment. */
let last = { second: -1, text: '' }

/** `2026-11-23T10:00:00Z`: a time as the Kubernetes API prints it, to the second (rounded down). */
export function kubeTime(instant: Instant): string {
  const second = Math.floor(instant / 1000)
  if (second !== last.second) last = { second, text: `${iso(second * 1000).slice(0, 19)}Z` }
  return last.text
}
