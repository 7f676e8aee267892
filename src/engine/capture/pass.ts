import { ERRORS } from '../../errors/catalogue.ts'
import { isSerinError, type SerinError } from '../../errors/serin-error.ts'
import { type Millis, SECOND } from '../../model/instant.ts'
import type { Unavailable } from '../../model/snapshot.ts'
import type { Clock } from '../../ports/clock.ts'

/** One pass over a cluster: at most so many questions at a time, and a list of what was not answered. */
export interface Pass {
  /** The answer, or undefined when it may not or cannot be read; then the source stands in `unavailable`. */
  read<T>(source: string, question: () => Promise<T>): Promise<T | undefined>
  /** As `read` for each item; the answers that came, in order. */
  readEach<Item, T>(source: string, items: readonly Item[], question: (item: Item) => Promise<T>): Promise<readonly T[]>
  unavailable(): readonly Unavailable[]
}

/** A throttled question is put again after these pauses, beyond the retries of every single call: a snapshot has time. */
const THROTTLED_PAUSES: readonly Millis[] = [15 * SECOND, 30 * SECOND, 60 * SECOND]

export function createPass(concurrency: number, clock: Clock): Pass {
  const turn = createTurns(concurrency)
  const gaps: Unavailable[] = []
  const read = async <T>(source: string, question: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await turn(() => unhurried(clock, question))
    } catch (error) {
      if (!isSerinError(error)) throw error
      gaps.push(gapOf(source, error))
      return undefined
    }
  }
  return {
    read,
    readEach: async (source, items, question) => {
      const answers = await Promise.all(items.map((item) => read(source, () => question(item))))
      return answers.filter((answer) => answer !== undefined)
    },
    unavailable: () => gaps.toSorted((a, b) => compare(a.source, b.source) || compare(a.message ?? '', b.message ?? '')),
  }
}

function gapOf(source: string, error: SerinError): Unavailable {
  const mayPass = ERRORS[error.code].retryable
  return { source, reason: error.details.remoteCode ?? error.code, message: error.message, ...(mayPass && { mayPass }) }
}

async function unhurried<T>(clock: Clock, question: () => Promise<T>): Promise<T> {
  for (const pause of THROTTLED_PAUSES) {
    try {
      return await question()
    } catch (error) {
      if (!isSerinError(error, 'REMOTE_THROTTLED')) throw error
      await clock.sleepUntil(clock.now() + pause)
    }
  }
  return await question()
}

/** Lets at most so many run at a time, in the order in which they came: whoever ends hands the turn to the first who waits. */
function createTurns(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = most
  const waiting: (() => void)[] = []
  return async (work) => {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) free += 1
      else next()
    }
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
