import { describe, expect, it } from 'vitest'
import type { WorkloadSpec } from '../../../src/sandbox/contract.ts'
import type { PodObject } from '../../../src/sandbox/world/kubernetes/objects.ts'
import type { PodDetail } from '../../../src/sandbox/world/kubernetes/pod-spec.ts'
import { cluster } from './cluster.ts'
import { machine } from './support.ts'

/** Nodes of two cores, of which the add-ons leave about 1.5; what runs there asks for a part of them. */
type World = ReturnType<typeof cluster>

const PRIORITIES = { low: 10, middle: 100, high: 1000 }
const nameOf = (n: number) => machine(n).nodeName

/** Nodes with these pods on them: by node, their names with cores and class. */
function running(nodes: readonly (readonly (readonly [name: string, cpu: string, priorityClassName?: string])[])[]): World {
  const world = cluster({ nodes: nodes.length })
  for (const [name, value] of Object.entries(PRIORITIES))
    world.store.create({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value } as never)
  for (const [at, pods] of nodes.entries())
    for (const [name, cpu, priorityClassName] of pods)
      addPod(world, name, cpu, {
        ...(priorityClassName && { priorityClassName }),
        nodeSelector: { 'kubernetes.io/hostname': nameOf(at + 1) },
      })
  world.pass(20)
  for (const pod of world.pods('shop')) expect(pod.spec?.nodeName, pod.metadata.name).toBeDefined()
  return world
}

function addPod(world: World, name: string, cpu: string, spec: Partial<PodDetail> = {}): void {
  const containers = [{ name: 'main', image: 'main:1', resources: { requests: { cpu } } }]
  const metadata = { name, namespace: 'shop', labels: { app: name.replace(/-\d$/, '') } }
  world.store.create({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { terminationGracePeriodSeconds: 10, containers, ...spec } } as never)
}

const podOf = (world: World, name: string) => world.store.get('Pod', 'shop', name) as PodObject | undefined
const gone = (world: World, ...names: readonly string[]) => names.filter((name) => podOf(world, name) === undefined)
const isGoing = (world: World, name: string) => podOf(world, name)?.metadata.deletionTimestamp !== undefined

