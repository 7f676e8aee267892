import fc from 'fast-check'
import { quickChoice } from '../support/quick/arbitrary.ts'
import { brokenLaws } from '../support/quick/laws.ts'
import { runQuickly } from '../support/quick/run.ts'
import { checking } from './checking.ts'

/** Checks random quick clusters against the laws; tells how the runs ended, by exit. */
export async function checkQuickLaws(runs: number, seed: number): Promise<Readonly<Record<string, number>>> {
  const exits: Record<string, number> = {}
  await fc.assert(
    fc.asyncProperty(quickChoice, async (choice) => {
      const trace = await runQuickly(choice)
      const broken = brokenLaws(trace)
      if (broken.length > 0)
        throw new Error(`exit ${trace.exit} (${trace.why}), ${broken.length} broken:\n${broken.slice(0, 10).join('\n')}`)
      exits[trace.exit] = (exits[trace.exit] ?? 0) + 1
    }),
    checking(runs, seed),
  )
  return exits
}
