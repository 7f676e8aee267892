/** Does something for each item, at most `limit` at a time. Waits for all that began, then throws the first failure if there was one. */
export async function inParallel<T>(limit: number, items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values()
  const workers = Array.from({ length: Math.min(limit, items.length) }, async () => {
    for (const item of queue) await act(item)
  })
  const ended = await Promise.allSettled(workers)
  for (const end of ended) if (end.status === 'rejected') throw end.reason
}
