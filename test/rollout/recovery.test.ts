import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/journal/event.ts'
import type { Action, CommandResult } from '../../src/model/command.ts'
import type { Itinerary } from '../../src/model/itinerary.ts'
import { compile } from '../../src/rollout/compile.ts'
import { evolve } from '../../src/rollout/evolve.ts'
import { wayBack } from '../../src/rollout/recovery.ts'
import type { RunState } from '../../src/rollout/state.ts'
import { healthyIntent, healthyPlan, healthySnapshot } from '../support/snapshot-builder.ts'

const itinerary = compile(healthyPlan(), healthyIntent(), healthySnapshot())

/** A run in which the commands of these batches were accepted, in this order. */
function ran(...batches: readonly string[]): RunState {
  return ranOf(itinerary, ...batches)
}

function ranOf(itinerary: Itinerary, ...batches: readonly string[]): RunState {
  const opened: RunEvent = { type: 'run-opened', run: 'r1', plan: 'p', digest: 'd', by: 'lena', cluster: 'shop' }
  const events = batches.flatMap((id): RunEvent[] => {
    const steps = itinerary.batches.find((batch) => batch.id === id)?.steps ?? []
    return [
      { type: 'batch-started', batch: id, baseline: { takenAt: 0, nodes: {}, workloads: {} } },
      ...steps.flatMap((step): RunEvent[] => [
        { type: 'command-intended', command: { id: `c-${step.id}`, step: step.id, action: { kind: 'uncordon', node: 'n' } } },
        { type: 'command-answered', command: `c-${step.id}`, result: { kind: 'accepted', updateId: `u-${step.id}` } },
      ]),
    ]
  })
  return events.reduce((state, event) => evolve(state, event, 0), evolve(undefined, opened, 0))
}

const ids = (state: RunState, scope: 'everything' | 'failed-batch', failed?: string) =>
  wayBack(itinerary, state, scope, failed).map(({ id }) => id)

describe('the way back of a group that was replaced', () => {
  const rest = { nodes: 2, timeout: 0, wayBack: { exists: 'yes', how: '' }, forecast: { expected: 0, back: 0 } }
  const create = { ...rest, kind: 'create-group', id: 'wave/app/1/old/create', title: '', group: 'new', replaces: 'old' }
  const move = {
    ...rest,
    kind: 'move-workloads',
    id: 'wave/app/1/old',
    title: '',
    group: 'new',
    from: 'old',
    createdBy: create.id,
    sizes: {},
  }
  const gone = { ...rest, kind: 'delete-group', id: 'delete/old/group', title: '', group: 'old', own: false, arn: 'arn:old' }
  const batch = (id: string, ...steps: readonly object[]) => ({ id, phase: 'wave', title: id, steps, gates: [], soak: 0, approval: false })
  const replaced = { ...itinerary, batches: [batch('wave/app/1', create, move), batch('delete/old', gone)] } as unknown as Itinerary

  it.each<{ readonly title: string; readonly action: Action; readonly result: CommandResult; readonly back: readonly string[] }>([
    {
      title: 'only a node of it was taken out of service for its deletion',
      action: { kind: 'retire-node', node: 'old-3' },
      result: { kind: 'accepted' },
      back: ['back/wave/app/1/old/create/move', 'back/wave/app/1/old/create'],
    },
    {
      title: 'its deletion was refused',
      action: { kind: 'delete-group', group: 'old', arn: 'arn:old' },
      result: { kind: 'refused', code: 'AccessDeniedException', message: 'no' },
      back: ['back/wave/app/1/old/create/move', 'back/wave/app/1/old/create'],
    },
    {
      title: 'its deletion was given up, since pods had come back',
      action: { kind: 'delete-group', group: 'old', arn: 'arn:old' },
      result: { kind: 'moot', unwanted: true },
      back: ['back/wave/app/1/old/create/move', 'back/wave/app/1/old/create'],
    },
    {
      title: 'the answer to its deletion was lost, and it is gone: what took over stays',
      action: { kind: 'delete-group', group: 'old', arn: 'arn:old' },
      result: { kind: 'moot' },
      back: [],
    },
    {
      title: 'it was deleted: what took over stays',
      action: { kind: 'delete-group', group: 'old', arn: 'arn:old' },
      result: { kind: 'accepted' },
      back: [],
    },
  ])('$title', ({ action, result, back }) => {
    const events: RunEvent[] = [
      { type: 'batch-started', batch: 'delete/old', baseline: { takenAt: 0, nodes: {}, workloads: {} } },
      { type: 'command-intended', command: { id: 'c-last', step: gone.id, action } },
      { type: 'command-answered', command: 'c-last', result },
    ]
    const state = events.reduce((known, event) => evolve(known, event, 0), ranOf(replaced, 'wave/app/1'))
    expect(wayBack(replaced, state, 'everything', 'delete/old').map(({ id }) => id)).toEqual([...back, 'back/tidy'])
  })
})

