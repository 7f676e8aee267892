import { isSerinError } from '../../errors/serin-error.ts'
import type { Instant } from '../../model/instant.ts'
import type { Seen } from '../../model/seen.ts'

type Unavailable = Seen['unavailable'][number]

/** What could not be read, by source, since when: kept from picture to picture until a read succeeds or nobody asks any more. */
export class Troubles {
  readonly #troubles = new Map<string, Unavailable>()
  readonly #asked = new Set<string>()
  readonly #now: () => Instant

  constructor(now: () => Instant) {
    this.#now = now
  }

  /**
   * Reads a source. A failure is kept as trouble and answered with undefined; anything but a SerinError is a defect and thrown.
   * @returns the answer in a box, so that an answer of undefined is not taken for a failure
   */
  async read<T>(source: string, attempt: () => Promise<T>): Promise<{ readonly answer: T } | undefined> {
    this.#asked.add(source)
    try {
      const answer = await attempt()
      this.#troubles.delete(source)
      return { answer }
    } catch (error) {
      if (!isSerinError(error)) throw error
      const since = this.#troubles.get(source)?.since ?? this.#now()
      this.#troubles.set(source, { source, reason: `${error.details.remoteCode ?? error.code}: ${error.message}`, since })
      return undefined
    }
  }

  reasonOf(source: string): string | undefined {
    return this.#troubles.get(source)?.reason
  }

  /** Ends a round: trouble with a source that nobody asked for in it is forgotten, unless it is read only now and then. */
  endRound(isLasting: (source: string) => boolean): void {
    for (const source of this.#troubles.keys()) if (!this.#asked.has(source) && !isLasting(source)) this.#troubles.delete(source)
    this.#asked.clear()
  }

  /** In the order of their sources. */
  list(): readonly Unavailable[] {
    return [...this.#troubles.values()].sort((a, b) => (a.source < b.source ? -1 : 1))
  }
}
