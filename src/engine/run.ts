import { decide } from '../rollout/decide.ts'
import type { Decision } from '../rollout/decision.ts'
import type { RunState } from '../rollout/state.ts'
import { act } from './act.ts'
import { notifier } from './notify.ts'
import { tell } from './run-journal.ts'
import {
  append,
  close,
  type Drive,
  type Ending,
  inspect,
  look,
  patiently,
  type Session,
  stateOf,
  tellSubscribers,
  unlessLeft,
  wait,
} from './session.ts'

/** Drives a run to its end or to a hold: look, decide, do exactly that, again. Throws LEASE_LOST when another driver took over. */
export async function driveRun(drive: Drive): Promise<Ending> {
  const session: Session = { ...drive, notify: notifier(drive), unsent: new Set(), own: new Set(), asked: [] }
  await tellSubscribers(session, stateOf(session.journal), drive.opening ?? [])
  for (;;) {
    const state = stateOf(session.journal)
    if (session.stop.wish() === 'leave') return await close(session, leaving(state))
    const seen =
      session.seen ??
      (await unlessLeft(
        session,
        patiently(session, () => look(session)),
      ))
    if (seen === undefined) continue
    const decision = decide({
      ...drive,
      state,
      seen,
      now: drive.ports.clock.now(),
      requests: session.asked,
      stopping: drive.stop.wish() === 'finish-moving',
    })
    for (const listener of drive.listeners)
      tell(() => listener.onTick(seen, state, decision.kind === 'wait' ? decision.because : undefined))
    if (decision.kind === 'finished') return await close(session, { kind: 'finished', outcome: decision.outcome, state })
    if (decision.kind === 'hold') return await close(session, { ...decision, kind: 'open', state })
    await follow(session, decision)
  }
}

async function follow(session: Session, decision: Exclude<Decision, { kind: 'hold' | 'finished' }>): Promise<void> {
  if (decision.kind === 'record') await append(session, decision.events)
  if (decision.kind === 'perform') await act(session, decision.commands)
  if (decision.kind === 'inspect') await unlessLeft(session, inspect(session, decision.what))
  if (decision.kind === 'wait') await wait(session, decision.until)
}

function leaving(state: RunState): Ending {
  return {
    kind: 'open',
    exit: 'terminated',
    because: 'stopped from outside; what EKS works on goes on by itself',
    resumeWith: 'serin resume',
    state,
  }
}
