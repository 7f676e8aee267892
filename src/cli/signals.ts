import type { Stop } from '../engine/session.ts'
import type { Io } from './io.ts'

/** Whoever leaves has gone this long after saying so, whatever the cluster answers: pipelines kill soon after they cancel. */
const LONGEST_FAREWELL = 3_500

/**
 * What signals mean to a run. First Ctrl-C: nothing new is started, what moves is watched to its end. Second Ctrl-C, or SIGTERM
 * (pipelines kill about ten seconds later): record, give the Lease back and go; the run stays open.
 */
export function listenForStop(io: Io): {
  readonly stop: Stop
  readonly signalled: () => 'SIGINT' | 'SIGTERM' | undefined
  /** Resolves when the leaving takes too long. */
  readonly overdue: Promise<'overdue'>
  readonly close: () => void
} {
  const leave = new AbortController()
  let wish: ReturnType<Stop['wish']>
  let last: 'SIGINT' | 'SIGTERM' | undefined
  let timer: NodeJS.Timeout | undefined
  const overdue = new Promise<'overdue'>((resolve) => {
    leave.signal.addEventListener('abort', () => {
      timer = setTimeout(() => resolve('overdue'), LONGEST_FAREWELL)
    })
  })
  const unlisten = io.onSignal((signal) => {
    last = signal
    if (signal === 'SIGTERM' || wish !== undefined) {
      wish = 'leave'
      io.stderr.write('\nLeaving: the run stays open, what EKS works on goes on by itself. `serin resume` goes on.\n')
      leave.abort()
    } else {
      wish = 'finish-moving'
      io.stderr.write('\nNothing new is started; what EKS works on is watched to its end. Ctrl-C again leaves at once.\n')
    }
  })
  const close = (): void => {
    clearTimeout(timer)
    unlisten()
  }
  return { overdue, stop: { wish: () => wish, signal: leave.signal }, signalled: () => last, close }
}
