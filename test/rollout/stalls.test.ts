import { describe, expect, it } from 'vitest'
import { MINUTE } from '../../src/model/instant.ts'
import type { Batch, Itinerary, ReplaceStep } from '../../src/model/itinerary.ts'
import type { Seen } from '../../src/model/seen.ts'
import { contextOf } from '../../src/rollout/context.ts'
import type { Decision } from '../../src/rollout/decision.ts'
import { evolve } from '../../src/rollout/evolve.ts'
import { noteProgress } from '../../src/rollout/rules/steps.ts'
import type { RunState } from '../../src/rollout/state.ts'
import { aGroup, aSeen, NOW } from '../support/seen-builder.ts'

/** What keeps a step from going on is told when it begins and when it is over, and is not waited for without end. */

const BATCH = 'wave/workers/1'
const STEP = {
  kind: 'replace-nodes',
  id: `${BATCH}/asg:workers`,
  group: 'asg:workers',
  autoScalingGroup: 'workers',
  before: {},
  after: {},
  zones: ['a'],
  pace: { maxUnavailable: 0, surge: 1, drainTimeout: 15 * MINUTE, blocked: { kind: 'hold' } },
  timeout: 60 * MINUTE,
} as unknown as ReplaceStep
const itinerary = {
  baseline: { cordoned: [], excludedFromBalancers: [], groups: {} },
  batches: [{ id: BATCH, phase: 'wave', title: 'workers', gates: [], steps: [STEP] } as unknown as Batch],
} as unknown as Itinerary
const AWAY: Seen['unavailable'] = [{ source: 'kubernetes:pods', reason: 'away', since: NOW }]

function opened(): RunState {
  const batch = {
    status: 'running',
    startedAt: NOW,
    baseline: { takenAt: NOW, workloads: {}, nodes: {} },
    steps: {},
    gates: {},
    soak: { passed: 0 },
  }
  return { run: 'r1', batches: { [BATCH]: batch }, waits: {}, requestsTaken: [] } as unknown as RunState
}

/** What is noted so many minutes later, and the state after it. */
function note(state: RunState, minutes: number, unavailable: Seen['unavailable']): { readonly events: unknown; readonly state: RunState } {
  const sizes = { min: 1, max: 9, desired: 1 }
  const members = [{ instanceId: 'i-1', lifecycle: 'InService', protected: false }]
  const group = aGroup({ name: 'asg:workers', sizes, autoScaling: { name: 'workers', sizes, launchFailures: [], members }, subnets: ['s'] })
  const seen = aSeen({ groups: [group], budgets: [], subnets: { s: { zone: 'a', free: 900 } }, unavailable })
  const now = NOW + minutes * MINUTE
  const decision: Decision | undefined = noteProgress(contextOf({ itinerary, state, seen, now, requests: [] }))
  const events = decision?.kind === 'record' ? decision.events : []
  return { events, state: events.reduce((known, event) => evolve(known, event, now), state) }
}

describe('a step that cannot go on', () => {
  const on = `steps/${STEP.id}`

  it('says so at once, is waited for within its budget, and then fails by what keeps it', () => {
    const first = note(opened(), 0, AWAY)
    expect(first.events).toMatchObject([{ type: 'waiting-began', on, because: expect.stringContaining('kubernetes:pods cannot be read') }])
    expect(note(first.state, 9, AWAY).events).toEqual([])
    const failure = { cause: 'evidence-missing', at: STEP.id, evidence: [{ subject: 'kubernetes:pods', says: 'away' }] }
    expect(note(first.state, 10, AWAY).events).toMatchObject([{ type: 'step-failed', step: STEP.id, failure }])
  })

  it('goes on when that has passed, and a new wait begins anew', () => {
    const over = note(note(opened(), 0, AWAY).state, 9, [])
    expect(over.events).toMatchObject([{ type: 'waiting-ended', on }])
    const again = note(over.state, 11, AWAY)
    expect(again.events).toMatchObject([{ type: 'waiting-began', on }])
    expect(note(again.state, 20, AWAY).events).toEqual([])
  })
})
