import { type Instant, instantOf } from '../../model/instant.ts'
import { formatMinor, parseMinor } from '../../model/kubernetes-minor.ts'

/** When EKS ends its support of a minor. Read on 2026-11-20 from https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html */
const ENDS: readonly (readonly [minor: string, standard: string, extended: string])[] = [
  ['1.28', '2024-11-26', '2025-11-26'],
  ['1.29', '2025-03-23', '2026-03-23'],
  ['1.30', '2025-07-23', '2026-07-23'],
  ['1.31', '2025-11-26', '2026-11-26'],
  ['1.32', '2026-03-23', '2027-03-23'],
  ['1.33', '2026-07-29', '2027-07-29'],
  ['1.34', '2026-12-02', '2027-12-02'],
  ['1.35', '2027-03-27', '2028-03-27'],
]

export interface SupportEnds {
  readonly standard: Instant
  readonly extended: Instant
}

/** Undefined for a minor that the table does not know. */
export function supportEnds(version: string | undefined): SupportEnds | undefined {
  const minor = parseMinor(version)
  const row = minor && ENDS.find(([each]) => each === formatMinor(minor))
  const [standard, extended] = row ? [instantOf(row[1]), instantOf(row[2])] : []
  return standard === undefined || extended === undefined ? undefined : { standard, extended }
}
