import type { CheckDefinition } from '../catalog/checks/definition.ts'
import type { WAIVER_CODES } from '../catalog/codes.ts'
import type { Finding } from '../model/finding.ts'
import { DAY, type Instant, instantOf, iso } from '../model/instant.ts'
import type { Waiver } from '../model/plan.ts'

type WaiverCode = keyof typeof WAIVER_CODES

/**
 * Findings with the plan's waivers applied, and findings about waivers that do not apply.
 * A waiver counts for one code and one subject and for its own verdict only, and has to last until the run's forecast end:
 * it ends with its day in UTC.
 */
export function applyWaivers(
  findings: readonly Finding[],
  waivers: readonly Waiver[],
  checks: readonly CheckDefinition[],
  { now, endsAt }: { readonly now: Instant; readonly endsAt: Instant },
): readonly Finding[] {
  const refused = waivers.filter((waiver) => checks.some((check) => check.code === waiver.code && !check.waivable))
  const expired = waivers.filter((waiver) => !refused.includes(waiver) && !isInForce(waiver, endsAt))
  const inForce = waivers.filter((waiver) => !refused.includes(waiver) && !expired.includes(waiver))
  const unused = inForce.filter((waiver) => !findings.some((finding) => matches(waiver, finding)))
  return [
    ...findings.map((finding) => waived(finding, inForce)),
    ...refused.map((waiver) =>
      about('WAIVER_REFUSED', waiver, `${waiver.code} cannot be waived; the waiver of ${waiver.owner} has no effect.`),
    ),
    ...expired.map((waiver) => about('WAIVER_EXPIRED', waiver, endedBecause(waiver, now, endsAt))),
    ...unused.map((waiver) => about('WAIVER_UNUSED', waiver, unusedBecause(waiver, findings))),
  ]
}

function matches(waiver: Waiver, finding: Finding): boolean {
  return finding.code === waiver.code && finding.subject === waiver.subject && finding.verdict === waiver.verdict
}

function waived(finding: Finding, waivers: readonly Waiver[]): Finding {
  const waivedBy = waivers.find((waiver) => matches(waiver, finding))
  return waivedBy ? { ...finding, waivedBy } : finding
}

function endedBecause(waiver: Waiver, now: Instant, endsAt: Instant): string {
  const { owner, expires } = waiver
  if (!isInForce(waiver, now)) return `The waiver of ${owner} ended on ${expires} (UTC).`
  return `The waiver of ${owner} ends on ${expires} (UTC), before the run does, about ${iso(endsAt)}.`
}

/** A day that cannot be read is over. */
function isInForce(waiver: Waiver, now: Instant): boolean {
  const day = instantOf(`${waiver.expires}T00:00:00Z`)
  return day !== undefined && now < day + DAY
}

function unusedBecause({ code, subject, verdict, owner }: Waiver, findings: readonly Finding[]): string {
  const near = findings.find((finding) => finding.code === code && finding.subject === subject)
  const because = near ? `the finding says ${near.verdict}, the waiver is for ${verdict}` : `no finding ${code} is about ${subject}`
  return `The waiver of ${owner} matches nothing: ${because}.`
}

function about(code: WaiverCode, waiver: Waiver, message: string): Finding {
  const remedy = code === 'WAIVER_EXPIRED' ? 'Judge it anew: give it another day, or mend what it waived.' : 'Take it out of the plan.'
  return { code, verdict: 'warn', subject: `Waiver/${waiver.code}/${waiver.subject}`, message, remedy }
}
