import { describe, expect, it } from 'vitest'
import { NO_MEMORY, type StepInput, type StepMemory } from '../../../src/catalog/steps/definition.ts'
import { rotateNode } from '../../../src/catalog/steps/rotate-node.ts'
import { MINUTE } from '../../../src/model/instant.ts'
import type { RotateStep } from '../../../src/model/itinerary.ts'
import type { GroupFacts, NodeFacts, Seen } from '../../../src/model/seen.ts'
import { aGroup, aNode, aSeen, NOW } from '../../support/seen-builder.ts'

/** One picture, one memory: whether a node that fails is touched, and when it counts as gone. */

const STEP: RotateStep = {
  kind: 'rotate-node',
  id: 'cure/node/1/step',
  title: 'a new node for n1',
  group: 'app-a',
  autoScalingGroup: 'eks-app-a',
  node: 'n1',
  instanceId: 'i-n1',
  nodes: 2,
  timeout: 20 * MINUTE,
  wayBack: { exists: 'yes', how: '' },
  forecast: { expected: 0, back: 0, exposed: { nodes: 0, pods: 0, minutes: 0 } },
}

/** Drained to the last pod. */
const EMPTY: Partial<NodeFacts> = { retired: true, cordoned: true, pods: [], volumes: [] }
const others = (count: number) => [2, 3].slice(0, count).map((number) => aNode({ name: `n${number}`, instanceId: `i-n${number}` }))

interface Situation {
  readonly node?: Partial<NodeFacts>
  readonly group?: Partial<GroupFacts>
  readonly step?: Partial<RotateStep>
  readonly seen?: Partial<Seen>
  readonly memory?: Partial<StepMemory>
}

function inputOf({ node = EMPTY, group, step, seen, memory }: Situation): StepInput<RotateStep> {
  const nodes = [aNode({ name: 'n1', instanceId: 'i-n1', ...node }), ...others(1)]
  return {
    step: { ...STEP, ...step },
    seen: { ...aSeen({ groups: [aGroup({ nodes, ...group })], budgets: [] }), now: NOW, ...seen },
    now: NOW,
    acceptedAt: NOW - MINUTE,
    baseline: { takenAt: '', addons: {}, groups: {}, cordoned: [], excludedFromBalancers: [] },
    memory: { ...NO_MEMORY, draining: { n1: NOW - MINUTE }, ...memory },
  }
}

const unread = (source: string): Partial<Seen> => ({ unavailable: [{ source, reason: 'timeout', since: NOW - MINUTE }] })
const autoScaling = { name: 'eks-app-a', sizes: { min: 0, max: 4, desired: 2 }, launchFailures: [] }
const refreshed: Partial<GroupFacts> = { autoScaling: { ...autoScaling, members: [], refresh: 'InProgress' } }

describe('a node to be rotated', () => {
  it.each<Situation & { readonly title: string; readonly does: readonly string[] }>([
    { title: 'in service: is retired', node: {}, memory: { draining: {} }, does: ['retire-node'] },
    { title: 'empty, seen after its retirement: goes', does: ['terminate-instance'] },
    { title: 'pods cannot be read', seen: unread('kubernetes:pods'), does: [] },
    { title: 'nodes cannot be read', seen: unread('kubernetes:nodes'), does: [] },
    { title: 'budgets cannot be read', seen: unread('kubernetes:poddisruptionbudgets'), does: [] },
    { title: 'volumes still hang on it', node: { ...EMPTY, volumes: ['vol-1'] }, does: [] },
    { title: 'an instance refresh works on the group', group: refreshed, does: [] },
    { title: 'somebody uncordoned it: is retired again', node: { ...EMPTY, cordoned: false }, does: ['retire-node'] },
    { title: 'the picture is from before its retirement', memory: { draining: { n1: NOW } }, does: [] },
    { title: 'the picture is too early to show pods that were bound just before', memory: { draining: { n1: NOW - 4_000 } }, does: [] },
    { title: 'retired by another run: its own drain begins first', memory: { draining: {} }, does: ['retire-node'] },
  ])('$title', ({ does, ...situation }) => {
    expect(rotateNode.actions(inputOf(situation)).map(({ kind }) => kind)).toEqual(does)
  })

  it.each<Situation & { readonly title: string; readonly kind: string; readonly says?: string }>([
    {
      title: 'pods cannot be read',
      seen: unread('kubernetes:pods'),
      kind: 'in-progress',
      says: 'kubernetes:pods cannot be read (timeout); nothing of app-a is touched meanwhile',
    },
    {
      title: 'its self-managed group was not read: it is not gone for that',
      step: { group: 'asg:workers' },
      kind: 'in-progress',
      says: 'asg:workers has not been read yet; no node of it is touched meanwhile',
    },
    { title: 'an instance refresh works on the group', group: refreshed, kind: 'failed' },
    {
      title: 'gone, and its successor is not there',
      group: { nodes: others(1) },
      kind: 'in-progress',
      says: 'n1 is gone; 1 of 2 nodes of app-a are Ready',
    },
    { title: 'gone, and its successor is Ready', group: { nodes: others(2) }, kind: 'done' },
  ])('stands so: $title', ({ kind, says, ...situation }) => {
    const progress = rotateNode.progress(inputOf(situation))
    expect(progress).toMatchObject({ kind, ...(says !== undefined && { because: says }) })
  })
})
