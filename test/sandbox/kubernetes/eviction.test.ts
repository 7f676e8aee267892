import { expect, it } from 'vitest'
import type { BudgetObject } from '../../../src/sandbox/world/kubernetes/objects.ts'
import { isReady } from '../../../src/sandbox/world/kubernetes/objects.ts'
import { cluster } from './cluster.ts'

const web = (budget?: { minAvailable?: number | string; maxUnavailable?: number | string }, replicas = 3) =>
  ({ kind: 'Deployment', namespace: 'shop', name: 'web', replicas, ...(budget ? { budget } : {}) }) as const

const budgetOf = (world: ReturnType<typeof cluster>) => world.store.get('PodDisruptionBudget', 'shop', 'web') as BudgetObject

it('evicts at once what no budget guards, and the pod goes gracefully', () => {
  const world = cluster({ workloads: [web()] })
  const name = world.pods('shop')[0]?.metadata.name ?? ''
  expect(world.side.evict('shop', name)).toEqual({ evicted: true })
  expect(world.store.get('Pod', 'shop', name)?.metadata).toMatchObject({ deletionTimestamp: '2026-11-23T10:00:30Z' })
  world.pass(10)
  expect(world.store.get('Pod', 'shop', name)).toBeUndefined()
})

it('refuses in the words of the API what its budget does not allow, within the same instant', () => {
  const world = cluster({ workloads: [web({ minAvailable: 2 })] })
  const [first, second] = world.pods('shop').map(({ metadata }) => metadata.name)
  expect(budgetOf(world).status).toMatchObject({ disruptionsAllowed: 1, currentHealthy: 3, desiredHealthy: 2, expectedPods: 3 })
  expect(world.side.evict('shop', first ?? '')).toEqual({ evicted: true })
  expect(world.side.evict('shop', second ?? '')).toEqual({
    evicted: false,
    budgets: ['shop/web'],
    message: 'The disruption budget web needs 2 healthy pods and has 2 currently',
  })
  world.pass(60)
  expect(budgetOf(world).status).toMatchObject({ disruptionsAllowed: 1, currentHealthy: 3 })
  expect(world.side.evict('shop', second ?? '')).toEqual({ evicted: true })
})

it('refuses a pod that two budgets guard', () => {
  const world = cluster({ workloads: [web({ minAvailable: 1 })] })
  world.store.create({ ...budgetOf(world), metadata: { name: 'second', namespace: 'shop' } })
  expect(world.side.evict('shop', world.pods('shop')[0]?.metadata.name ?? '')).toEqual({
    evicted: false,
    budgets: ['shop/second', 'shop/web'],
    message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
  })
})

it('a dry run answers the same and changes nothing', () => {
  const world = cluster({ workloads: [web({ minAvailable: 2 })] })
  const version = world.store.version()
  for (const { metadata } of world.pods('shop'))
    expect(world.side.evict('shop', metadata.name, { dryRun: true })).toEqual({ evicted: true })
  expect(world.store.version()).toBe(version)
})

it('answers 404 for a pod that is not there', () => {
  const world = cluster()
  expect(() => world.side.evict('shop', 'x')).toThrow(expect.objectContaining({ status: 404, code: 'NotFound' }))
})

it('lets a pending pod go without asking the budget', () => {
  const world = cluster({ workloads: [{ ...web({ minAvailable: 1 }, 1), nodeSelector: { none: 'such' } }] })
  expect(world.side.evict('shop', world.pods('shop')[0]?.metadata.name ?? '')).toEqual({ evicted: true })
})

it('a budget follows the scale of its Deployment', () => {
  const world = cluster({ workloads: [web({ maxUnavailable: '50%' }, 4)] })
  expect(budgetOf(world).status).toMatchObject({ disruptionsAllowed: 2, desiredHealthy: 2, expectedPods: 4 })
  world.store.update('Deployment', 'shop', 'web', (current) => ({ ...current, spec: { ...(current.spec as object), replicas: 8 } }))
  world.pass(60)
  expect(budgetOf(world).status).toMatchObject({ disruptionsAllowed: 4, desiredHealthy: 4, expectedPods: 8 })
})

it('a budget whose spec changes is judged anew', () => {
  const world = cluster({ workloads: [web({ minAvailable: 1 })] })
  world.store.update('PodDisruptionBudget', 'shop', 'web', (current) => ({
    ...current,
    spec: { ...(current.spec as object), minAvailable: 3 },
  }))
  expect(budgetOf(world).status).toMatchObject({ disruptionsAllowed: 0, desiredHealthy: 3, observedGeneration: 2 })
  expect(world.pods('shop').every(isReady)).toBe(true)
})

it.each([
  { title: 'an empty selector guards every pod of its namespace', selector: {}, expected: 5, allowed: 2, guarded: true },
  { title: 'no selector guards nothing', selector: undefined, expected: 0, allowed: 0, guarded: false },
])('a budget with $title', ({ selector, expected, allowed, guarded }) => {
  const other = { kind: 'Deployment', namespace: 'other', name: 'web', replicas: 2 } as const
  const world = cluster({ workloads: [web(), { ...web(undefined, 2), name: 'api' }, other] })
  const spec = { minAvailable: 3, ...(selector ? { selector } : {}) }
  world.store.create({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'web', namespace: 'shop' }, spec })
  expect(budgetOf(world).status).toMatchObject({ expectedPods: expected, disruptionsAllowed: allowed })
  const answers = world.pods('shop').map(({ metadata }) => world.side.evict('shop', metadata.name).evicted)
  expect(answers).toEqual(guarded ? [true, true, false, false, false] : [true, true, true, true, true])
  expect(world.pods('other').map(({ metadata }) => world.side.evict('other', metadata.name).evicted)).toEqual([true, true])
})
