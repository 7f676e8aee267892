import fc from 'fast-check'
import { type RandomCase, randomCase } from '../support/random-case.ts'
import { type Bystander, runCase, type Trace } from '../support/random-run.ts'
import { LAWS } from './laws.ts'

/** Where a check begins: `SERIN_SEED` and `SERIN_PATH`, as a failure prints them, replay that failure. */
export function checking(runs: number, seed: number): fc.Parameters<unknown> {
  const path = process.env.SERIN_PATH
  return {
    seed: Number(process.env.SERIN_SEED ?? seed),
    numRuns: runs,
    endOnFailure: path !== undefined,
    ...(path !== undefined && { path }),
    reporter: (details) => {
      if (!details.failed) return
      const cause = details.errorInstance instanceof Error ? details.errorInstance : undefined
      const replay = `SERIN_SEED=${details.seed} SERIN_PATH=${details.counterexamplePath}`
      throw new Error(`${cause?.message ?? 'interrupted'}\n\nReplay with ${replay}\n${fc.stringify(details.counterexample)}`, { cause })
    },
  }
}

/** Runs a case and throws when it breaks a law. */
export async function mustKeepTheLaws(random: RandomCase, bystander?: Bystander): Promise<Trace> {
  const trace = await runCase(random, bystander)
  const broken = LAWS.flatMap(({ title, broken: by }) => by(trace).map((what) => `${title}: ${what}`))
  if (broken.length > 0) throw new Error(`exit ${trace.exit}, ${broken.length} broken:\n${broken.slice(0, 10).join('\n')}`)
  return trace
}

/** Checks random cases against the laws; tells how the runs ended, by exit. */
export async function checkLaws(runs: number, seed: number): Promise<Readonly<Record<string, number>>> {
  const exits: Record<string, number> = {}
  await fc.assert(
    fc.asyncProperty(randomCase, async (random) => {
      const { exit } = await mustKeepTheLaws(random)
      exits[exit] = (exits[exit] ?? 0) + 1
    }),
    checking(runs, seed),
  )
  return exits
}
