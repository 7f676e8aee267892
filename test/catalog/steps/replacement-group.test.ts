import { describe, expect, it } from 'vitest'
import { deleteGroup } from '../../../src/catalog/steps/delete-group.ts'
import { moveWorkloads } from '../../../src/catalog/steps/move-workloads.ts'
import { MINUTE } from '../../../src/model/instant.ts'
import type { Baseline } from '../../../src/model/itinerary.ts'
import type { DeleteGroupStep, MoveStep } from '../../../src/model/replacement-steps.ts'
import type { GroupFacts, NodeFacts } from '../../../src/model/seen.ts'
import { aGroup, aNode, aSeen, NOW } from '../../support/seen-builder.ts'

/** One picture of an old group and the new one that takes over from it: what is done next. */

const BASE = {
  timeout: 60 * MINUTE,
  wayBack: { exists: 'yes', how: '' },
  forecast: { expected: 0, back: 0, exposed: { nodes: 0, pods: 0, minutes: 0 } },
} as const
const SIZES = { min: 1, max: 4, desired: 2 }
const FORWARD: MoveStep = {
  ...BASE,
  kind: 'move-workloads',
  id: 'wave/app/1/old',
  title: 'old → new',
  group: 'new',
  from: 'old',
  createdBy: 'wave/app/1/old/create',
  before: { version: '1.32' },
  after: { version: '1.33' },
  sizes: SIZES,
  nodes: 2,
  nodeClass: '',
  zones: [],
  pace: { maxUnavailable: 0, surge: 1, drainTimeout: 15 * MINUTE, blocked: { kind: 'hold' } },
}
const { sizes: _sizes, ...BACKWARD } = moveWorkloads.compensate(FORWARD, 'back') as MoveStep

const DELETE: DeleteGroupStep = {
  ...BASE,
  kind: 'delete-group',
  id: 'delete/old/group',
  title: '',
  group: 'old',
  own: false,
  arn: 'arn:old',
}

const TAG = { value: 'true', propagate: false }
const nodes = (group: string, over: Partial<NodeFacts> = {}) =>
  [1, 2].map((number) => aNode({ name: `${group}-${number}`, group, instanceId: `i-${group}-${number}`, ...over }))
const KEPT: Partial<NodeFacts> = { retired: true, kept: true, cordoned: true, evictablePods: 0, keptFromAutoscaler: true }
const scaled = (name: string, forAutoscaler: boolean): Partial<GroupFacts> => ({
  autoScaling: { name: `eks-${name}`, sizes: SIZES, launchFailures: [], forAutoscaler },
})

interface Situation {
  readonly old?: Partial<GroupFacts>
  readonly new?: Partial<GroupFacts>
}

function inputOf<S>(step: S, situation: Situation) {
  const old = aGroup({ name: 'old', arn: 'arn:old', nodes: nodes('old', KEPT), ...scaled('old', false), ...situation.old })
  const fresh = aGroup({ name: 'new', madeBy: 'run-1', nodes: nodes('new'), sizes: SIZES, ...scaled('new', false), ...situation.new })
  const before = { spec: {}, sizes: SIZES, updateSettings: {}, nodes: ['old-1', 'old-2'], autoscalerTag: TAG }
  const baseline: Baseline = { takenAt: '', addons: {}, groups: { old: before }, cordoned: [], excludedFromBalancers: [] }
  return { step, seen: aSeen({ groups: [old, fresh] }), now: NOW, acceptedAt: NOW - MINUTE, baseline, run: 'run-1' }
}

describe('workloads that go back to the old group', () => {
  it('find it open, and the autoscaler finds it too, before the first of them goes', () => {
    const actions = moveWorkloads.actions(inputOf(BACKWARD, {}))
    expect(actions).toContainEqual({ kind: 'tag-scaling-group', autoScalingGroup: 'eks-old', key: expect.any(String), tag: TAG })
    expect(actions).toContainEqual({ kind: 'uncordon', node: 'old-1' })
  })

  it('leave the tag alone where it is again', () => {
    const actions = moveWorkloads.actions(inputOf(BACKWARD, { old: scaled('old', true) }))
    expect(actions).not.toContainEqual(expect.objectContaining({ kind: 'tag-scaling-group', autoScalingGroup: 'eks-old' }))
  })
})

describe('a new group that has taken over', () => {
  const grown = { sizes: { min: 2, max: 4, desired: 2 } }

  it.each([
    { title: 'is well', status: 'ACTIVE', does: ['scale-nodegroup'] },
    { title: 'is unwell', status: 'DEGRADED', does: ['scale-nodegroup'] },
    { title: 'is being updated', status: 'UPDATING', does: [] },
  ])('and $title gives back the minimum that its growth needed: $does', ({ status, does }) => {
    const actions = moveWorkloads.actions(inputOf(FORWARD, { new: { ...grown, status } }))
    expect(actions.map(({ kind }) => kind)).toEqual(does)
  })
})

describe('the old group', () => {
  it.each<{ readonly title: string; readonly old: Partial<GroupFacts>; readonly does: readonly string[] }>([
    { title: 'is empty and out of service', old: {}, does: ['delete-group'] },
    {
      title: 'has nodes that somebody put back into service',
      old: { nodes: nodes('old', { ...KEPT, cordoned: false }) },
      does: ['retire-node', 'retire-node'],
    },
    { title: 'carries pods again', old: { nodes: nodes('old', { ...KEPT, evictablePods: 1 }) }, does: [] },
    { title: 'is another one of the same name', old: { arn: 'arn:other' }, does: [] },
    { title: 'is being deleted', old: { status: 'DELETING' }, does: [] },
  ])('that $title: $does', ({ old, does }) => {
    expect(deleteGroup.actions(inputOf(DELETE, { old })).map(({ kind }) => kind)).toEqual(does)
  })

  it('is not deleted while pods cannot be read', () => {
    const input = inputOf(DELETE, {})
    const unavailable = [{ source: 'kubernetes:pods', reason: '503', since: NOW }]
    expect(deleteGroup.actions({ ...input, seen: { ...input.seen, unavailable } })).toEqual([])
  })
})
