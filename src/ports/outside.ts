import type { Answer, Question } from '../model/outside.ts'

/** Systems that the plan's gates ask. Throws SerinError for whatever is no answer: a time-out, a status, a page of a proxy. */
export interface Outside {
  ask(question: Question): Promise<Answer>
}
