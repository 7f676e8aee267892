/** Values in the order of their keys. A list that was handed out never changes, and stays the same while nothing changes. */
export class SortedList<T> {
  readonly #keys: string[] = []
  readonly #values: T[] = []
  #handedOut: readonly T[] | undefined

  get(key: string): T | undefined {
    const at = this.#placeOf(key)
    return this.#keys[at] === key ? this.#values[at] : undefined
  }

  put(key: string, value: T): void {
    const at = this.#placeOf(key)
    const known = this.#keys[at] === key
    if (known && this.#values[at] === value) return
    this.#keys.splice(at, known ? 1 : 0, key)
    this.#values.splice(at, known ? 1 : 0, value)
    this.#handedOut = undefined
  }

  remove(key: string): void {
    const at = this.#placeOf(key)
    if (this.#keys[at] !== key) return
    this.#keys.splice(at, 1)
    this.#values.splice(at, 1)
    this.#handedOut = undefined
  }

  values(): readonly T[] {
    this.#handedOut ??= [...this.#values]
    return this.#handedOut
  }

  /** Where a key stands, or would stand. */
  #placeOf(key: string): number {
    let low = 0
    let high = this.#keys.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#keys[middle] ?? '') < key) low = middle + 1
      else high = middle
    }
    return low
  }
}
