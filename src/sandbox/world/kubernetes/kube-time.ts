import type { Instant } from '../../../model/instant.ts'
import { iso } from '../../../model/instant.ts'

/** `2026-11-23T10:00:00Z`: a time as the Kubernetes API prints it, to the second (rounded down). */
export function kubeTime(instant: Instant): string {
  return `${iso(instant).slice(0, 19)}Z`
}
