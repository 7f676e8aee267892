/**
 * Answers that stay true once they were given, asked for once per connection. What failed, or may still become something
 * else, is asked for again.
 */
export function keeping<T>(isFinal: (answer: T) => boolean = () => true): (key: string, ask: () => Promise<T>) => Promise<T> {
  const kept = new Map<string, T>()
  return async (key, ask) => {
    const known = kept.get(key)
    if (known !== undefined) return known
    const answer = await ask()
    if (isFinal(answer)) kept.set(key, answer)
    return answer
  }
}
