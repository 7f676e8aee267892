import { forecastCase } from '../support/forecast-case.ts'
import { outcomeOf } from '../support/forecast-outcome.ts'
import { type Score, scoreOf } from '../support/forecast-score.ts'
import { rehearse } from '../support/rehearsal.ts'

const WORLDS = 150
/** So many more have few addresses: most of the others have enough, and what becomes of those that have not is the question. */
const TIGHT_WORLDS = 100
/** Of the first so many, those that pre-flight lets through are run by the engine, gates and soaks included. */
const RUNS = 40

/** The forecast of generated worlds against what the sandbox then does: what it gets right, and how far off it is. */
export async function forecastError(): Promise<readonly (readonly string[])[]> {
  const scores: Score[] = []
  for (let seed = 1; seed <= WORLDS; seed++) scores.push(scoreOf(await outcomeOf(forecastCase(seed))))
  const tight: Score[] = []
  for (let seed = WORLDS + 1; seed <= WORLDS + TIGHT_WORLDS; seed++)
    tight.push(scoreOf(await outcomeOf(forecastCase(seed, { tight: true }))))
  const groups = scores.flatMap((score) => score.groups)
  // Where a drain failed nobody knows what would have become of the addresses.
  const dry = [...scores, ...tight].filter((score) => score.groups.every(({ isBlocked }) => !isBlocked)).map((score) => score.dry)
  const addresses = [...scores, ...tight].flatMap((score) => score.addresses)
  const minutes = groups.flatMap((group) => group.minutes ?? [])
  const within = minutes.map(offBy)
  const covered = minutes.filter(({ p90, seen }) => seen <= p90).length
  const runs = await wholeRuns()
  return [
    ['of', 'cases', 'figure'],
    ['groups', String(groups.length), `in ${WORLDS} worlds; addresses in ${TIGHT_WORLDS} more that have few`],
    ...hits('blocked (a group)', groups, 'isForecastBlocked', 'isBlocked'),
    [
      'blocked, a workload that was held is named',
      ...share(groups.filter(({ isForecastBlocked, isBlocked }) => isForecastBlocked && isBlocked).map(({ namesOwner }) => namesOwner)),
    ],
    ...hits('out of addresses (a world)', dry, 'isForecastDry', 'isDry'),
    ['minutes of a group, off by (middle)', String(minutes.length), percent(quantile(within, 0.5))],
    ['minutes of a group, off by (nine of ten)', String(minutes.length), percent(quantile(within, 0.9))],
    ['minutes of a group, seen within p90', String(minutes.length), percent(covered / minutes.length)],
    [
      'minutes of a group, p90 over p50',
      String(minutes.length),
      quantile(
        minutes.map(({ p50, p90 }) => p90 / p50),
        0.5,
      ).toFixed(2),
    ],
    ['minutes of a whole run, off by (middle)', String(runs.length), percent(quantile(runs.map(offBy), 0.5))],
    ['minutes of a whole run, off by (nine of ten)', String(runs.length), percent(quantile(runs.map(offBy), 0.9))],
    ['minutes of a whole run, seen within p90', ...share(runs.map(({ p90, seen }) => seen <= p90))],
    ...off(
      'minutes of a node',
      scores.flatMap(({ nodes }) => nodes),
      'min',
    ),
    ...off(
      'peak addresses of a subnet',
      addresses.map(({ usual, seen }) => [usual, seen]),
      'addresses',
    ),
    ['peak addresses of a subnet, seen within the worst', ...share(addresses.map(({ worst, seen }) => seen <= worst + 1))],
    ...off(
      'evictions of a workload',
      scores.flatMap(({ disruptions }) => disruptions),
      'evictions',
    ),
  ]
}

async function wholeRuns(): Promise<readonly Minutes[]> {
  const runs: Minutes[] = []
  for (let seed = 1; seed <= RUNS; seed++) {
    const { plan, world } = forecastCase(seed)
    const { exit, journal, prepared } = await rehearse({ plan: { plan, world: JSON.stringify(world) }, seed })
    const { takes } = prepared.itinerary.forecast.run
    const seen = (journal.at(-1)?.at ?? 0) - (journal[0]?.at ?? 0)
    if (exit === 'ok') runs.push({ ...takes, seen })
  }
  return runs
}

interface Minutes {
  readonly p50: number
  readonly p90: number
  readonly seen: number
}

function offBy({ p50, seen }: Minutes): number {
  return Math.abs(p50 - seen) / seen
}

/** Of what came, how much was forecast; of what was forecast, how much came. */
function hits<Flag extends string>(
  what: string,
  groups: readonly Readonly<Record<Flag, boolean>>[],
  forecast: Flag,
  seen: Flag,
): readonly (readonly string[])[] {
  return [
    [`${what}, recall`, ...share(groups.filter((group) => group[seen]).map((group) => group[forecast]))],
    [`${what}, precision`, ...share(groups.filter((group) => group[forecast]).map((group) => group[seen]))],
  ]
}

function share(all: readonly boolean[]): readonly [string, string] {
  return [String(all.length), percent(all.filter(Boolean).length / all.length)]
}

/** How far apart two figures are, in the middle and for nine of ten; and what all of them come to together. */
function off(what: string, pairs: Score['nodes'], unit: string): readonly (readonly string[])[] {
  const apart = pairs.map(([forecast, seen]) => Math.abs(forecast - seen))
  const [forecast, seen] = [0, 1].map((side) => pairs.reduce((sum, pair) => sum + (pair[side] ?? 0), 0))
  return [
    [
      `${what}, off by (middle, nine of ten)`,
      String(pairs.length),
      `${quantile(apart, 0.5).toFixed(1)}, ${quantile(apart, 0.9).toFixed(1)} ${unit}`,
    ],
    [`${what}, forecast over seen, summed`, String(pairs.length), ((forecast ?? 0) / (seen ?? 1)).toFixed(2)],
  ]
}

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN
}

function percent(part: number): string {
  return `${(part * 100).toFixed(0)} %`
}
