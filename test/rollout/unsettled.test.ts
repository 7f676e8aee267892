import { describe, expect, it } from 'vitest'
import { NO_MEMORY, type StepMemory } from '../../src/catalog/steps/definition.ts'
import type { Action, CommandResult } from '../../src/model/command.ts'
import { MINUTE, SECOND } from '../../src/model/instant.ts'
import type { Batch, Itinerary, ReplaceStep } from '../../src/model/itinerary.ts'
import type { DeleteGroupStep } from '../../src/model/replacement-steps.ts'
import type { MemberFacts, Seen } from '../../src/model/seen.ts'
import { atSafePoint, type Context, contextOf } from '../../src/rollout/context.ts'
import { evolve } from '../../src/rollout/evolve.ts'
import { retryCommands } from '../../src/rollout/rules/commands.ts'
import { intendSteps } from '../../src/rollout/rules/steps.ts'
import type { RunState, StepState } from '../../src/rollout/state.ts'
import { aGroup, aNode, aSeen, NOW } from '../support/seen-builder.ts'

/** An answer got lost while Serin drives nodes itself: what it did is found out, and never taken for granted. */

const BATCH = 'wave/workers/1'
const GROUP = 'asg:workers'
const template = (version: string) => ({ id: 'lt-1', version })
const STEP: ReplaceStep = {
  kind: 'replace-nodes',
  id: `${BATCH}/${GROUP}`,
  title: 'workers',
  group: GROUP,
  autoScalingGroup: 'workers',
  before: { launchTemplate: template('1'), launch: { kind: 'template', ...template('1') } },
  after: { launchTemplate: template('2'), launch: { kind: 'template', ...template('2') } },
  nodes: 2,
  nodeClass: 'm5',
  zones: ['a'],
  pace: { maxUnavailable: 0, surge: 1, drainTimeout: 15 * MINUTE, blocked: { kind: 'hold' } },
  timeout: 60 * MINUTE,
  wayBack: { exists: 'yes', how: '' },
  forecast: { expected: 0, back: 0, exposed: { nodes: 0, pods: 0, minutes: 0 } },
}
const itinerary = {
  baseline: {
    takenAt: '',
    addons: {},
    cordoned: [],
    excludedFromBalancers: [],
    groups: {
      [GROUP]: {
        spec: STEP.before,
        sizes: { min: 1, max: 9, desired: 2 },
        updateSettings: {},
        nodes: ['old-1', 'old-2'],
        scaling: { suspended: ['AZRebalance'], protected: [], protectsNew: false },
      },
    },
  },
  batches: [{ id: BATCH, phase: 'wave', title: 'workers', steps: [STEP] } as unknown as Batch],
} as unknown as Itinerary

const UNSETTLED: CommandResult = { kind: 'unsettled', code: 'REMOTE_UNAVAILABLE', message: 'no answer' }
const GAP = [{ source: 'kubernetes:pods', reason: 'away', since: NOW }]

interface Situation {
  readonly action: Action
  readonly result?: CommandResult
  /** Lifecycle of each instance, by node. */
  readonly members: Readonly<Record<string, string>>
  readonly desired: number
  readonly memory?: Partial<StepMemory>
  readonly seen?: Partial<Pick<Seen, 'unavailable' | 'throttled'>>
}

/** A minute after one command of the step was answered so. */
function contextAfter({ action, result = UNSETTLED, members, desired, memory, seen }: Situation): Context {
  const sizes = { min: 1, max: 9, desired }
  const version = (name: string) => (name.startsWith('new') ? '2' : '1')
  const facts = Object.entries(members).map(
    ([name, lifecycle]): MemberFacts => ({
      instanceId: `i-${name}`,
      lifecycle,
      protected: name.startsWith('new'),
      zone: 'a',
      template: template(version(name)),
    }),
  )
  const nodes = Object.keys(members).map((name) =>
    aNode({
      name,
      instanceId: `i-${name}`,
      group: GROUP,
      pods: [],
      volumes: [],
      keptFromAutoscaler: true,
      cordoned: memory?.draining?.[name] !== undefined,
    }),
  )
  const spec = { launchTemplate: template('2'), launch: { kind: 'template' as const, ...template('2') } }
  const autoScaling = { name: 'workers', sizes, launchFailures: [], unjoined: [], members: facts, suspended: ['AZRebalance'], hooks: [] }
  const step: StepState = {
    commands: [{ command: { id: 'c1', step: STEP.id, action }, intendedAt: NOW - MINUTE, answeredAt: NOW - MINUTE, result }],
    acceptedAt: NOW - 10 * MINUTE,
    attempt: 1,
    intended: 1,
    memory: { ...NO_MEMORY, ...memory },
  }
  const baseline = { takenAt: 0, workloads: {}, nodes: Object.fromEntries(nodes.map((node) => [node.name, node])) }
  const batch = { status: 'running', startedAt: NOW - 10 * MINUTE, baseline, steps: { [STEP.id]: step }, gates: {}, soak: { passed: 0 } }
  const state = { run: 'r1', batches: { [BATCH]: batch }, waits: {}, requestsTaken: [] } as unknown as RunState
  const picture = aSeen({ groups: [aGroup({ name: GROUP, spec, sizes, autoScaling, nodes })], budgets: [], ...seen })
  return contextOf({ itinerary, state, seen: picture, now: NOW, requests: [] })
}

