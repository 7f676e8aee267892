/** Milliseconds that a piece of work took. */
export async function timed(work: () => unknown): Promise<number> {
  const before = performance.now()
  await work()
  return performance.now() - before
}

/** Milliseconds per round, after one round to warm up. */
export async function perRound(rounds: number, work: () => unknown): Promise<number> {
  await work()
  const total = await timed(async () => {
    for (let round = 0; round < rounds; round++) await work()
  })
  return total / rounds
}

export function ms(value: number): string {
  return value >= 100 ? `${Math.round(value)} ms` : `${value.toPrecision(2)} ms`
}
