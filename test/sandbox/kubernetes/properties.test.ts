import fc from 'fast-check'
import { expect, it } from 'vitest'
import { demandOf } from '../../../src/sandbox/world/kubernetes/demand.ts'
import type { NodeObject, PodObject } from '../../../src/sandbox/world/kubernetes/objects.ts'
import { quantity } from '../../../src/sandbox/world/kubernetes/quantity.ts'
import { cluster } from './cluster.ts'
import { fakeNetwork, faultsWhere, HANGS, machine } from './support.ts'

const WORKLOADS = [
  { kind: 'Deployment', namespace: 'shop', name: 'web', replicas: 5, budget: { maxUnavailable: 1 } },
  { kind: 'StatefulSet', namespace: 'shop', name: 'db', replicas: 3 },
] as const

type World = ReturnType<typeof cluster>

const ACTION = fc.record({
  kind: fc.constantFrom('join', 'leave', 'cordon', 'evict', 'delete', 'addon', 'wait'),
  which: fc.nat(30),
})

const DEEDS: Readonly<Record<string, (world: World, which: number, step: number) => void>> = {
  join: (world, _which, step) => world.side.join(machine(100 + step)),
  leave: (world, which) => world.side.leave(nameOfNode(world, which)),
  cordon: (world, which) =>
    void world.store.update('Node', undefined, nameOfNode(world, which), (node) => ({
      ...node,
      spec: { ...(node.spec as object), unschedulable: which % 2 === 0 },
    })),
  evict: (world, which) => withPod(world, which, (pod) => world.side.evict(pod.metadata.namespace ?? '', pod.metadata.name)),
  delete: (world, which) =>
    withPod(world, which, (pod) => world.side.deletePod(pod.metadata.namespace ?? '', pod.metadata.name, which % 3)),
  addon: (world, which) => world.side.applyAddon('vpc-cni', `v1.19.${which % 4}-eksbuild.1`, undefined),
  /** Pods that do not fit without others making way, of three priorities. */
  urgent: (world, which, step) =>
    void world.store.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `urgent-${step}`, namespace: 'shop' },
      spec: { priority: (which % 3) * 100, containers: [{ name: 'main', image: 'main:1', resources: { requests: { cpu: '900m' } } }] },
    } as never),
  wait: (world, which) => world.pass(which),
}

function nameOfNode(world: World, which: number): string {
  const nodes = world.store.list('Node')
  return nodes[which % Math.max(1, nodes.length)]?.metadata.name ?? ''
}

function withPod(world: World, which: number, deed: (pod: PodObject) => unknown): void {
  const pods = world.pods()
  const pod = pods[which % Math.max(1, pods.length)]
  if (pod) deed(pod)
}

function play(actions: readonly { kind: string; which: number }[], seed = 7) {
  const network = fakeNetwork()
  const faults = faultsWhere(HANGS, ({ node }) => node?.includes('-3') ?? false)
  const world = cluster({ nodes: 4, workloads: WORKLOADS, network, seed, faults })
  const log: string[] = []
  world.store.subscribe(({ type, object, version }) => log.push(`${version} ${type} ${JSON.stringify(object)}`))
  for (const [step, { kind, which }] of actions.entries()) {
    if (world.store.list('Node').length === 0) world.side.join(machine(200 + step))
    DEEDS[kind]?.(world, which, step)
    world.pass(3)
  }
  return { world, network, log }
}

const ACTIONS = fc.array(ACTION, { maxLength: 25 })

it('pods stand only on nodes that exist, and only pods that exist hold addresses', () => {
  fc.assert(
    fc.property(ACTIONS, (actions) => {
      const { world, network } = play(actions)
      for (const pod of world.pods()) {
        const node = pod.spec?.nodeName
        if (node !== undefined) expect(world.store.get('Node', undefined, node)).toBeDefined()
      }
      const uids = new Set(world.pods().map(({ metadata }) => metadata.uid))
      expect([...network.held.keys()].filter((uid) => !uids.has(uid))).toEqual([])
    }),
    { numRuns: 60 },
  )
})

const CROWDING = fc.array(
  fc.record({ kind: fc.constantFrom('urgent', 'urgent', 'urgent', 'join', 'leave', 'evict', 'wait'), which: fc.nat(30) }),
  {
    minLength: 8,
    maxLength: 25,
  },
)

it('no node gives away more than it has, whoever makes way for whom, and nobody makes way but for a higher priority', () => {
  let madeWay = 0
  fc.assert(
    fc.property(CROWDING, (actions) => {
      const { world, log } = play(actions)
      for (const { metadata, status } of world.store.list('Node') as readonly NodeObject[]) {
        const pods = (world.store.podsOnNode(metadata.name) as readonly PodObject[]).filter((pod) => pod.status?.phase !== 'Failed')
        const asked = pods.reduce((sum, { spec = {} }) => sum + demandOf(spec).cpu, 0)
        expect(asked, metadata.name).toBeLessThanOrEqual(Math.round(quantity(status?.allocatable?.cpu) * 1000))
      }
      const written = log.map((line) => JSON.parse(line.replace(/^\d+ \w+ /, '')))
      const priorities = new Map(written.map(({ metadata, spec }) => [metadata.uid, spec?.priority ?? 0]))
      const victims = written.filter(({ kind, reason }) => kind === 'Event' && reason === 'Preempted')
      for (const { involvedObject, message } of victims) {
        const winner = /^Preempted by pod (\S+) /.exec(message)?.[1]
        expect(priorities.get(involvedObject.uid), message).toBeLessThan(priorities.get(winner))
      }
      madeWay += victims.length
    }),
    { numRuns: 40 },
  )
  expect(madeWay).toBeGreaterThan(0)
})

it('no two pods on the pod network share an address', () => {
  fc.assert(
    fc.property(ACTIONS, (actions) => {
      const { world } = play(actions)
      const addresses = world.pods().flatMap((pod) => (pod.spec?.hostNetwork ? [] : (pod.status?.podIP ?? [])))
      expect(new Set(addresses).size).toBe(addresses.length)
    }),
    { numRuns: 60 },
  )
})

it('versions only grow', () => {
  fc.assert(
    fc.property(ACTIONS, (actions) => {
      const versions = play(actions).log.map((line) => Number(line.slice(0, line.indexOf(' '))))
      expect(versions.every((version, index) => index === 0 || version === (versions[index - 1] ?? 0) + 1)).toBe(true)
    }),
    { numRuns: 30 },
  )
})

it('the same seed and the same deeds give the same log, byte for byte; another seed gives another', () => {
  const deeds = [
    { kind: 'join', which: 0 },
    { kind: 'addon', which: 1 },
    { kind: 'wait', which: 30 },
    { kind: 'evict', which: 9 },
    { kind: 'leave', which: 2 },
    { kind: 'wait', which: 30 },
  ]
  expect(play(deeds, 7).log).toEqual(play(deeds, 7).log)
  expect(play(deeds, 7).log).not.toEqual(play(deeds, 8).log)
})
