import { expect, it } from 'vitest'
import type { PodObject, WorkloadObject } from '../../../src/sandbox/world/kubernetes/objects.ts'
import { isReady } from '../../../src/sandbox/world/kubernetes/objects.ts'
import { cluster } from './cluster.ts'
import { faultsWhere, HANGS, machine } from './support.ts'

const WEB = { kind: 'Deployment', namespace: 'shop', name: 'web', replicas: 6 } as const
const DB = { kind: 'StatefulSet', namespace: 'shop', name: 'db', replicas: 3 } as const

const nodesOf = (pods: readonly PodObject[]) => pods.map((pod) => pod.spec?.nodeName)

function cordon(world: ReturnType<typeof cluster>, n: number): void {
  world.store.update('Node', undefined, machine(n).nodeName, (node) => ({
    ...node,
    spec: { ...(node.spec as object), unschedulable: true },
  }))
}

it('begins with everything running, older than the world, spread over zones and nodes', () => {
  const world = cluster({ workloads: [WEB, DB] })
  expect(world.pods().every(isReady)).toBe(true)
  expect(world.pods().every((pod) => pod.metadata.creationTimestamp < '2026-11-20')).toBe(true)
  expect(new Set(nodesOf(world.pods('shop')))).toHaveProperty('size', 3)
  expect(world.workload('Deployment', 'shop', 'web').status).toMatchObject({
    replicas: 6,
    readyReplicas: 6,
    availableReplicas: 6,
    updatedReplicas: 6,
    observedGeneration: 1,
  })
  expect(world.workload('Deployment', 'kube-system', 'coredns').status).toMatchObject({ availableReplicas: 2 })
  expect(world.store.list('Namespace').map(({ metadata }) => metadata.name)).toEqual(
    expect.arrayContaining(['default', 'kube-node-lease', 'kube-system', 'shop']),
  )
  expect(world.store.get('Service', 'default', 'kubernetes')).toBeDefined()
  expect(world.timeline.now()).toBe(Date.UTC(2026, 10, 23, 10))
})

it('a Deployment replaces a pod that is deleted', () => {
  const world = cluster({ workloads: [WEB] })
  const [victim] = world.pods('shop')
  world.side.deletePod('shop', victim?.metadata.name ?? '', undefined)
  world.pass(30)
  expect(world.pods('shop').filter(isReady)).toHaveLength(6)
  expect(world.pods('shop').map(({ metadata }) => metadata.uid)).not.toContain(victim?.metadata.uid)
})

it('a Deployment rolls to a new template through a second ReplicaSet and never falls below three quarters', () => {
  const world = cluster({ workloads: [WEB] })
  let fewest = 6
  world.store.subscribe(() => {
    fewest = Math.min(fewest, world.pods('shop').filter((pod) => isReady(pod) && !pod.metadata.deletionTimestamp).length)
  })
  world.store.update('Deployment', 'shop', 'web', (current) => {
    const spec = (current as WorkloadObject).spec
    const template = { ...spec?.template, metadata: { labels: { app: 'web', release: '2' } } }
    return { ...current, spec: { ...spec, template } }
  })
  world.pass(120)
  expect(fewest).toBeGreaterThanOrEqual(5)
  expect(world.pods('shop').map(({ metadata }) => metadata.labels?.release)).toEqual(Array(6).fill('2'))
  expect(world.workload('Deployment', 'shop', 'web').status).toMatchObject({ updatedReplicas: 6, replicas: 6, observedGeneration: 2 })
})

it('a StatefulSet brings a pod back under its name, only after the old one is gone', () => {
  const world = cluster({ workloads: [DB] })
  const before = world.store.get('Pod', 'shop', 'db-1')
  world.side.evict('shop', 'db-1')
  world.pass(60)
  const after = world.store.get('Pod', 'shop', 'db-1') as PodObject
  expect(after.metadata.uid).not.toBe(before?.metadata.uid)
  expect(isReady(after)).toBe(true)
  expect(world.pods('shop').map(({ metadata }) => metadata.name)).toEqual(['db-0', 'db-1', 'db-2'])
})

