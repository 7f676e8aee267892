/** Sets of objects by key, and which keys were touched since the last look. */
export class KeyedSets<T> {
  readonly #sets = new Map<string, Set<T>>()
  readonly #touched = new Set<string>()

  add(key: string, object: T): void {
    const set = this.#sets.get(key)
    if (set === undefined) this.#sets.set(key, new Set([object]))
    else set.add(object)
    this.#touched.add(key)
  }

  remove(key: string, object: T): void {
    const set = this.#sets.get(key)
    set?.delete(object)
    if (set?.size === 0) this.#sets.delete(key)
    this.#touched.add(key)
  }

  of(key: string): readonly T[] {
    return [...(this.#sets.get(key) ?? [])]
  }

  isTouched(key: string): boolean {
    return this.#touched.has(key)
  }

  touched(): ReadonlySet<string> {
    return this.#touched
  }

  /** Forgets what was touched; the next round begins. */
  settle(): void {
    this.#touched.clear()
  }
}
