import { SerinError } from '../../../src/errors/serin-error.ts'

/** The SerinError that something ends with; anything else fails the test. */
export async function rejection(work: Promise<unknown>): Promise<SerinError> {
  try {
    await work
  } catch (error) {
    if (error instanceof SerinError) return error
    throw error
  }
  throw new Error('it did not fail')
}