describe('the way back', () => {
  it('is derived from what was done: steps that never acted are not in it', () => {
    expect(ids(ran('addon/vpc-cni/1'), 'everything', 'addon/vpc-cni/1')).toEqual([
      'back/addon/vpc-cni/1/vpc-cni',
      'back/aws-node-fields',
      'back/tidy',
    ])
  })

  it('takes vpc-cni back first, last hop first, then the failed group, then the smallest', () => {
    const state = ran('addon/vpc-cni/1', 'addon/vpc-cni/2', 'canary/1', 'wave/app/1', 'wave/app/2')
    expect(ids(state, 'everything', 'wave/app/2')).toEqual([
      'back/addon/vpc-cni/2/vpc-cni',
      'back/addon/vpc-cni/1/vpc-cni',
      'back/aws-node-fields',
      'back/wave/app/2/app-b',
      'back/canary/1/canary',
      'back/wave/app/1/app-a',
      'back/tidy',
    ])
  })

  it('of the failed batch alone leaves add-on and earlier waves as they are', () => {
    const state = ran('addon/vpc-cni/1', 'canary/1', 'wave/app/1')
    expect(ids(state, 'failed-batch', 'wave/app/1')).toEqual(['back/wave/app/1/app-a', 'back/tidy'])
  })

  it('sends what was there before, with its role and configuration', () => {
    const [first] = wayBack(itinerary, ran('addon/vpc-cni/1'), 'everything', 'addon/vpc-cni/1')
    expect(first?.steps[0]).toMatchObject({
      after: { version: 'v1.20.4-eksbuild.2', serviceAccountRoleArn: expect.any(String) },
      before: { version: 'v1.21.2-eksbuild.2' },
    })
  })

  it('keeps new pods away from nodes on which aws-node fails, before anything else', () => {
    const failure = { cause: 'addon-fails', at: 'addon/vpc-cni/1', message: 'm', evidence: [], nodes: ['n1'] } as const
    const [first] = wayBack(itinerary, ran('addon/vpc-cni/1'), 'everything', 'addon/vpc-cni/1', failure)
    expect(first?.steps[0]).toMatchObject({ kind: 'mark-nodes', nodes: ['n1'] })
  })

  it('takes the marks away before the gates of the first hop back: on a marked node nothing new could prove it', () => {
    const failure = { cause: 'addon-fails', at: 'addon/vpc-cni/2', message: 'm', evidence: [], nodes: ['n1'] } as const
    const back = wayBack(itinerary, ran('addon/vpc-cni/1', 'addon/vpc-cni/2'), 'everything', 'addon/vpc-cni/2', failure)
    const hop = 'back/addon/vpc-cni/2/vpc-cni'
    expect(back.find(({ id }) => id === hop)?.steps).toMatchObject([
      { kind: 'addon-update', id: `${hop}/step` },
      { kind: 'tidy', groups: [], needs: [`${hop}/step`] },
    ])
    expect(back.find(({ id }) => id === 'back/addon/vpc-cni/1/vpc-cni')?.steps).toHaveLength(1)
  })

  it('restores settings without gates: no node changes, so there is nothing to judge', () => {
    const plan = healthyPlan({ nodeGroups: [{ match: 'canary', maxUnavailable: 2 }] })
    const groups = healthyIntent().groups.map((group) => (group.name === 'canary' ? { ...group, maxUnavailable: 2 } : group))
    const changed = compile(plan, healthyIntent({ groups }), healthySnapshot())
    const state = ranOf(changed, 'canary/1')
    const back = wayBack(changed, state, 'everything', 'canary/1')
    expect(back.map(({ id, gates }) => [id, gates.length > 0])).toEqual([
      ['back/canary/1/canary', true],
      ['back/canary/1/canary/settings', false],
      ['back/tidy', false],
    ])
  })
})
