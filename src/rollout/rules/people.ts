import { answerTo } from '../../catalog/answers.ts'
import type { RunEvent } from '../../journal/event.ts'
import type { Failure } from '../../model/failure.ts'
import { samePerson } from '../../model/person.ts'
import type { RunRequest } from '../../ports/run-record.ts'
import { atSafePoint, type Context, movingSteps, type Rule, record } from '../context.ts'
import { outcomeOf } from '../outcome.ts'
import { wayBack } from '../recovery.ts'
import { commandId } from './steps.ts'

/** What people asked for through the open-run record, each taken once and journalled with who and why. */
export const takeRequests: Rule = (context) => {
  const open = context.requests.filter(({ id }) => !context.state.requestsTaken.includes(id))
  const [request] = [...open].sort((a, b) => a.at - b.at)
  if (request === undefined) return undefined
  const taken: RunEvent = {
    type: 'request-taken',
    request: request.id,
    kind: request.kind,
    by: request.by,
    ...(request.reason && { reason: request.reason }),
  }
  const refused = whyRefused(context, request)
  return refused === undefined ? record(taken, ...consequences(context, request)) : record({ ...taken, refused })
}

function consequences(context: Context, request: RunRequest): readonly RunEvent[] {
  const { state } = context
  const reason = request.reason ?? ''
  const left = (door: 'resume' | 'accept' | 'approve'): RunEvent[] =>
    state.hold ? [{ type: 'hold-left', by: request.by, door, reason }] : []
  if (request.kind === 'resume') return left('resume')
  if (request.kind === 'approve') return approval(context, request, left)
  if (request.kind !== 'accept') return []
  const accepted = acceptance(context, request)
  return accepted === undefined ? [] : [accepted, ...left('accept')]
}

/** Only what this run has can be accepted: a batch of its course, or a step of one that has begun. */
function acceptance({ course, batch, state }: Context, request: RunRequest): RunEvent | undefined {
  const at = request.step ?? batch?.id
  const owner = course.find(({ id, steps }) => id === at || steps.some((step) => step.id === at))
  if (at === undefined || owner === undefined) return undefined
  const event = { type: 'accepted-by-hand', at, by: request.by, reason: request.reason ?? '' } as const
  if (owner.id === at) return { ...event, batch: true }
  return state.batches[owner.id] === undefined ? undefined : event
}

/** A yes is for the batch that was waiting for it when it was given, and never from whoever opened the run where a role is named. */
function whyRefused({ batch, batchState, state }: Context, { kind, gate, step, by }: RunRequest): string | undefined {
  if (kind !== 'approve' || gate !== undefined) return undefined
  if (batch === undefined || batch.approval === false || batchState.approvalRequestedAt === undefined)
    return 'no batch waits for an approval'
  if (step !== undefined && step !== batch.id) return `it was given for ${step}, but ${batch.id} waits`
  const needsAnother = batch.approval.role !== undefined && samePerson(by, state.openedBy)
  return needsAnother ? `${state.openedBy} opened the run; somebody else has to say yes` : undefined
}

/** An approval opens the batch that waits for one; with a gate it answers for that gate's unknown. */
function approval({ batch }: Context, request: RunRequest, left: (door: 'approve') => readonly RunEvent[]): readonly RunEvent[] {
  const { by, gate, reason } = request
  if (batch === undefined) return []
  if (gate !== undefined) return [{ type: 'accepted-by-hand', at: `${batch.id}#${gate}`, by, reason: reason ?? '' }, ...left('approve')]
  return [{ type: 'approval-given', batch: batch.id, by, request: request.id, ...(reason && { reason }) }]
}

/**
 * Rollback and abandon take effect at a safe point: no command intended and unsettled. On hold nobody sends such a command
 * again, so there the door opens over it: what may have acted is taken back like what did. A hold takes effect when what
 * EKS works on has ended, since somebody has to watch it until then.
 */
export const obeyRequests: Rule = (context) => {
  const { asked, hold } = context.state
  const cancelling = asked && asked.kind !== 'rollback' && hold === undefined ? cancelRollback(context) : undefined
  if (cancelling !== undefined) return cancelling
  if (asked === undefined || (hold === undefined && !atSafePoint(context))) return undefined
  if (asked.kind === 'abandon') {
    return record({
      type: 'run-finished',
      outcome: {
        ...outcomeOf(context, 'failed', `abandoned by ${asked.by}${asked.reason ? `: ${asked.reason}` : ''}`),
        abandoned: true,
      },
    })
  }
  if (asked.kind === 'rollback') return rollBack(context, asked.by, asked.reason)
  if (hold !== undefined || movingSteps(context).length > 0) return undefined
  return record({
    type: 'hold-entered',
    because: `${asked.by} asked to hold${asked.reason ? `: ${asked.reason}` : ''}`,
    resumeWith: 'serin resume',
    cause: 'asked',
  })
}

/** The one update of EKS that can be stopped: a rollback under Auto Mode whose nodes are on their way, while the cluster reads ACTIVE. */
function cancelRollback(context: Context): ReturnType<Rule> {
  const { state: run, seen } = context
  const [found] = movingSteps(context).flatMap(({ step, state }) => {
    if (step.kind !== 'control-plane-update' || step.goesBack !== true || step.nodesBackWithin === undefined) return []
    const asked = state.commands.some(({ command }) => command.action.kind === 'cancel-rollback')
    const stoppable = seen.controlPlane?.status === 'ACTIVE' && seen.controlPlane.version === step.before
    return stoppable && !asked && state.updateId !== undefined ? [{ step, state, updateId: state.updateId }] : []
  })
  if (found === undefined) return undefined
  const { step, state, updateId } = found
  const id = commandId(run.run, step.id, state.attempt, state.commands.length)
  return record({ type: 'command-intended', command: { id, step: step.id, action: { kind: 'cancel-rollback', updateId } } })
}

function rollBack(context: Context, by: string, reason: string | undefined): ReturnType<Rule> {
  const { itinerary, state, now, batch } = context
  const known = state.hold?.failure
  const failure: Failure = {
    cause: 'asked',
    at: batch?.id ?? 'run',
    message: `${by} asked for the rollback${reason ? `: ${reason}` : ''}`,
    evidence: known?.evidence ?? [],
    nodes: known?.nodes ?? [],
  }
  const failedBatch = state.back === undefined ? batch?.id : undefined
  return record({
    type: 'rollback-started',
    failure,
    scope: 'everything',
    batches: wayBack(itinerary, state, 'everything', failedBatch),
    notBefore: now,
  })
}

/** A run on hold stays there until somebody opens a door. */
export const stayOnHold: Rule = ({ state: { hold } }) => {
  if (hold === undefined) return undefined
  return { kind: 'hold', because: hold.because, resumeWith: hold.resumeWith, exit: hold.cause === 'window' ? 'deadline' : 'held' }
}

/** What the person on call is asked to do about a failure. */
export function askOf(failure: Failure): string {
  return answerTo(failure.cause).person
}
