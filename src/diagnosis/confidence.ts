import type { Match, Weighed } from '../catalog/signatures/definition.ts'
import type { Likelihood } from '../model/diagnosis.ts'

/**
 * How strong a match is: of each kind of thing that is spoken of the weightiest fact counts, for and against. Ten nodes
 * that say the same weigh as much as one.
 */
export function strengthOf({ evidence, against }: Pick<Match, 'evidence' | 'against'>): number {
  return weightOf(evidence) - weightOf(against)
}

function weightOf(facts: readonly Weighed[]): number {
  const heaviest = new Map<string, number>()
  for (const { subject, weight } of facts) {
    const [kind = ''] = subject.split('/')
    heaviest.set(kind, Math.max(weight, heaviest.get(kind) ?? 0))
  }
  return [...heaviest.values()].reduce((sum, weight) => sum + weight, 0)
}

/**
 * Share of the claims of each strength that were right in the worlds of `npm run bench -- diagnosis` that are set apart for this:
 * 128 of 128, 21 of 21, 11 of 11, by the rule of succession, (right + 1) / (claims + 2). Weaker ones are too rare to be counted.
 */
const SHARE_RIGHT: readonly (readonly [strength: number, share: number])[] = [
  [1, 0.5],
  [2, 0.92],
  [3, 0.96],
  [4, 0.99],
]

/** What fits next to nothing, or has as much against it as for it. */
const WEAKEST = 0.25

export function confidenceOf(strength: number): number {
  return SHARE_RIGHT.findLast(([least]) => strength >= least)?.[1] ?? WEAKEST
}

export function likelihoodOf(confidence: number): Likelihood {
  if (confidence >= 0.98) return 'certain'
  return confidence >= 0.75 ? 'likely' : 'possible'
}
