import { HOUR, type Instant, type Millis } from '../model/instant.ts'

export interface Sample {
  readonly at: Instant
  readonly free: number
}

/** A trend looks so far back; a drain that has ended is no trend. */
const WINDOW: Millis = HOUR
/** One sample is kept for so long, so that a window holds a bounded number. */
const APART: Millis = HOUR / 60
/** Before that a line through the samples says nothing. */
const LEAST: Millis = HOUR / 6

/** The samples of the last hour with one more, at most one a minute. */
export function withSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples.at(-1)
  if (last !== undefined && sample.at - last.at < APART) return samples
  return [...samples.filter(({ at }) => sample.at - at <= WINDOW), sample]
}

/** Addresses an hour by the line of least squares; undefined while the samples span too little time. */
export function trendOf(samples: readonly Sample[]): number | undefined {
  const [first, last] = [samples[0], samples.at(-1)]
  if (first === undefined || last === undefined || last.at - first.at < LEAST) return undefined
  const points = samples.map(({ at, free }) => [(at - first.at) / HOUR, free] as const)
  const mean = (which: 0 | 1) => points.reduce((sum, point) => sum + point[which], 0) / points.length
  const [middle, level] = [mean(0), mean(1)]
  const spread = points.reduce((sum, [x]) => sum + (x - middle) ** 2, 0)
  return spread === 0 ? undefined : points.reduce((sum, [x, y]) => sum + (x - middle) * (y - level), 0) / spread
}

/** How long until nothing is free at this pace; undefined when it does not fill. */
export function emptyIn(free: number, perHour: number | undefined): Millis | undefined {
  return perHour === undefined || perHour >= -0.5 ? undefined : Math.round((free / -perHour) * HOUR)
}
