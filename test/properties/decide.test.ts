import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../src/model/canonical-json.ts'
import type { CommandResult } from '../../src/model/command.ts'
import type { RunRequest } from '../../src/ports/run-record.ts'
import { decide } from '../../src/rollout/decide.ts'
import type { Decision } from '../../src/rollout/decision.ts'
import { deepFreeze } from '../support/deep-freeze.ts'
import { type Happening, happeningArbitrary, requestArbitrary, resultArbitrary } from '../support/random-seen.ts'
import { aTale, preflightEvent, type Tale } from '../support/tale.ts'
import { checking } from './checking.ts'

/** `decide` alone, over pictures and answers that no cluster may ever give: it must still be a sane function. */

const RECORDS_IN_A_ROW = 40

/** Decides until something else than recording is to be done, on frozen input, each time twice. */
function settled(tale: Tale, requests: readonly RunRequest[]): Exclude<Decision, { kind: 'record' }> {
  for (let count = 0; count < RECORDS_IN_A_ROW; count++) {
    const input = { itinerary: tale.itinerary, state: tale.state, seen: tale.seen, now: tale.now, requests }
    deepFreeze(input)
    const decision = decide(input)
    expect(canonicalJson(decide(input))).toBe(canonicalJson(decision))
    if (decision.kind !== 'record') return decision
    expect(decision.events.length).toBeGreaterThan(0)
    tale.happens(...decision.events)
  }
  throw new Error(`recording without end: ${tale.types().slice(-8).join(', ')}`)
}

/** Only what was intended is sent; while a hold stands, only what was sent before and never answered. */
function mayPerform(tale: Tale, decision: Extract<Decision, { kind: 'perform' }>): void {
  const known = Object.values(tale.state.batches).flatMap((batch) => Object.values(batch.steps).flatMap((step) => step.commands))
  for (const { id } of decision.commands) {
    const command = known.find((candidate) => candidate.command.id === id)
    expect(command, `the command ${id} was never intended`).toBeDefined()
    if (tale.state.hold !== undefined) expect(command?.result, 'a command is sent while the run is on hold').toBeUndefined()
  }
}

const turnArbitrary = fc.record({
  happenings: fc.array(happeningArbitrary, { maxLength: 3 }),
  request: requestArbitrary,
  results: fc.infiniteStream(resultArbitrary),
  preflight: fc.constantFrom<Turn['preflight']>('clear', 'clear', 'clear', 'blocked', 'inconclusive'),
})

interface Turn {
  readonly happenings: readonly Happening[]
  readonly request: Pick<RunRequest, 'kind' | 'by' | 'gate'> | undefined
  readonly results: IterableIterator<CommandResult>
  readonly preflight: 'clear' | 'blocked' | 'inconclusive'
}

function play(tale: Tale, { happenings, request, results, preflight }: Turn, turn: number): Decision {
  for (const happening of happenings) happening(tale, turn)
  const requests = request === undefined ? [] : [{ ...request, id: `request-${turn}`, at: tale.now }]
  const decision = settled(tale, requests)
  if (decision.kind === 'perform') {
    mayPerform(tale, decision)
    tale.answer(decision, () => results.next().value)
  }
  if (decision.kind === 'inspect' && decision.what === 'preflight') tale.happens(preflightEvent(preflight))
  if (decision.kind === 'inspect' && decision.what === 'plain-read') tale.world(() => ({ plainReadAt: tale.now }))
  if (decision.kind === 'wait') tale.passes(Math.max(0, decision.until - tale.now) / 60_000)
  return decision
}

const planArbitrary = fc.record({
  addons: fc.boolean(),
  rollback: fc.record({
    addon: fc.constantFrom<'last-proven-hop' | 'hold'>('last-proven-hop', 'hold'),
    canary: fc.constantFrom<'automatic' | 'hold'>('automatic', 'hold'),
    waves: fc.constantFrom<'hold' | 'failed-batch' | 'automatic'>('hold', 'failed-batch', 'automatic'),
    grace: fc.constantFrom(0, 600_000),
  }),
})

describe('decide, over anything it may be shown', () => {
  it('never throws, never records without end, repeats itself, changes nothing, and sends nothing on hold', { timeout: 120_000 }, () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(planArbitrary, fc.array(turnArbitrary, { minLength: 5, maxLength: 25 }), ({ addons, rollback }, turns) => {
        const tale = aTale({ plan: { rollback }, ...(!addons && { intent: { addons: [] } }) })
        for (const [index, turn] of turns.entries()) seen.add(play(tale, turn, index).kind)
      }),
      checking(Number(process.env.SERIN_DECIDE_RUNS ?? 1_500), 1),
    )
    expect([...seen].sort()).toEqual(['finished', 'hold', 'inspect', 'perform', 'wait'])
  })
})