it('what a deleted owner controlled is deleted', () => {
  const world = cluster({ workloads: [WEB] })
  world.store.remove('Deployment', 'shop', 'web')
  world.pass(30)
  expect(world.pods('shop')).toEqual([])
  expect(world.store.list('ReplicaSet').filter(({ metadata }) => metadata.namespace === 'shop')).toEqual([])
})

it('a DaemonSet roll keeps to 10 % of the nodes, rounded up', () => {
  const world = cluster({ nodes: 25 })
  let most = 0
  world.store.subscribe(() => {
    const up = world
      .pods('kube-system')
      .filter((pod) => pod.metadata.name.startsWith('aws-node-') && isReady(pod) && !pod.metadata.deletionTimestamp)
    most = Math.max(most, 25 - up.length)
  })
  world.side.applyAddon('vpc-cni', 'v1.19.0-eksbuild.1', undefined)
  expect(world.side.addonHealth('vpc-cni').updated).toBe(0)
  world.pass(300)
  expect(most).toBe(3)
  expect(world.side.addonHealth('vpc-cni')).toEqual({ desired: 25, updated: 25, available: 25, waiting: [] })
  expect(world.workload('DaemonSet', 'kube-system', 'aws-node').status).toMatchObject({
    desiredNumberScheduled: 25,
    updatedNumberScheduled: 25,
    numberAvailable: 25,
    numberUnavailable: 0,
    observedGeneration: 2,
  })
})

it('new pods that fail pin the budget; going back replaces them without it', () => {
  const faults = faultsWhere(HANGS, ({ cniVersion }) => cniVersion?.startsWith('v1.19') ?? false)
  const world = cluster({ nodes: 25, faults })
  world.side.applyAddon('vpc-cni', 'v1.19.0-eksbuild.1', undefined)
  world.pass(600)
  expect(world.side.addonHealth('vpc-cni')).toMatchObject({ updated: 3, available: 22 })
  const before = world.pods('kube-system').find((pod) => pod.metadata.name.startsWith('aws-node-') && isReady(pod))
  world.side.applyAddon('vpc-cni', 'v1.18.3-eksbuild.3', undefined)
  world.pass(120)
  expect(world.side.addonHealth('vpc-cni')).toMatchObject({ updated: 25, available: 25 })
  expect(world.store.get('Pod', 'kube-system', before?.metadata.name ?? '')).toBe(before)
})

it('add-on configuration reaches the template and stays when it is not sent again', () => {
  const world = cluster()
  const env = () => world.workload('DaemonSet', 'kube-system', 'aws-node').spec?.template?.spec?.containers?.[0]?.env
  world.side.applyAddon('vpc-cni', 'v1.19.0-eksbuild.1', '{"env":{"WARM_IP_TARGET":"5"}}')
  world.side.applyAddon('vpc-cni', 'v1.19.2-eksbuild.1', undefined)
  expect(env()).toContainEqual({ name: 'WARM_IP_TARGET', value: '5' })
  world.side.applyAddon('vpc-cni', 'v1.19.2-eksbuild.1', '{}')
  expect(env()?.map(({ name }) => name)).not.toContain('WARM_IP_TARGET')
})

it('a cordoned node gets the taint and no pods but those of DaemonSets', () => {
  const world = cluster({ workloads: [WEB] })
  cordon(world, 1)
  expect(world.node(1)?.spec?.taints).toContainEqual(
    expect.objectContaining({ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }),
  )
  for (const pod of world.pods('shop')) world.side.deletePod('shop', pod.metadata.name, undefined)
  world.pass(60)
  expect(nodesOf(world.pods('shop'))).not.toContain(machine(1).nodeName)
  world.side.deletePod('kube-system', world.awsNode(1).metadata.name, undefined)
  world.pass(60)
  expect(isReady(world.awsNode(1))).toBe(true)
  world.store.update('Node', undefined, machine(1).nodeName, (node) => ({
    ...node,
    spec: { ...(node.spec as object), unschedulable: undefined },
  }))
  expect(world.node(1)?.spec?.taints).toBeUndefined()
})

