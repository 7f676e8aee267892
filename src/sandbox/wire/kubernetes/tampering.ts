import type { Millis } from '../../../model/instant.ts'
import type { Timeline, World } from '../../contract.ts'
import type { Intervention, WatchFate } from '../../levers.ts'
import type { StreamAnswer, WireAnswer, WireRequest } from '../message.ts'
import { CUT } from '../message.ts'
import { isSkewed, serverDate } from '../skew.ts'
import type { Wire } from '../wire.ts'
import { HTML_PAGE } from '../wire.ts'
import { signedAt } from './auth.ts'
import { listAt } from './history.ts'
import { failureAnswer, textAnswer } from './status.ts'
import { isBookmark } from './watches.ts'

type Answer = WireAnswer | StreamAnswer

interface Asked {
  readonly wire: Wire
  readonly request: WireRequest
  /** No two requests to a world share one. */
  readonly requestId: string
}

/** An answer of the API server as a fault lets it through. `answered` is the answer of a server without the fault. */
export async function tampered(
  fault: Intervention,
  { wire, request, requestId }: Asked,
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
      // A watch has no middle: where it breaks off is `cut-watch`'s to say.
      return 'open' in answer ? answer : { ...answer, truncated: true }
    }
    case 'skewed':
      return skewed(fault.ahead, request, () => answered(wire))
    case 'stale':
      return stale(fault.lag, wire, requestId, answered)
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

async function stale(lag: Millis, wire: Wire, requestId: string, answered: (wire: Wire) => Promise<Answer>): Promise<Answer> {
  const { world } = wire
  const then = worldAt(world, wire.versionAt(world.timeline.now() - lag))
  const answer = await answered({ ...wire, world: then })
  return 'open' in answer ? lagging(answer, world.timeline, lag, `stale-watch/${requestId}`) : answer
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

/**
 * A stream that tells everything so much later, in the world's time. All its lines wait under one key, so those of one
 * instant keep their order; its end waits behind them.
 */
function lagging(answer: StreamAnswer, timeline: Timeline, lag: Millis, key: string): StreamAnswer {
  return {
    ...answer,
    open(write, end, cut) {
      let last = timeline.now()
      const stop = answer.open(
        (text) => {
          last = timeline.now() + lag
          timeline.at(last, key, () => write(text))
        },
        () => (last > timeline.now() ? timeline.at(last, key, end) : end()),
        cut,
      )
      return () => {
        timeline.cancel(key)
        stop()
      }
    },
  }
}

/**
 * A stream of which only the first changes arrive; then it breaks off, there or within the next line, or stays open without a word.
 * Bookmarks do not count: how many there are is the transport's matter.
 */
function broken(answer: StreamAnswer, lines: number, fate: WatchFate): StreamAnswer {
  return {
    ...answer,
    open(write, end, cut) {
      let left = lines
      const isOver = (): boolean => left < (fate === 'cut-within' ? 0 : 1)
      const breakOff = (): void => {
        if (fate !== 'silent') cut()
      }
      const stop = answer.open(
        (text) => {
          if (isOver()) return
          if (isBookmark(text)) return write(text)
          write(left > 0 ? text : text.slice(0, text.length / 2))
          left--
          if (isOver()) breakOff()
        },
        () => {
          if (!isOver()) end()
        },
        cut,
      )
      if (left === lines && isOver()) breakOff()
      return stop
    },
  }
}
