import { describe, expect, it } from 'vitest'
import { leftovers } from '../../../src/catalog/steps/tidy.ts'
import type { Baseline, GroupBaseline } from '../../../src/model/itinerary.ts'
import { KEEP_FROM_AUTOSCALER, RETIRED } from '../../../src/model/kubernetes.ts'
import { aGroup, aNode, aSeen } from '../../support/seen-builder.ts'

/** What is restored on nodes of a group that EKS manages, one of which was taken out of service by Serin. */
describe('leftovers on a node', () => {
  const node = aNode({ name: 'n1', instanceId: 'i-1', group: 'app', retired: true, cordoned: true })
  const seen = aSeen({ groups: [aGroup({ name: 'app', nodes: [node] })] })
  const annotate = (key: string) => ({ kind: 'annotate-node', node: 'n1', key })
  const uncordon = { kind: 'uncordon', node: 'n1' }
  it.each<{ title: string; before?: Partial<Baseline>; gone?: string[]; does: object[] }>([
    { title: 'its marks and its cordon are removed', does: [annotate(RETIRED), annotate(KEEP_FROM_AUTOSCALER), uncordon] },
    {
      title: 'it was kept from the autoscaler before, and stays so',
      before: { keptFromAutoscaler: ['n1'] },
      does: [annotate(RETIRED), uncordon],
    },
    { title: 'it was told to go, and takes no pods any more', gone: ['i-1'], does: [] },
    { title: 'another one was told to go', gone: ['i-2'], does: [annotate(RETIRED), annotate(KEEP_FROM_AUTOSCALER), uncordon] },
  ])('$title', ({ before, gone, does }) => {
    const baseline: Baseline = { takenAt: '', addons: {}, cordoned: [], excludedFromBalancers: [], groups: {}, ...before }
    expect(leftovers(['app'], seen, baseline, { gone: new Set(gone) })).toEqual(does)
  })
})

describe('a cordon without a mark of ours', () => {
  const before: GroupBaseline = {
    ...{ spec: { launchTemplate: { id: 'lt-1', version: '3' } }, sizes: { min: 1, max: 3, desired: 2 }, updateSettings: {} },
    ...{ nodes: ['old'], images: ['ami-old'] },
  }
  const baseline: Baseline = { takenAt: '', addons: {}, cordoned: [], excludedFromBalancers: [], groups: { app: before } }
  it.each([
    { title: 'an old node is what an update leaves behind', node: { name: 'old', image: 'ami-old' }, goes: true },
    {
      title: 'a node that an autoscaler launched from the old image too',
      node: { name: 'n9', image: 'ami-old', templateVersion: '3' },
      goes: true,
    },
    { title: "a node of the new image is a person's", node: { name: 'n9', image: 'ami-new', templateVersion: '4' }, goes: false },
    {
      title: "a node of the new template with the same image is a person's",
      node: { name: 'n9', image: 'ami-old', templateVersion: '4' },
      goes: false,
    },
    { title: "a node of a group that was made is a person's", node: { name: 'n9', group: 'fresh', image: 'ami-new' }, goes: false },
    { title: 'a new node that the way back takes out of service is not', node: { name: 'n9', image: 'ami-new' }, back: true, goes: true },
  ])('on $title', ({ node, back = false, goes }) => {
    const closed = aNode({ group: 'app', cordoned: true, ...node })
    const seen = aSeen({ groups: [aGroup({ name: closed.group ?? '', nodes: [closed] })] })
    const actions = leftovers([closed.group ?? ''], seen, baseline, back ? { closedByPeople: () => false } : {})
    expect(actions).toEqual(goes ? [{ kind: 'uncordon', node: node.name }] : [])
  })
})
