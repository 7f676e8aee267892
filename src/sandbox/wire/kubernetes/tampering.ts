import type { World } from '../../contract.ts'
import type { Intervention } from '../../levers.ts'
import type { StreamAnswer, WireAnswer, WireRequest } from '../message.ts'
import { CUT } from '../message.ts'
import { isSkewed, serverDate } from '../skew.ts'
import type { Wire } from '../wire.ts'
import { HTML_PAGE } from '../wire.ts'
import { signedAt } from './auth.ts'
import { listAt } from './history.ts'
import { failureAnswer, textAnswer } from './status.ts'

type Answer = WireAnswer | StreamAnswer

/** An answer of the API server as a fault lets it through. `answered` is the answer of a server without the fault. */
export async function tampered(
  fault: Intervention,
  wire: Wire,
  request: WireRequest,
  answered: (wire: Wire) => Promise<Answer>,
): Promise<Answer | typeof CUT> {
  switch (fault.kind) {
    case 'html':
      return textAnswer(fault.status, HTML_PAGE, 'text/html')
    case 'error':
      if (fault.when === 'after') await answered(wire)
      return failureAnswer({ status: fault.status, reason: fault.code, message: fault.message })
    case 'cut':
      if (fault.when === 'after') await answered(wire)
      return CUT
    case 'slow':
      return slow(fault, wire, () => answered(wire))
    case 'truncated': {
      const answer = await answered(wire)
      return 'open' in answer ? broken(answer, 1, 'cut') : { ...answer, truncated: true }
    }
    case 'skewed':
      return skewed(fault.ahead, request, () => answered(wire))
    case 'stale':
      return stale(fault.lag, wire, answered)
    case 'watch': {
      const answer = await answered(wire)
      return 'open' in answer ? broken(answer, fault.lines, fault.fate) : answer
    }
  }
}

async function slow(fault: Extract<Intervention, { kind: 'slow' }>, wire: Wire, answered: () => Promise<Answer>): Promise<Answer> {
  if (fault.when === 'before') await wire.wait(fault.delay)
  const answer = await answered()
  if (fault.when === 'after') await wire.wait(fault.delay)
  return answer
}

/** EKS takes a token for a quarter of an hour from its signing, by its own clock. */
const TOKEN_LIFE = 15 * 60_000

async function skewed(ahead: number, request: WireRequest, answered: () => Promise<Answer>): Promise<Answer> {
  const date = { date: serverDate(ahead) }
  const refusal = failureAnswer({ status: 401, reason: 'Unauthorized', message: 'Unauthorized' })
  const answer = isSkewed(signedAt(request), ahead, TOKEN_LIFE) ? refusal : await answered()
  return { ...answer, headers: { ...answer.headers, ...date } }
}

async function stale(lag: number, wire: Wire, answered: (wire: Wire) => Promise<Answer>): Promise<Answer> {
  const { world } = wire
  const then = worldAt(world, wire.versionAt(world.timeline.now() - lag))
  const answer = await answered({ ...wire, world: then })
  return 'open' in answer ? lagging(answer, wire, lag) : answer
}

/** The world with its objects as they were; what is written goes to the present. */
function worldAt(world: World, version: number): World {
  const list = (kind: string) => listAt(world.store, kind, version)
  const store = {
    ...world.store,
    list,
    get: (kind: string, namespace: string | undefined, name: string) =>
      list(kind).find(({ metadata }) => metadata.name === name && (metadata.namespace ?? '') === (namespace ?? '')),
    podsOnNode: (node: string) => list('Pod').filter(({ spec }) => (spec as { nodeName?: string } | undefined)?.nodeName === node),
    version: () => version,
  }
  return { ...world, store }
}

function lagging(answer: StreamAnswer, { later }: Wire, lag: number): StreamAnswer {
  return {
    ...answer,
    open(write, end, cut) {
      const pending = new Set<() => void>()
      const stop = answer.open(
        (text) => {
          const cancel = later(lag, () => {
            pending.delete(cancel)
            write(text)
          })
          pending.add(cancel)
        },
        end,
        cut,
      )
      return () => {
        for (const cancel of pending) cancel()
        stop()
      }
    },
  }
}

/** A stream of which only the first lines arrive; then it breaks off, or stays open without a word. */
function broken(answer: StreamAnswer, lines: number, fate: 'cut' | 'silent'): StreamAnswer {
  return {
    ...answer,
    open(write, end, cut) {
      let left = lines
      let stop = (): void => {}
      const over = (): boolean => left <= 0
      const breakOff = (): void => {
        if (fate === 'cut') cut()
      }
      stop = answer.open(
        (text) => {
          if (over()) return
          left--
          write(text)
          if (over()) breakOff()
        },
        () => {
          if (!over() || fate === 'cut') end()
        },
        cut,
      )
      if (over()) breakOff()
      return () => stop()
    },
  }
}
