import { isSerinError } from '../../errors/serin-error.ts'
import { type Millis, SECOND } from '../../model/instant.ts'
import { keyOf, type OutsideReading, type Question } from '../../model/outside.ts'
import type { RunPorts } from '../../ports/ports.ts'
import { inParallel } from './in-parallel.ts'

/** How often somebody outside is asked the same. */
const ASK_EVERY: Millis = 30 * SECOND
const AT_A_TIME = 4

/** Answers of systems outside, newest only; those nobody asks for any more are forgotten. */
export class OutsideReads {
  readonly #ports: Pick<RunPorts, 'outside' | 'clock'>
  readonly #readings = new Map<string, OutsideReading>()

  constructor(ports: Pick<RunPorts, 'outside' | 'clock'>) {
    this.#ports = ports
  }

  async round(questions: readonly Question[]): Promise<void> {
    const wanted = new Map(questions.map((question) => [keyOf(question), question]))
    for (const key of this.#readings.keys()) if (!wanted.has(key)) this.#readings.delete(key)
    await inParallel(AT_A_TIME, [...wanted], async ([key, question]) => {
      const known = this.#readings.get(key)
      if (known !== undefined && known !== 'nobody' && this.#ports.clock.now() - known.at < ASK_EVERY) return
      this.#readings.set(key, await this.#ask(question))
    })
  }

  async #ask(question: Question): Promise<OutsideReading> {
    const { outside, clock } = this.#ports
    if (outside === undefined) return 'nobody'
    try {
      return { answer: await outside.ask(question), at: clock.now() }
    } catch (error) {
      if (!isSerinError(error)) throw error
      return { trouble: error.message, at: clock.now() }
    }
  }

  readings(): Readonly<Record<string, OutsideReading>> {
    return Object.fromEntries(this.#readings)
  }
}
