import { keyedRandom } from '../../../src/model/keyed.ts'

/** Draws of one case: each is keyed by what it is for, so one more draw changes none of the others. */
export interface Draw {
  readonly seed: number
  unit(purpose: string): number
  chance(purpose: string, probability: number): boolean
  whole(purpose: string, low: number, high: number): number
  pick<T>(purpose: string, list: readonly T[]): T
  shuffled<T>(purpose: string, list: readonly T[]): readonly T[]
}

export function drawsOf(seed: number): Draw {
  const unit = (purpose: string): number => keyedRandom('diagnosis-corpus', seed, purpose)
  return {
    seed,
    unit,
    chance: (purpose, probability) => unit(purpose) < probability,
    whole: (purpose, low, high) => low + Math.floor(unit(purpose) * (high - low + 1)),
    pick<T>(purpose: string, list: readonly T[]): T {
      return list[Math.floor(unit(purpose) * list.length)] as T
    },
    shuffled: (purpose, list) =>
      list
        .map((item, index) => ({ item, key: unit(`${purpose}/${index}`) }))
        .sort((a, b) => a.key - b.key)
        .map(({ item }) => item),
  }
}