describe('a pod that has no room', () => {
  it('has one of a lower priority make way, and is bound when that has stopped', () => {
    const world = running([[['small', '900m', 'low']]])
    addPod(world, 'dear', '1000m', { priorityClassName: 'high' })
    world.pass(2)
    expect(isGoing(world, 'small')).toBe(true)
    expect(podOf(world, 'dear')?.spec?.nodeName).toBeUndefined()
    expect(podOf(world, 'dear')?.status).toMatchObject({ phase: 'Pending', nominatedNodeName: nameOf(1) })
    world.pass(20)
    expect(gone(world, 'small')).toEqual(['small'])
    expect(podOf(world, 'dear')?.spec?.nodeName).toBe(nameOf(1))
    expect(podOf(world, 'dear')?.status).not.toHaveProperty('nominatedNodeName')
  })

  it('says so of both pods', () => {
    const world = running([[['small', '900m', 'low']]])
    addPod(world, 'dear', '1000m', { priorityClassName: 'high' })
    world.pass(2)
    expect(podOf(world, 'small')?.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' }),
    )
    const events = world.store.list('Event') as unknown as { reason: string; message: string; involvedObject: { name: string } }[]
    const told = (name: string) =>
      events.filter(({ involvedObject }) => involvedObject.name === name).map(({ reason, message }) => [reason, message])
    expect(told('small')).toContainEqual(['Preempted', `Preempted by pod ${podOf(world, 'dear')?.metadata.uid} on node ${nameOf(1)}`])
    expect(told('dear')).toEqual([['FailedScheduling', '0/1 nodes are available: 1 Insufficient cpu.']])
  })

  it.each([
    { title: 'of the same priority', victim: 'high', pod: {} },
    { title: 'of a lower one, but must not preempt', victim: 'low', pod: { preemptionPolicy: 'Never' } },
  ])('waits beside one $title', ({ victim, pod }) => {
    const world = running([[['other', '900m', victim]]])
    addPod(world, 'dear', '1000m', { priorityClassName: 'high', ...pod })
    world.pass(60)
    expect(gone(world, 'other')).toEqual([])
    expect(podOf(world, 'dear')?.status?.conditions?.[0]?.message).toContain('preemption: ')
  })

  it('takes no more than it needs, and of those the least important', () => {
    const world = running([
      [
        ['middle-0', '400m', 'middle'],
        ['low-0', '400m', 'low'],
        ['low-1', '400m', 'low'],
      ],
    ])
    addPod(world, 'dear', '600m', { priorityClassName: 'high' })
    world.pass(30)
    expect(gone(world, 'middle-0', 'low-0', 'low-1')).toHaveLength(1)
    expect(gone(world, 'middle-0')).toEqual([])
  })

  it.each([
    {
      title: 'where the victims matter least',
      nodes: [[['a', '900m', 'middle']], [['b', '900m', 'low']]],
      victims: ['b'],
    },
    {
      title: 'where there are fewest of the same importance',
      nodes: [
        [
          ['a-0', '800m', 'low'],
          ['a-1', '800m', 'low'],
        ],
        [['b', '1400m', 'low']],
      ],
      victims: ['b'],
    },
  ] as const)('goes $title', ({ nodes, victims }) => {
    const world = running(nodes)
    addPod(world, 'dear', '1500m', { priorityClassName: 'high' })
    world.pass(30)
    expect(gone(world, ...nodes.flat().map(([name]) => name))).toEqual(victims)
  })

  it('spares pods whose budget would be broken, where others would do', () => {
    const world = running([[['guarded', '900m', 'low']], [['plain', '900m', 'middle']]])
    world.store.create({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'guarded', namespace: 'shop' },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'guarded' } } },
    })
    addPod(world, 'dear', '1000m', { priorityClassName: 'high' })
    world.pass(30)
    expect(gone(world, 'guarded', 'plain')).toEqual(['plain'])
  })

  it('breaks a budget where nothing else would do', () => {
    const world = running([[['guarded', '900m', 'low']]])
    world.store.create({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'guarded', namespace: 'shop' },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'guarded' } } },
    })
    addPod(world, 'dear', '1000m', { priorityClassName: 'high' })
    world.pass(30)
    expect(gone(world, 'guarded')).toEqual(['guarded'])
  })

  it('gets the room that was made for it, though a lower one came meanwhile', () => {
    const world = running([
      [
        ['slow', '700m', 'low'],
        ['quick', '700m', 'low'],
      ],
    ])
    world.store.update('Pod', 'shop', 'slow', (pod) => ({ ...pod, spec: { ...(pod.spec as object), terminationGracePeriodSeconds: 60 } }))
    addPod(world, 'dear', '1400m', { priorityClassName: 'high' })
    world.pass(2)
    addPod(world, 'late', '600m', { priorityClassName: 'low' })
    world.pass(100)
    expect(podOf(world, 'dear')?.spec?.nodeName).toBe(nameOf(1))
    expect(podOf(world, 'late')?.spec?.nodeName).toBeUndefined()
  })

  it('frees what was kept for it when it is deleted', () => {
    const world = running([[['small', '900m', 'low']]])
    addPod(world, 'dear', '1000m', { priorityClassName: 'high' })
    world.pass(2)
    world.side.deletePod('shop', 'dear', 0)
    addPod(world, 'next', '1500m', { priorityClassName: 'low' })
    world.pass(30)
    expect(podOf(world, 'next')?.spec?.nodeName).toBe(nameOf(1))
  })

  it('wins no neighbours: what anti-affinity refuses stays refused', () => {
    const world = running([[['web', '100m', 'low']]])
    const term = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'web' } } }
    addPod(world, 'dear', '100m', {
      priorityClassName: 'high',
      affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } },
    })
    world.pass(30)
    expect(gone(world, 'web')).toEqual([])
  })
})

it('a workload whose pod is preempted makes another, which goes elsewhere', () => {
  const web: WorkloadSpec = { kind: 'Deployment', namespace: 'shop', name: 'web', replicas: 1, cpu: '900m' }
  const world = cluster({ nodes: 2, workloads: [web] })
  world.pass(20)
  const [before] = world.pods('shop')
  addPod(world, 'dear', '1000m', {
    priorityClassName: 'system-cluster-critical',
    nodeSelector: { 'kubernetes.io/hostname': before?.spec?.nodeName ?? '' },
  })
  world.pass(60)
  expect(podOf(world, 'dear')?.spec?.nodeName).toBe(before?.spec?.nodeName)
  const after = world.pods('shop').filter(({ metadata }) => metadata.name.startsWith('web'))
  expect(after.map(({ spec, status }) => [spec?.nodeName === before?.spec?.nodeName, status?.phase])).toEqual([[false, 'Running']])
})
