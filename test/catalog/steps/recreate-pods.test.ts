import { expect, it } from 'vitest'
import { NO_MEMORY, type StepInput, type StepMemory } from '../../../src/catalog/steps/definition.ts'
import { recreatePods } from '../../../src/catalog/steps/recreate-pods.ts'
import { MINUTE } from '../../../src/model/instant.ts'
import type { RecreateStep } from '../../../src/model/itinerary.ts'
import type { WaitingPod } from '../../../src/model/seen.ts'
import { aGroup, aNode, aSeen, aWaitingPod, NOW } from '../../support/seen-builder.ts'

const STEP: RecreateStep = {
  kind: 'recreate-pods',
  id: 'cure/pods/step',
  title: 'stuck pods made anew',
  pods: [{ namespace: 'shop', name: 'db-0', uid: 'first', node: 'n1', owner: 'db' }],
  atOnce: 1,
  timeout: 20 * MINUTE,
  wayBack: { exists: 'yes', how: '' },
  forecast: { expected: 0, back: 0, exposed: { nodes: 0, pods: 0, minutes: 0 } },
}
const BEGUN = NOW - 10 * MINUTE

function inputOf(waitingPods: readonly WaitingPod[], begunAt?: number): StepInput<RecreateStep> {
  const node = aNode({ name: 'n1', waitingPods })
  return {
    step: STEP,
    seen: aSeen({ groups: [aGroup({ nodes: [node] })], workloads: [] }),
    now: NOW,
    acceptedAt: begunAt ?? NOW,
    ...(begunAt !== undefined && { begunAt }),
    baseline: { takenAt: '', addons: {}, groups: {}, cordoned: [], excludedFromBalancers: [] },
    memory: NO_MEMORY,
  }
}

const first = aWaitingPod({ name: 'db-0', uid: 'first', owner: 'db', boundAt: NOW - 60 * MINUTE })
const leftOut = aWaitingPod({ name: 'db-1', uid: 'left-out', owner: 'db', boundAt: NOW - 60 * MINUTE })
const ofAnother = aWaitingPod({ name: 'db-replica-0', uid: 'another', owner: 'db-replica', boundAt: NOW - 5 * MINUTE })
const successor = aWaitingPod({ name: 'db-0', uid: 'second', owner: 'db', boundAt: NOW - 5 * MINUTE })

it.each([
  { title: 'nothing begun, another pod of its owner is left out by the bound', pods: [first, leftOut], begun: undefined, evicts: ['db-0'] },
  { title: 'begun, the one left out still waits', pods: [first, leftOut], begun: BEGUN, evicts: ['db-0'] },
  { title: 'begun, a pod of an owner whose name begins alike waits', pods: [first, ofAnother], begun: BEGUN, evicts: ['db-0'] },
  { title: 'the successor waits for an address too: no more of it', pods: [first, successor], begun: BEGUN, evicts: [], fails: true },
])('$title', ({ pods, begun, evicts, fails = false }) => {
  const input = inputOf(pods, begun)
  expect(recreatePods.actions(input).flatMap((action) => ('pod' in action ? [action.pod] : []))).toEqual(evicts)
  expect(recreatePods.progress(input).kind).toBe(fails ? 'failed' : 'in-progress')
})

it('while pods cannot be read nobody is asked to go, and nothing counts as done or failed', () => {
  const unread = { source: 'kubernetes:pods', reason: 'timeout', since: NOW }
  for (const pods of [[first], [first, successor], []]) {
    const input = inputOf(pods, BEGUN)
    const blind = { ...input, seen: { ...input.seen, unavailable: [unread] } }
    expect(recreatePods.actions(blind)).toEqual([])
    expect(recreatePods.progress(blind)).toMatchObject({ kind: 'in-progress', because: expect.stringContaining('cannot be read') })
  }
})

const refusal = (ago: number) => ({ at: NOW - ago, by: 'budget' as const, message: 'PodDisruptionBudget shop/db allows no disruption' })
const two = { ...STEP, pods: [...STEP.pods, { namespace: 'shop', name: 'web-0', uid: 'web', node: 'n1', owner: 'web' }] }
const web = aWaitingPod({ name: 'web-0', uid: 'web', owner: 'web', boundAt: NOW - 60 * MINUTE })

it.each<{ title: string; refusals: StepMemory['refusals']; evicts: readonly string[]; stalled?: string }>([
  { title: 'a budget that allows none holds up no others', refusals: { first: refusal(MINUTE) }, evicts: ['web-0'] },
  {
    title: 'which are asked one after the other',
    refusals: { first: refusal(MINUTE), web: refusal(2 * MINUTE) },
    evicts: ['web-0'],
    stalled: 'eviction-blocked',
  },
  {
    title: 'nobody is asked again at once',
    refusals: { first: refusal(1_000), web: refusal(2_000) },
    evicts: [],
    stalled: 'eviction-blocked',
  },
])('$title', ({ refusals, evicts, stalled }) => {
  const input = { ...inputOf([first, web], BEGUN), step: two, memory: { ...NO_MEMORY, refusals } }
  expect(recreatePods.actions(input).flatMap((action) => ('pod' in action ? [action.pod] : []))).toEqual(evicts)
  const progress = recreatePods.progress(input)
  expect(progress.kind === 'in-progress' ? progress.stalled?.failure.cause : progress.kind).toBe(stalled)
})
