import { isSerinError, type SerinError } from '../../errors/serin-error.ts'
import type { Unavailable } from '../../model/snapshot.ts'

/** One pass over a cluster: at most so many questions at a time, and a list of what was not answered. */
export interface Pass {
  /** The answer, or undefined when it may not or cannot be read; then the source stands in `unavailable`. */
  read<T>(source: string, question: () => Promise<T>): Promise<T | undefined>
  /** As `read` for each item; the answers that came, in order. */
  readEach<Item, T>(source: string, items: readonly Item[], question: (item: Item) => Promise<T>): Promise<readonly T[]>
  unavailable(): readonly Unavailable[]
}

export function createPass(concurrency: number): Pass {
  const turn = createTurns(concurrency)
  const gaps: Unavailable[] = []
  const read = async <T>(source: string, question: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await turn(question)
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
  return { source, reason: error.details.remoteCode ?? error.code, message: error.message }
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
