import { expect } from 'vitest'
import type { CrashMoment, CrashPoint, Effects, Told } from './crash.ts'

/** Crashes at chosen effects of a driver, and what has to hold however often it died. */

const MOMENTS: readonly CrashMoment[] = ['before', 'after', 'torn']

/** Every point at which a driver with these effects can die. */
export function pointsOf(effects: Effects): readonly CrashPoint[] {
  return effects.flatMap((name, index) =>
    MOMENTS.filter((moment) => moment !== 'torn' || name === 'journal.append').map((moment) => ({ nth: index + 1, moment })),
  )
}

/** As many points as asked for, spread evenly over the run. */
export function sample(effects: Effects, count: number): readonly CrashPoint[] {
  const all = pointsOf(effects)
  const stride = Math.max(1, all.length / count)
  const spread = new Set(Array.from({ length: count }, (_, index) => all[Math.floor(index * stride)]))
  return all.filter((point) => spread.has(point))
}

/** The points at which EKS, Auto Scaling or Kubernetes is told to change something. */
export function mutations(effects: Effects): readonly CrashPoint[] {
  return pointsOf(effects).filter(({ nth }) => /^(eks|kubernetes|autoScaling)\./.test(effects[nth - 1] ?? ''))
}

/** Words for a point, for the titles of tests. */
export function wordsFor(effects: Effects, { nth, moment }: CrashPoint): string {
  return `${moment === 'torn' ? 'in the middle of' : moment} effect ${nth}, ${effects[nth - 1]}`
}

/** The run ends as it would have without a crash, and EKS accepted every update once. */
export function expectSameEnd(told: Told, calm: Told, crashes: number): void {
  expect({ exit: told.exit, accepted: told.accepted, end: told.end, crashes: told.crashes }).toEqual({
    exit: calm.exit,
    accepted: calm.accepted,
    end: calm.end,
    crashes,
  })
}

/** Half of the machines are new: their run folder is empty. */
export function machines(index: number): (life: number) => string {
  return index % 2 === 0 ? () => 'here' : (life) => `machine-${life}`
}