const terminate: Action = { kind: 'terminate-instance', autoScalingGroup: 'workers', instanceId: 'i-old-2', decrement: true, node: 'old-2' }
const raise: Action = { kind: 'update-scaling-group', autoScalingGroup: 'workers', change: { desired: 3, raisedBy: 1, keeps: 2 } }
const retire: Action = { kind: 'retire-node', node: 'old-1' }
const evict: Action = { kind: 'evict-pod', namespace: 'shop', pod: 'web-1', uid: 'u', node: 'old-1' }
const deferred: CommandResult = { kind: 'deferred', code: 'ResourceContention', message: 'busy' }
const DRAINING = { 'old-2': NOW - 5 * MINUTE }
const BOTH = { 'old-1': 'InService', 'old-2': 'InService', 'new-1': 'InService' }
const LAST = { 'old-2': 'InService', 'new-1': 'InService', 'new-2': 'InService' }

const CASES: { title: string; situation: Situation; is: 'sent again' | 'given up' }[] = [
  {
    title: 'a termination, while pods cannot be read',
    situation: { action: terminate, members: LAST, desired: 3, memory: { raised: 1, draining: DRAINING }, seen: { unavailable: GAP } },
    is: 'sent again',
  },
  {
    title: 'a termination that was applied: the instance is leaving',
    situation: {
      action: terminate,
      members: { ...LAST, 'old-2': 'Terminating' },
      desired: 2,
      memory: { raised: 1, draining: DRAINING },
    },
    is: 'sent again',
  },
  {
    title: 'a drain that was to begin when the API throttled',
    situation: { action: retire, members: BOTH, desired: 3, memory: { raised: 1 }, seen: { throttled: 3 } },
    is: 'sent again',
  },
  { title: 'a size that was raised: it is read raised', situation: { action: raise, members: BOTH, desired: 3 }, is: 'sent again' },
  {
    title: 'an eviction of a pod that is gone',
    situation: { action: evict, members: BOTH, desired: 3, memory: { raised: 1 } },
    is: 'given up',
  },
  {
    title: 'an eviction, while pods cannot be read',
    situation: { action: evict, members: BOTH, desired: 3, memory: { raised: 1 }, seen: { unavailable: GAP } },
    is: 'sent again',
  },
  {
    title: 'a termination that met a conflict, of a node that is not to go any more',
    situation: { action: terminate, result: deferred, members: LAST, desired: 3, memory: { raised: 1 } },
    is: 'given up',
  },
]

describe('a command whose effect is not known', () => {
  it.each(CASES)('$title: $is', ({ situation, is }) => {
    const decision = retryCommands(contextAfter(situation))
    const given = { kind: 'record', events: [{ type: 'command-answered', result: { kind: 'moot', unwanted: true } }] }
    expect(decision).toMatchObject(is === 'sent again' ? { kind: 'perform', commands: [{ id: 'c1' }] } : given)
  })

  it.each([
    { title: 'keeps people waiting while it is sent again', over: {}, safe: false },
    { title: 'keeps nobody waiting when the world shows that its step is done', over: { doneAt: NOW }, safe: true },
    { title: 'keeps nobody waiting when its step has failed', over: { failure: { cause: 'update-failed' } }, safe: true },
  ])('$title', ({ over, safe }) => {
    const context = contextAfter({ action: retire, members: BOTH, desired: 3, memory: { raised: 1 } })
    const steps = { [STEP.id]: { ...context.batchState.steps[STEP.id], ...over } as StepState }
    expect(atSafePoint({ ...context, batchState: { ...context.batchState, steps } })).toBe(safe)
  })

  it.each([
    { title: 'tried for longer than that, its step fails', over: {}, fails: true },
    {
      title: 'whose run was taken up just now by another process, it is sent again first',
      over: { drivenSince: NOW - MINUTE },
      fails: false,
    },
    { title: 'whose hold was left just now, it is sent again first', over: { resumedAt: NOW - MINUTE }, fails: false },
  ])('intended half an hour ago and $title', ({ over, fails }) => {
    const { itinerary: course, state, ...rest } = contextAfter({ action: retire, members: BOTH, desired: 3, memory: { raised: 1 } })
    const step = state.batches[BATCH]?.steps[STEP.id]
    const commands = step?.commands.map((command) => ({ ...command, intendedAt: NOW - 30 * MINUTE }))
    const steps = { [STEP.id]: { ...step, commands } }
    const old = { ...state, ...over, batches: { [BATCH]: { ...state.batches[BATCH], steps } } } as unknown as RunState
    const decision = retryCommands(contextOf({ ...rest, itinerary: course, state: old }))
    expect(decision).toMatchObject(
      fails ? { kind: 'record', events: [{ type: 'step-failed' }] } : { kind: 'perform', commands: [{ id: 'c1' }] },
    )
  })

  it.each([terminate, retire, raise, evict])('is forgotten when it is given up, and nothing of it is taken for done: $kind', (action) => {
    const { state } = contextAfter({ action, members: LAST, desired: 3, memory: { raised: 1, draining: DRAINING } })
    const before = state.batches[BATCH]?.steps[STEP.id]
    const next = evolve(state, { type: 'command-answered', command: 'c1', result: { kind: 'moot', unwanted: true } }, NOW)
    expect(next.batches[BATCH]?.steps[STEP.id]).toMatchObject({ commands: [], memory: before?.memory })
  })

  it.each([
    { title: 'no new node is drained as one too many', action: terminate, members: { ...LAST, 'old-2': 'Terminating' }, desired: 2 },
    { title: 'the size is not raised a second time', action: raise, members: BOTH, desired: 3 },
  ])('nothing that rests on it begins meanwhile: $title', ({ action, members, desired }) => {
    const memory = action === terminate ? { raised: 1, draining: DRAINING } : {}
    const decide = (result: CommandResult) => intendSteps(contextAfter({ action, result, members, desired, memory }))
    expect(decide(UNSETTLED)).toBeUndefined()
    // Were the answer known to have been a conflict, which begins nothing, it would.
    expect(action === raise || decide(deferred) !== undefined).toBe(true)
  })

  it('found to have been applied, a termination without a replacement leaves the size as it was', () => {
    const { state } = contextAfter({ action: terminate, members: LAST, desired: 2, memory: { raised: 1, draining: DRAINING } })
    const next = evolve(state, { type: 'command-answered', command: 'c1', result: { kind: 'accepted', found: true } }, NOW + SECOND)
    expect(next.batches[BATCH]?.steps[STEP.id]?.memory).toMatchObject({ raised: 0, draining: {}, terminated: { 'i-old-2': NOW + SECOND } })
  })
})

