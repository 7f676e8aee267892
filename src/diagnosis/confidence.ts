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

/** Share of the diagnoses of each strength that were right, from `npm run bench -- diagnosis` on worlds held back. */
const SHARE_RIGHT: readonly (readonly [strength: number, share: number])[] = [
  [1, 0.5],
  [2, 0.8],
  [3, 0.9],
  [4, 0.95],
]

export function confidenceOf(strength: number): number {
  const row = SHARE_RIGHT.findLast(([least]) => strength >= least)
  return row?.[1] ?? 0.25
}

export function likelihoodOf(confidence: number): Likelihood {
  if (confidence >= 0.95) return 'certain'
  return confidence >= 0.75 ? 'likely' : 'possible'
}
