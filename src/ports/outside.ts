import type { Answer, Question as AnyQuestion, ReachableQuestion } from '../model/outside.ts'

/** What is asked of neither AWS nor the cluster. */
export type Question = Exclude<AnyQuestion, { kind: 'alarms' }>

/** Systems that the plan's gates ask. Throws SerinError for whatever is no answer: a time-out, a status, a page of a proxy. */
export interface Outside {
  ask(question: Question): Promise<Answer>
  /** As `ask`, but its token goes nowhere: undefined where somebody answers who wants it first. */
  reach(question: ReachableQuestion): Promise<Answer | undefined>
}
