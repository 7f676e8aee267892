import { describe, expect, it } from 'vitest'
import { leftovers } from '../../../src/catalog/steps/tidy.ts'
import type { Baseline } from '../../../src/model/itinerary.ts'
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
    expect(leftovers(['app'], seen, baseline, new Set(gone))).toEqual(does)
  })
})
