import { type Dispatcher, request } from 'undici'
import { SerinError } from '../../errors/serin-error.ts'
import type { Instant } from '../../model/instant.ts'
import type { Clock } from '../../ports/clock.ts'
import type { SandboxIdentity } from '../../ports/ports.ts'
import { sleepReal } from './wall-clock.ts'

/** `virtual = virtualStart + (real - realStart) * speed`: needs no traffic and cannot drift. */
export interface ClockRule {
  readonly virtualStart: Instant
  readonly realStart: Instant
  readonly speed: number
}

/** The environment variable that offers a simulated clock: `v0,r0,speed`, instants in milliseconds. */
export const SANDBOX_CLOCK_VARIABLE = 'SERIN_SANDBOX_CLOCK'

/** Where a sandbox says what it is, on its AWS endpoint. */
const IDENTITY_PATH = '/.well-known/serin-sandbox'

/** @throws SerinError SANDBOX_CLOCK when the text is no rule. */
export function parseClockRule(text: string): ClockRule {
  const [virtualStart, realStart, speed, ...rest] = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  const numbers = [virtualStart, realStart, speed]
  if (rest.length > 0 || !numbers.every((value) => Number.isFinite(value)) || !(Number(speed) > 0)) {
    throw refused(`${SANDBOX_CLOCK_VARIABLE} is '${text}', not 'v0,r0,speed'`)
  }
  return { virtualStart: Number(virtualStart), realStart: Number(realStart), speed: Number(speed) }
}

/** A clock that follows the rule. `real` is the wall clock's now. */
export function ruledClock({ virtualStart, realStart, speed }: ClockRule, real: () => number = Date.now): Clock {
  const now = (): Instant => Math.floor(virtualStart + (real() - realStart) * speed)
  return { now, sleepUntil: (instant, signal) => sleepReal(() => (instant - now()) / speed, signal) }
}

export interface SandboxOffer {
  /** Text of the environment variable. */
  readonly rule: string
  /** Every AWS endpoint that is set, the general one first. */
  readonly awsEndpoints: readonly string[]
  readonly dispatcher?: Dispatcher
}

/**
 * The simulated clock, honoured only when every endpoint is loopback and the sandbox has identified itself: a clock that
 * runs fast would shrink the soaks and gates of a real cluster. The API server is asked about with `refuseUnlessLoopback`
 * as soon as it is known.
 * @throws SerinError SANDBOX_CLOCK
 */
export async function sandboxClock(offer: SandboxOffer): Promise<{ readonly clock: Clock; readonly identity: SandboxIdentity }> {
  const rule = parseClockRule(offer.rule)
  const [first] = offer.awsEndpoints
  if (first === undefined) throw refused('no AWS endpoint is set, so calls would reach the real AWS')
  for (const endpoint of offer.awsEndpoints) refuseUnlessLoopback(endpoint)
  const said = await identityOf(new URL(IDENTITY_PATH, first).href, offer.dispatcher)
  return { clock: ruledClock(rule), identity: { ...said, speed: rule.speed } }
}

/** @throws SerinError SANDBOX_CLOCK when an endpoint is not on this machine. */
export function refuseUnlessLoopback(endpoint: string): void {
  if (!isLoopback(endpoint)) throw refused(`${endpoint} is not on this machine`)
}

function isLoopback(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { hostname } = new URL(url)
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
}

async function identityOf(url: string, dispatcher: Dispatcher | undefined): Promise<Omit<SandboxIdentity, 'speed'>> {
  let said: unknown
  try {
    const answer = await request(url, { dispatcher, headersTimeout: 5_000, bodyTimeout: 5_000 })
    said = await answer.body.json()
  } catch (error) {
    throw new SerinError('SANDBOX_CLOCK', `${url} does not answer as the sandbox does`, {}, error)
  }
  if (typeof said !== 'object' || said === null || !('sandbox' in said) || said.sandbox !== 'serin') {
    throw refused(`${url} does not say that it is the sandbox`)
  }
  return knownMembers({ ...said })
}

function knownMembers(said: Readonly<Record<string, unknown>>): Omit<SandboxIdentity, 'speed'> {
  return {
    ...(typeof said.world === 'string' ? { world: said.world } : {}),
    ...(typeof said.seed === 'number' ? { seed: said.seed } : {}),
    ...(Array.isArray(said.scenarios) ? { scenarios: said.scenarios.map(String) } : {}),
  }
}

function refused(because: string): SerinError {
  return new SerinError('SANDBOX_CLOCK', `The simulated clock is not used: ${because}`)
}
