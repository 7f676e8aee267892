import type { Instant, Millis } from '../../../src/model/instant.ts'

/** Virtual time: what is due happens in order, and nothing is looked at in between. */
export class Timers {
  now: Instant
  readonly #due: { readonly at: Instant; readonly act: () => void }[] = []

  constructor(begin: Instant) {
    this.now = begin
  }

  after(delay: Millis, act: () => void): void {
    const at = this.now + delay
    let place = this.#due.length
    while (place > 0 && (this.#due[place - 1]?.at ?? 0) > at) place -= 1
    this.#due.splice(place, 0, { at, act })
  }

  advanceTo(instant: Instant): void {
    while ((this.#due[0]?.at ?? Number.POSITIVE_INFINITY) <= instant) {
      const next = this.#due.shift()
      if (next === undefined) return
      this.now = Math.max(this.now, next.at)
      next.act()
    }
    this.now = Math.max(this.now, instant)
  }
}
