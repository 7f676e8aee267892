import { type Instant, MINUTE, type Millis } from '../../model/instant.ts'
import type { Seen } from '../../model/seen.ts'

/** So long without throttling, and a new one is another one. */
const CALM: Millis = 3 * MINUTE

/** What throttling was seen last, from picture to picture: answers to Serin's own calls, and what others tell of it. */
export class Throttling {
  #last: Seen['throttling']

  /** @param own throttling answers since the last picture; `told`: the newest that each of others says about it: events, ipamd's metrics */
  see(now: Instant, own: number, told: readonly ({ readonly at: Instant; readonly says: string } | undefined)[]): Seen['throttling'] {
    if (own > 0) this.#note(now, `${own} of Serin's own calls were throttled`)
    for (const each of told) if (each !== undefined && each.at > (this.#last?.lastAt ?? 0)) this.#note(each.at, each.says)
    return this.#last
  }

  #note(at: Instant, says: string): void {
    const goesOn = this.#last !== undefined && at - this.#last.lastAt <= CALM
    this.#last = { since: goesOn ? (this.#last?.since ?? at) : at, lastAt: at, says }
  }
}