it('draining a node ends with its pods elsewhere, and leaving it takes the rest away', () => {
  const world = cluster({ workloads: [WEB, DB] })
  cordon(world, 1)
  const here = () =>
    world.store.podsOnNode(machine(1).nodeName).filter(({ metadata }) => metadata.ownerReferences?.[0]?.kind !== 'DaemonSet')
  for (const { metadata } of here()) world.side.evict(metadata.namespace ?? '', metadata.name)
  world.pass(90)
  expect(here()).toEqual([])
  expect(world.pods('shop').filter(isReady)).toHaveLength(9)
  world.side.leave(machine(1).nodeName)
  expect(world.node(1)).toBeUndefined()
  expect(world.store.podsOnNode(machine(1).nodeName)).toEqual([])
})

it.each([
  {
    title: 'more than a node has',
    workload: { cpu: '4' },
    message:
      '0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.',
  },
  {
    title: 'a label no node has',
    workload: { nodeSelector: { disk: 'nvme' } },
    message:
      "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
  },
])('a pod that asks for $title stays pending until a node has it', ({ workload, message }) => {
  const world = cluster({ workloads: [{ ...WEB, replicas: 1, ...workload }] })
  expect(world.pods('shop')[0]?.status?.conditions).toContainEqual(
    expect.objectContaining({ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }),
  )
  world.side.join(machine(9, { vcpus: 8, labels: { disk: 'nvme' } }))
  world.pass(90)
  expect(nodesOf(world.pods('shop'))).toEqual([machine(9).nodeName])
  expect(world.pods('shop').every(isReady)).toBe(true)
})

it('no more pods than a node has slots', () => {
  const world = cluster({ nodes: 0 })
  world.side.joinReady(machine(1, { maxPods: 6 }))
  world.side.seed([{ ...WEB, cpu: '1m', memory: '1Mi' }])
  expect(world.store.podsOnNode(machine(1).nodeName)).toHaveLength(6)
})

it('a bare pod made through the API is placed and started, and deleted without being replaced', () => {
  const world = cluster()
  const spec = { containers: [{ name: 'probe', image: 'probe:1' }] }
  world.store.create({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'probe', namespace: 'default' }, spec })
  expect(world.store.get('Pod', 'default', 'probe')).toMatchObject({ status: { phase: 'Pending' } })
  world.pass(30)
  expect(world.pods('default').map(isReady)).toEqual([true])
  world.side.deletePod('default', 'probe', undefined)
  world.pass(30)
  expect(world.pods('default')).toEqual([])
})

it('a pod deleted without grace is gone at once', () => {
  const world = cluster({ workloads: [WEB] })
  const name = world.pods('shop')[0]?.metadata.name ?? ''
  world.side.deletePod('shop', name, 0)
  expect(world.store.get('Pod', 'shop', name)).toBeUndefined()
})

it('a workload that an add-on brought already keeps its template and gets its budget', () => {
  const budget = { maxUnavailable: 1 }
  const world = cluster({ workloads: [{ kind: 'Deployment', namespace: 'kube-system', name: 'coredns', replicas: 2, budget }] })
  expect(world.workload('Deployment', 'kube-system', 'coredns').spec?.template?.spec?.containers?.[0]?.image).toContain('eks/coredns')
  expect(world.store.get('PodDisruptionBudget', 'kube-system', 'coredns')).toMatchObject({
    status: { currentHealthy: 2, disruptionsAllowed: 1 },
  })
})
