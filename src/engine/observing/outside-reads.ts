import { isSerinError } from '../../errors/serin-error.ts'
import { type Millis, SECOND } from '../../model/instant.ts'
import { type Answer, keyOf, type OutsideReading, type Question } from '../../model/outside.ts'
import type { RunPorts } from '../../ports/ports.ts'
import { inParallel } from './in-parallel.ts'

/** How often somebody outside is asked the same. */
const ASK_EVERY: Millis = 30 * SECOND
const AT_A_TIME = 4

/** Answers of systems outside, newest only; those nobody asks for any more are forgotten. */
export class OutsideReads {
  readonly #ports: Pick<RunPorts, 'outside' | 'cloudWatch' | 'clock'>
  readonly #readings = new Map<string, OutsideReading>()

  constructor(ports: Pick<RunPorts, 'outside' | 'cloudWatch' | 'clock'>) {
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
    const { clock } = this.#ports
    try {
      const answer = await this.#answer(question)
      return answer === undefined ? 'nobody' : { answer, at: clock.now() }
    } catch (error) {
      if (!isSerinError(error)) throw error
      return { trouble: error.message, at: clock.now() }
    }
  }

  /** A rehearsal has alarms of its world, and asks nobody outside: undefined. */
  async #answer(question: Question): Promise<Answer | undefined> {
    const { outside, cloudWatch } = this.#ports
    if (question.kind === 'alarms') return { kind: 'alarms', alarms: await cloudWatch.alarms(question.names) }
    return await outside?.ask(question)
  }

  readings(): Readonly<Record<string, OutsideReading>> {
    return Object.fromEntries(this.#readings)
  }
}
