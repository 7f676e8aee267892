import { canonicalJson } from '../../model/canonical-json.ts'
import type { Instant, Millis } from '../../model/instant.ts'
import { keyedUuid } from '../../model/keyed.ts'
import type { World } from '../contract.ts'
import type { Intervention } from '../levers.ts'
import { createHistory } from './kubernetes/history.ts'
import type { ListPages } from './kubernetes/pages.ts'
import { createPages } from './kubernetes/pages.ts'
import type { References } from './kubernetes/references.ts'
import type { Watches } from './kubernetes/watches.ts'
import { createWatches } from './kubernetes/watches.ts'

/** One request as the audit tells it; the time is the world's. */
export interface RequestRecord {
  readonly service: string
  readonly operation: string
  readonly resource: string
  readonly status: number | 'cut'
  readonly requestId: string
  readonly updateId?: string
}

export interface WireOptions {
  /** A handler's output that does not fit the SDK's schema throws instead of being answered without the odd member. */
  readonly strict?: boolean
  readonly onRequest?: (record: RequestRecord) => void
  /** For readers in the same process. */
  readonly references?: References
  /** Ends watches after their `timeoutSeconds`; the transport decides whose seconds they are. */
  readonly later: (milliseconds: number, action: () => void) => () => void
  /** Lets so much of the world's time pass before an answer goes on its way. */
  readonly wait: (span: Millis) => Promise<void>
}

/** A world with what its servers remember between requests. */
export interface Wire {
  readonly world: World
  readonly strict: boolean
  readonly watches: Watches
  readonly pages: ListPages
  readonly references: References | undefined
  /** A timer in the seconds of whoever reads: `WireOptions.later`. */
  readonly later: WireOptions['later']
  readonly wait: WireOptions['wait']
  /** The version the store had at an instant. */
  readonly versionAt: (instant: Instant) => number
  /** Names this asking of an operation, and says whether a fault of the scenarios meets it. */
  admit(request: AskedRequest): { readonly requestId: string; readonly intervention: Intervention | undefined }
  record(record: RequestRecord): void
}

interface AskedRequest {
  readonly service: string
  readonly operation: string
  readonly resource: string
  readonly mutating: boolean
  /** What is asked, for the request id. */
  readonly input: unknown
}

export function createWire(world: World, options: WireOptions): Wire {
  const counts = new Map<string, number>()
  const count = (key: string): number => {
    const nth = (counts.get(key) ?? 0) + 1
    counts.set(key, nth)
    return nth
  }
  return {
    world,
    strict: options.strict ?? false,
    watches: createWatches(world, options.later),
    pages: createPages(),
    references: options.references,
    later: options.later,
    wait: options.wait,
    versionAt: createHistory(world),
    admit({ service, operation, resource, mutating, input }) {
      const asked = `${service}\u0000${operation}\u0000${canonicalJson(input)}`
      const requestId = keyedUuid('request', world.seed, asked, count(asked))
      const nth = count(`${service}/${operation}/${resource}`)
      if (service === 'kubernetes' && world.apiServer.isAway()) return { requestId, intervention: { kind: 'cut', when: 'before' } }
      return { requestId, intervention: world.faults.onRequest({ service, operation, resource, mutating, nth, occasion: requestId }) }
    },
    record: options.onRequest ?? (() => {}),
  }
}

/** What a proxy or captive portal says in place of the service. */
export const HTML_PAGE =
  '<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Please sign in to the network</h1></body></html>'
