import { describe, expect, it } from 'vitest'
import { guardedDrains, guards, isEvictable } from '../../../src/forecast/drain/evictable.ts'
import type { Pod, PodDisruptionBudget } from '../../../src/model/kubernetes.ts'
import { appPod } from '../../support/healthy-kubernetes.ts'

const pod = (change: Partial<Pod['metadata']> = {}, status: Pod['status'] = { phase: 'Running' }): Pod => {
  const base = appPod('shop', 'db-0', { app: 'db' }, 'node-1')
  return { ...base, metadata: { ...base.metadata, ...change }, status }
}

const owner = (kind: string, controller = true) => [{ kind, name: 'x', controller }]

describe('what a drain evicts', () => {
  it.each<{ title: string; pod: Pod; evicted: boolean }>([
    { title: 'a running pod', pod: pod(), evicted: true },
    { title: 'a pod of a StatefulSet', pod: pod({ ownerReferences: owner('StatefulSet') }), evicted: true },
    { title: 'not a pod of a DaemonSet', pod: pod({ ownerReferences: owner('DaemonSet') }), evicted: false },
    {
      title: 'a pod that a DaemonSet owns without controlling it',
      pod: pod({ ownerReferences: owner('DaemonSet', false) }),
      evicted: true,
    },
    { title: 'not a mirror pod', pod: pod({ annotations: { 'kubernetes.io/config.mirror': 'x' } }), evicted: false },
    { title: 'not a finished pod', pod: pod({}, { phase: 'Succeeded' }), evicted: false },
    { title: 'not a pod that is being deleted', pod: pod({ deletionTimestamp: '2026-11-23T10:00:00Z' }), evicted: false },
    { title: 'a pending pod', pod: pod({}, { phase: 'Pending' }), evicted: true },
  ])('$title', ({ pod, evicted }) => {
    expect(isEvictable(pod)).toBe(evicted)
  })
})

const budget = (spec: PodDisruptionBudget['spec'], parts: Partial<PodDisruptionBudget> = {}): PodDisruptionBudget => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'db', namespace: 'shop', generation: 2 },
  spec,
  status: { disruptionsAllowed: 0, observedGeneration: 2 },
  ...parts,
})

describe('what a budget guards', () => {
  const selector = { matchLabels: { app: 'db' } }
  it.each<{ title: string; budget: PodDisruptionBudget; guarded: boolean }>([
    { title: 'pods with its labels', budget: budget({ selector }), guarded: true },
    { title: 'not pods with others', budget: budget({ selector: { matchLabels: { app: 'web' } } }), guarded: false },
    { title: 'not pods elsewhere', budget: budget({ selector }, { metadata: { name: 'db', namespace: 'other' } }), guarded: false },
    { title: 'everything with an empty selector', budget: budget({ selector: {} }), guarded: true },
    { title: 'nothing without a selector', budget: budget({}), guarded: false },
  ])('$title', ({ budget, guarded }) => {
    expect(guards(budget, pod())).toBe(guarded)
  })
})

describe('budgets in the way of a drain', () => {
  const selector = { matchLabels: { app: 'db' } }
  const pods = [pod(), appPod('shop', 'db-1', { app: 'db' }, 'node-2'), appPod('shop', 'web-0', { app: 'web' }, 'node-1')]

  it('names the pods on the drained nodes alone', () => {
    const [drain] = guardedDrains(new Set(['node-1']), pods, [budget({ selector })])
    expect(drain).toMatchObject({ key: 'shop/db', nodes: ['node-1'], allowed: 0 })
    expect(drain?.pods.map((each) => each.metadata.name)).toEqual(['db-0'])
  })

  it('leaves out budgets without a pod there', () => {
    expect(guardedDrains(new Set(['node-3']), pods, [budget({ selector })])).toEqual([])
  })

  it('does not know what a budget allows while its controller lags', () => {
    const lagging = budget({ selector }, { status: { disruptionsAllowed: 1, observedGeneration: 1 } })
    expect(guardedDrains(new Set(['node-1']), pods, [lagging])[0]?.allowed).toBeUndefined()
  })
})
