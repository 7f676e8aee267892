import { describe, expect, it } from 'vitest'
import { drainStands, heldWords, type Refusal } from '../../../src/catalog/drain/drain.ts'
import { type BoundPod, boundPod } from '../../../src/model/bound-pod.ts'
import { MINUTE, SECOND } from '../../../src/model/instant.ts'
import type { Pod } from '../../../src/model/kubernetes.ts'
import type { BudgetFacts } from '../../../src/model/seen.ts'

const NOW = Date.parse('2026-11-23T10:00:00Z')

function pod(name: string, over: Partial<BoundPod> = {}): BoundPod {
  const key = `shop/${name}`
  const owner = `ReplicaSet/shop/${name.replace(/-\d+$/, '')}`
  return {
    key,
    namespace: 'shop',
    name,
    uid: `uid-${name}`,
    owner,
    ready: true,
    running: true,
    grace: 30 * SECOND,
    finalizers: [],
    ...over,
  }
}

function budget(name: string, allowed: number, pods: readonly string[], over: Partial<BudgetFacts> = {}): BudgetFacts {
  const [currentHealthy, desiredHealthy] = [pods.length, pods.length - allowed]
  return {
    key: `shop/${name}`,
    disruptionsAllowed: allowed,
    currentHealthy,
    desiredHealthy,
    pods: pods.map((each) => ({ pod: `shop/${each}` })),
    ...over,
  }
}

function stand(pods: readonly BoundPod[], budgets: readonly BudgetFacts[] = [], refusals: ReadonlyMap<string, Refusal> = new Map()) {
  const [only] = drainStands([{ node: 'n1', pods }], budgets, refusals, NOW)
  return { evict: only?.evict.map(({ name }) => name), held: only?.held.map(({ by }) => by), ended: only?.ended }
}

describe('the drain of a node', () => {
  it.each<{ title: string; pods: BoundPod[]; budgets?: BudgetFacts[]; evict: string[]; held?: string[]; ended?: boolean }>([
    { title: 'a pod that no budget guards is asked to leave', pods: [pod('web-1')], evict: ['web-1'] },
    { title: 'a pod of a DaemonSet stays, and the drain has ended', pods: [pod('log-1', { stays: 'daemon-set' })], evict: [], ended: true },
    { title: 'a pod that goes already is waited for', pods: [pod('web-1', { goingSince: NOW - SECOND })], evict: [] },
    {
      title: 'a pod long beyond its grace is named, with its finalizers',
      pods: [pod('web-1', { goingSince: NOW - 10 * MINUTE, finalizers: ['example.com/slow'] })],
      evict: [],
      held: ['finalizer'],
    },
    {
      title: 'a pod long beyond its grace without finalizers hangs at its kubelet',
      pods: [pod('web-1', { goingSince: NOW - 10 * MINUTE })],
      evict: [],
      held: ['not-going'],
    },
    {
      title: 'no more pods are asked than their budget allows',
      pods: [pod('db-0'), pod('db-1'), pod('web-1')],
      budgets: [budget('db', 1, ['db-0', 'db-1'])],
      evict: ['db-0', 'web-1'],
      held: ['budget'],
    },
    {
      title: 'two budgets on one pod: it is not even asked',
      pods: [pod('db-0')],
      budgets: [budget('a', 1, ['db-0']), budget('b', 1, ['db-0'])],
      evict: [],
      held: ['overlapping-budgets'],
    },
    {
      title: 'a pod that does not run asks no budget',
      pods: [pod('db-0', { running: false, ready: false })],
      budgets: [budget('a', 0, ['db-0']), budget('b', 0, ['db-0'])],
      evict: ['db-0'],
    },
    {
      title: 'a pod that is not ready stays when its budget is short of healthy ones',
      pods: [pod('db-0', { ready: false })],
      budgets: [budget('db', 0, ['db-0'], { currentHealthy: 0, desiredHealthy: 1 })],
      evict: [],
      held: ['budget'],
    },
    {
      title: 'and goes where the budget says AlwaysAllow',
      pods: [pod('db-0', { ready: false })],
      budgets: [budget('db', 0, ['db-0'], { currentHealthy: 0, desiredHealthy: 1, sparesUnready: true })],
      evict: ['db-0'],
    },
    {
      title: 'and goes while the budget is healthy without it',
      pods: [pod('db-0', { ready: false })],
      budgets: [budget('db', 0, ['db-0'], { currentHealthy: 2, desiredHealthy: 2 })],
      evict: ['db-0'],
    },
    {
      title: 'a budget of another namespace guards nothing here',
      pods: [pod('db-0')],
      budgets: [{ ...budget('db', 0, ['db-0']), key: 'other/db' }],
      evict: ['db-0'],
    },
  ])('$title', ({ pods, budgets, evict, held = [], ended = false }) => {
    expect(stand(pods, budgets)).toEqual({ evict, held, ended })
  })

  it.each([
    { title: 'is left alone for a moment after its budget refused', ago: 5 * SECOND, evict: [] },
    { title: 'is asked again after that', ago: 10 * SECOND, evict: ['db-0'] },
  ])('a pod $title', ({ ago, evict }) => {
    const refusals = new Map([['uid-db-0', { at: NOW - ago, by: 'budget', message: 'held' } as const]])
    expect(stand([pod('db-0')], [budget('db', 1, ['db-0'])], refusals).evict).toEqual(evict)
  })

  it('counts what a budget allows over all nodes together', () => {
    const drains = ['n1', 'n2', 'n3'].map((node, index) => ({ node, pods: [pod(`db-${index}`)] }))
    const stands = drainStands(drains, [budget('db', 2, ['db-0', 'db-1', 'db-2'])], new Map(), NOW)
    expect(stands.map(({ evict }) => evict.length)).toEqual([1, 1, 0])
    expect(stands.flatMap(({ held }) => held.map(heldWords))).toEqual([
      'pod shop/db-2 of ReplicaSet/shop/db on n3: PodDisruptionBudget shop/db allows no disruption now (3 healthy, 1 wanted)',
    ])
  })
})

describe('a pod as a drain sees it', () => {
  const base: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'db-0', namespace: 'shop', uid: 'u', ownerReferences: [{ kind: 'StatefulSet', name: 'db', controller: true }] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  }
  it.each<{ title: string; pod: Pod; is: Partial<BoundPod> }>([
    {
      title: 'a running pod with its owner',
      pod: base,
      is: { owner: 'StatefulSet/shop/db', ready: true, running: true, grace: 30 * SECOND },
    },
    {
      title: 'one that goes: told by its deletion time less its grace',
      pod: { ...base, metadata: { ...base.metadata, deletionTimestamp: '2026-11-23T10:01:00Z', deletionGracePeriodSeconds: 60 } },
      is: { goingSince: NOW, grace: MINUTE },
    },
    { title: 'one that has ended', pod: { ...base, status: { phase: 'Succeeded' } }, is: { stays: 'ended', running: false } },
    {
      title: 'one of a DaemonSet',
      pod: { ...base, metadata: { ...base.metadata, ownerReferences: [{ kind: 'DaemonSet', name: 'aws-node', controller: true }] } },
      is: { stays: 'daemon-set' },
    },
    {
      title: 'a mirror of a static pod',
      pod: { ...base, metadata: { ...base.metadata, annotations: { 'kubernetes.io/config.mirror': 'x' } } },
      is: { stays: 'mirror' },
    },
  ])('$title', ({ pod: each, is }) => {
    expect(boundPod(each)).toMatchObject(is)
  })
})
