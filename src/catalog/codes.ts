import { CHECKS } from './checks/registry.ts'

/** What is said about waivers themselves; codes beside those of the checks. */
export const WAIVER_CODES = {
  WAIVER_REFUSED: 'A waiver for something that cannot be waived',
  WAIVER_EXPIRED: 'A waiver past its day',
  WAIVER_UNUSED: 'A waiver that matches no finding',
} as const

/** Every code that a finding may have, in the order of the checks. */
export const CODES: readonly { readonly code: string; readonly title: string }[] = [
  ...CHECKS.map(({ code, title }) => ({ code, title })),
  ...Object.entries(WAIVER_CODES).map(([code, title]) => ({ code, title })),
]