describe('a command that cannot be taken back', () => {
  const id = 'delete/workers'
  const step: DeleteGroupStep = {
    ...{ kind: 'delete-group', id: `${id}/group`, title: 'workers deleted', group: GROUP, own: false, arn: 'arn:workers' },
    ...{ timeout: 60 * MINUTE, wayBack: { exists: 'none', how: '' }, forecast: STEP.forecast },
  }
  const course = { ...itinerary, batches: [{ id, phase: 'wave', title: 'workers', steps: [step] }] } as unknown as Itinerary
  const action: Action = { kind: 'delete-group', group: GROUP, arn: 'arn:workers' }

  function stateAfter(kind: Action, result?: CommandResult): RunState {
    const command = { command: { id: 'c1', step: step.id, action: kind }, intendedAt: NOW - MINUTE, ...(result && { result }) }
    const known: StepState = { commands: [{ ...command, answeredAt: NOW - MINUTE }], attempt: 1 }
    return {
      ...{ run: 'r1', waits: {}, requestsTaken: [] },
      batches: { [id]: { status: 'running', startedAt: NOW - MINUTE, steps: { [step.id]: known }, gates: {}, soak: { passed: 0 } } },
    } as unknown as RunState
  }

  function retry(result: CommandResult, over: Partial<RunState>, seen: Situation['seen'] = {}) {
    const node = aNode({ name: 'old-1', group: GROUP, cordoned: true, kept: true, evictablePods: 0, pods: [] })
    const picture = aSeen({ groups: [aGroup({ name: GROUP, arn: 'arn:workers', nodes: [node] })], ...seen })
    return retryCommands(
      contextOf({ itinerary: course, state: { ...stateAfter(action, result), ...over }, seen: picture, now: NOW, requests: [] }),
    )
  }

  const rollback = { asked: { kind: 'rollback', by: 'lena' } } as const
  it.each([
    { title: 'sent again when its nodes are seen empty', over: {}, seen: {}, perform: true },
    { title: 'neither sent nor given up while pods cannot be read', over: {}, seen: { unavailable: GAP }, perform: false },
    { title: 'handed on to be looked for where a person asks for the way back', over: rollback, seen: { unavailable: GAP }, perform: true },
  ])('is $title', ({ over, seen, perform }) => {
    for (const result of [UNSETTLED, deferred])
      expect(retry(result, over, seen)).toEqual(perform ? { kind: 'perform', commands: [{ id: 'c1', step: step.id, action }] } : undefined)
  })

  it.each<Action>([action, { kind: 'update-control-plane', version: '1.34' }])(
    'is forgotten when it has begun nothing, and what is intended anew has another id: $kind',
    (kind) => {
      const next = evolve(stateAfter(kind), { type: 'command-answered', command: 'c1', result: { kind: 'moot', unbegun: true } }, NOW)
      expect(next.batches[id]?.steps[step.id]).toEqual({ commands: [], attempt: 1, intended: 1 })
    },
  )
})
