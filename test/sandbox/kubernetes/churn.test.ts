import fc from 'fast-check'
import { expect, it } from 'vitest'
import { selectorMatches } from '../../../src/model/kubernetes.ts'
import type { BudgetObject, PodObject, WorkloadObject } from '../../../src/sandbox/world/kubernetes/objects.ts'
import { isActive, isReady, isTerminating } from '../../../src/sandbox/world/kubernetes/objects.ts'
import { cluster } from './cluster.ts'
import { machine } from './support.ts'

/** Workloads under random churn: nodes come and go, pods are evicted and deleted, templates roll, replicas change. */

const WORKLOADS = [
  { kind: 'Deployment', namespace: 'shop', name: 'web', replicas: 5, budget: { maxUnavailable: 1 } },
  {
    kind: 'Deployment',
    namespace: 'shop',
    name: 'cart',
    replicas: 4,
    spec: { strategy: { type: 'Recreate' } },
    budget: { minAvailable: '50%' },
  },
  { kind: 'StatefulSet', namespace: 'shop', name: 'db', replicas: 3, budget: { minAvailable: 2 } },
  { kind: 'StatefulSet', namespace: 'shop', name: 'queue', replicas: 3, spec: { podManagementPolicy: 'Parallel' } },
  { kind: 'DaemonSet', namespace: 'shop', name: 'agent', spec: { updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } } },
] as const

type World = ReturnType<typeof cluster>

const pick = <T>(things: readonly T[], which: number): T | undefined => things[which % Math.max(1, things.length)]
const workloadsOf = (world: World) => WORKLOADS.map(({ kind, name }) => world.workload(kind, 'shop', name))

const change = (world: World, { kind, metadata }: WorkloadObject, spec: (current: WorkloadObject) => object) =>
  void world.store.update(kind, 'shop', metadata.name, (current) => ({
    ...current,
    spec: { ...(current.spec as object), ...spec(current as WorkloadObject) },
  }))

const DEEDS: Readonly<Record<string, (world: World, which: number, step: number) => void>> = {
  join: (world, _which, step) => world.side.join(machine(100 + step)),
  leave: (world, which) => {
    const nodes = world.store.list('Node')
    if (nodes.length > 2) world.side.leave(pick(nodes, which)?.metadata.name ?? '')
  },
  evict: (world, which) => evict(world, pick(world.pods('shop'), which)),
  delete: (world, which) => {
    const pod = pick(world.pods('shop'), which)
    if (pod) world.side.deletePod('shop', pod.metadata.name, which % 3 === 0 ? 0 : undefined)
  },
  roll: (world, which, step) => {
    const workload = pick(workloadsOf(world), which)
    if (workload === undefined) return
    change(world, workload, ({ metadata, spec }) => ({
      template: { ...spec?.template, metadata: { labels: { app: metadata.name, release: String(step) } } },
    }))
  },
  scale: (world, which) => {
    const workload = pick(
      workloadsOf(world).filter(({ kind }) => kind !== 'DaemonSet'),
      which,
    )
    if (workload) change(world, workload, () => ({ replicas: which % 6 }))
  },
  wait: (world, which) => world.pass(which),
}

/** An eviction that is granted to a healthy pod takes one of the disruptions its budget allows; who asks for one reads the budget as of now. */
function evict(world: World, pod: PodObject | undefined): void {
  if (pod === undefined) return
  const counts = isReady(pod) && !isTerminating(pod) && pod.status?.phase === 'Running'
  world.side.evict('shop', pod.metadata.name, { dryRun: true })
  const [before] = budgetsOf(world, pod)
  const { evicted } = world.side.evict('shop', pod.metadata.name, { dryRun: false })
  const [after] = budgetsOf(world, pod)
  if (!evicted || !counts || before === undefined) return
  expect(before.status?.disruptionsAllowed).toBeGreaterThan(0)
  expect(after?.status?.currentHealthy).toBe((before.status?.currentHealthy ?? 0) - 1)
  expect(after?.status?.currentHealthy).toBeGreaterThanOrEqual(before.status?.desiredHealthy ?? 0)
}

function budgetsOf(world: World, pod: PodObject): readonly BudgetObject[] {
  const budgets = world.store.list('PodDisruptionBudget') as readonly BudgetObject[]
  return budgets.filter(({ spec, metadata }) => metadata.namespace === 'shop' && selectorMatches(spec?.selector, pod.metadata.labels))
}

const ACTIONS = fc.array(fc.record({ kind: fc.constantFrom(...Object.keys(DEEDS)), which: fc.nat(40) }), { minLength: 5, maxLength: 25 })

function play(actions: readonly { kind: string; which: number }[], look: (world: World) => void = () => {}): World {
  const world = cluster({ nodes: 4, workloads: WORKLOADS })
  for (const [step, { kind, which }] of actions.entries()) {
    DEEDS[kind]?.(world, which, step)
    world.pass(3)
    look(world)
  }
  return world
}

function healthyOf(world: World, { spec }: BudgetObject): number {
  return world.pods('shop').filter((pod) => selectorMatches(spec?.selector, pod.metadata.labels) && isReady(pod) && !isTerminating(pod))
    .length
}

it('budgets count what there is, a second later at most, and no eviction goes below them', () => {
  fc.assert(
    fc.property(ACTIONS, (actions) => {
      play(actions, (world) => {
        const budgets = () => world.store.list('PodDisruptionBudget') as readonly BudgetObject[]
        const had = budgets().map((budget) => new Set([healthyOf(world, budget)]))
        const end = world.store.subscribe(({ object: { kind } }) => {
          if (kind === 'Pod') for (const [at, budget] of budgets().entries()) had[at]?.add(healthyOf(world, budget))
        })
        world.pass(1)
        end()
        for (const [at, { status }] of budgets().entries()) {
          const { disruptionsAllowed, currentHealthy = 0, desiredHealthy = 0, expectedPods = 0 } = status ?? {}
          expect(had[at]).toContain(currentHealthy)
          expect(disruptionsAllowed).toBe(expectedPods > 0 ? Math.max(0, currentHealthy - desiredHealthy) : 0)
        }
      })
    }),
    { numRuns: 40 },
  )
})

it('left alone, every workload comes to what it asks for, one template and no pod too many', () => {
  fc.assert(
    fc.property(ACTIONS, (actions) => {
      const world = play(actions)
      world.pass(900)
      const nodes = world.store.list('Node').length
      for (const workload of workloadsOf(world)) {
        const { name } = workload.metadata
        const pods = world.pods('shop').filter(({ metadata }) => metadata.labels?.app === name)
        const wanted = workload.kind === 'DaemonSet' ? nodes : (workload.spec?.replicas ?? 0)
        expect([name, pods.length, pods.filter((pod) => isActive(pod) && isReady(pod)).length]).toEqual([name, wanted, wanted])
        const release = workload.spec?.template?.metadata?.labels?.release
        expect(pods.every(({ metadata }) => metadata.labels?.release === release)).toBe(true)
      }
    }),
    { numRuns: 40 },
  )
})
