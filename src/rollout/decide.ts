import type { Instant } from '../model/instant.ts'
import type { Itinerary } from '../model/itinerary.ts'
import type { Seen } from '../model/seen.ts'
import type { RunRequest } from '../ports/run-record.ts'
import { contextOf, type Rule } from './context.ts'
import type { Decision } from './decision.ts'
import { noteRefusals, retryCommands, settleUnknownCommands } from './rules/commands.ts'
import { answerFailures, answerFailuresOnTheWayBack, cureFailures, diagnoseFailures, giveUpCures, waitOutGrace } from './rules/failures.ts'
import { alreadyFinished, finish, passBatch, waitForTheWorld } from './rules/finishing.ts'
import { boundUnknowns, confirmFails, noteVerdicts, runSoakClock } from './rules/gates.ts'
import { obeyRequests, stayOnHold, takeRequests } from './rules/people.ts'
import { awaitProbes, createProbes, noteProbes, readNodeLogs, removeProbes } from './rules/probes.ts'
import {
  awaitApproval,
  awaitWholePicture,
  keepToWindow,
  startBatch,
  stopAtUntil,
  stopWhenInterrupted,
  validateAgain,
  validateWayBack,
} from './rules/starting.ts'
import { intendSteps, noteDeadlines, noteProgress } from './rules/steps.ts'
import type { RunState } from './state.ts'

/** What next, in this order: the first rule that has something to say decides. */
const RULES: readonly Rule[] = [
  alreadyFinished,
  // What people ask for is taken first, and obeyed as soon as nothing is half done.
  takeRequests,
  settleUnknownCommands,
  removeProbes,
  obeyRequests,
  stayOnHold,
  // Facts that follow from what was seen.
  noteDeadlines,
  noteRefusals,
  noteProgress,
  noteProbes,
  noteVerdicts,
  boundUnknowns,
  // A failure is answered by its cause before anything else begins.
  confirmFails,
  readNodeLogs,
  diagnoseFailures,
  cureFailures,
  giveUpCures,
  answerFailures,
  answerFailuresOnTheWayBack,
  retryCommands,
  waitOutGrace,
  stopWhenInterrupted,
  // The safe point before a batch: stop, be checked again, wait for a person.
  stopAtUntil,
  keepToWindow,
  validateAgain,
  validateWayBack,
  awaitWholePicture,
  awaitApproval,
  startBatch,
  // Inside a batch.
  createProbes,
  awaitProbes,
  intendSteps,
  runSoakClock,
  passBatch,
  finish,
  waitForTheWorld,
]

export interface DecideInput {
  readonly itinerary: Itinerary
  readonly state: RunState
  readonly seen: Seen
  readonly now: Instant
  readonly requests: readonly RunRequest[]
  readonly until?: string
  readonly stopping?: boolean
}

/** What a run does next, from what it knows and sees. Pure: equal input, equal decision. */
export function decide(input: DecideInput): Decision {
  const context = contextOf(input)
  for (const rule of RULES) {
    const decision = rule(context)
    if (decision !== undefined) return decision
  }
  throw new Error('no rule decided')
}
