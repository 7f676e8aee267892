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
  if (value >= 10_000) return `${(value / 1_000).toFixed(1)} s`
  return value >= 100 ? `${Math.round(value)} ms` : `${value.toPrecision(2)} ms`
}

/** A figure beside what it is to be: `9.1 s of 10 s, met`. */
export function against(text: string, value: number, target: { readonly text: string; readonly most: number } | undefined): string {
  return target === undefined ? text : `${text} of ${target.text}, ${value <= target.most ? 'met' : 'missed'}`
}

/** What a piece of work took, as the clock on the wall has it and as the processor has it: a machine may be shared. */
export interface Cost {
  readonly wall: number
  readonly cpu: number
}

export async function costOf(work: () => unknown): Promise<Cost> {
  const before = process.cpuUsage()
  const wall = await timed(work)
  const { user, system } = process.cpuUsage(before)
  return { wall, cpu: (user + system) / 1_000 }
}
