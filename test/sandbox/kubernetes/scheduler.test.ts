import { describe, expect, it } from 'vitest'
import type { PodObject } from '../../../src/sandbox/world/kubernetes/objects.ts'
import type { PodDetail } from '../../../src/sandbox/world/kubernetes/pod-spec.ts'
import { cluster } from './cluster.ts'
import { machine } from './support.ts'

/** Three nodes: 1 in zone b, 2 in zone c, 3 in zone a. */
type World = ReturnType<typeof cluster>

const ZONE = 'topology.kubernetes.io/zone'
const HOST = 'kubernetes.io/hostname'
const WEB = { matchLabels: { app: 'web' } }

function addPod(world: World, name: string, spec: Partial<PodDetail> = {}, labels: Record<string, string> = { app: 'web' }): void {
  world.store.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', labels },
    spec: { containers: [{ name: 'main', image: 'main:1', resources: { requests: { cpu: '100m' } } }], ...spec },
  })
}

const podOf = (world: World, name: string) => world.store.get('Pod', 'shop', name) as PodObject
const nodeOf = (world: World, name: string) => podOf(world, name).spec?.nodeName
const nameOf = (n: number) => machine(n).nodeName
const whyNot = (world: World, name: string) =>
  podOf(world, name).status?.conditions?.find(({ type }) => type === 'PodScheduled')?.message ?? 'placed'

const near = (topologyKey: string) => ({
  podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey, labelSelector: WEB }] },
})
const far = (topologyKey: string) => ({
  podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey, labelSelector: WEB }] },
})
const spread = (topologyKey: string, whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway', maxSkew = 1) => ({
  topologySpreadConstraints: [{ topologyKey, maxSkew, whenUnsatisfiable, labelSelector: WEB }],
})
const asks = (requests: Record<string, string>) => ({ containers: [{ name: 'main', resources: { requests } }] })

function changeNode(world: World, n: number, change: Record<string, unknown>): void {
  world.store.update('Node', undefined, nameOf(n), (node) => ({ ...node, spec: { ...(node.spec as object), ...change } }))
}

/** A pod begins to go, and a finalizer keeps it. */
function goes(world: World, name: string): void {
  world.store.update('Pod', 'shop', name, (pod) => ({
    ...pod,
    metadata: { ...pod.metadata, deletionTimestamp: pod.metadata.creationTimestamp, finalizers: ['shop/hold'] },
  }))
}

function offer(world: World, n: number, resource: string, amount: string): void {
  world.store.update('Node', undefined, nameOf(n), (node) => {
    const status = node.status as { allocatable: Record<string, string> }
    return { ...node, status: { ...status, allocatable: { ...status.allocatable, [resource]: amount } } }
  })
}

const HELPLESS = 'preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.'
const NO_VICTIMS = 'preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.'

describe('a pod that fits nowhere says why, every node accounted for', () => {
  it.each<{ title: string; spec: Partial<PodDetail>; prepare?: (world: World) => void; message: string }>([
    {
      title: 'cordoned and tainted nodes, and one that is too small',
      spec: asks({ cpu: '3' }),
      prepare: (world) => {
        changeNode(world, 1, { unschedulable: true })
        changeNode(world, 2, { taints: [{ key: 'team', value: 'data', effect: 'NoSchedule' }] })
      },
      message:
        '0/3 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint {team: data}, 1 node(s) were unschedulable. preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.',
    },
    {
      title: 'an extended resource no node has',
      spec: asks({ 'vpc.amazonaws.com/pod-eni': '1' }),
      message: `0/3 nodes are available: 3 Insufficient vpc.amazonaws.com/pod-eni. ${NO_VICTIMS}`,
    },
    {
      title: 'an init container that is hungrier than the rest',
      spec: { initContainers: [{ name: 'load', resources: { requests: { memory: '20Gi' } } }] },
      message: `0/3 nodes are available: 3 Insufficient memory. ${NO_VICTIMS}`,
    },
    {
      title: 'the overhead of its runtime class',
      spec: { overhead: { cpu: '2' } },
      message: `0/3 nodes are available: 3 Insufficient cpu. ${NO_VICTIMS}`,
    },
    {
      title: 'a limit without a request',
      spec: { containers: [{ name: 'main', resources: { limits: { cpu: '2' } } }] },
      message: `0/3 nodes are available: 3 Insufficient cpu. ${NO_VICTIMS}`,
    },
    {
      title: 'a host port that aws-node holds on every node',
      spec: { containers: [{ name: 'main', ports: [{ containerPort: 80, hostPort: 61678 }] }] },
      message: `0/3 nodes are available: 3 node(s) didn't have free ports for the requested pod ports. ${NO_VICTIMS}`,
    },
    {
      title: 'neighbours that are nowhere',
      spec: {
        affinity: {
          podAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: ZONE, labelSelector: { matchLabels: { app: 'db' } } }],
          },
        },
      },
      message: `0/3 nodes are available: 3 node(s) didn't match pod affinity rules. ${HELPLESS}`,
    },
    {
      title: 'a topology key no node has',
      spec: spread('rack', 'DoNotSchedule'),
      message: `0/3 nodes are available: 3 node(s) didn't match pod topology spread constraints (missing required label). ${HELPLESS}`,
    },
    {
      title: 'a claim that does not exist',
      spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] },
      message: `0/3 nodes are available: persistentvolumeclaim "data" not found. ${HELPLESS}`,
    },
    {
      title: 'preemption it does not want',
      spec: { ...asks({ cpu: '3' }), preemptionPolicy: 'Never' },
      message: '0/3 nodes are available: 3 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.',
    },
  ])('$title', ({ spec, prepare, message }) => {
    const world = cluster()
    prepare?.(world)
    addPod(world, 'late', spec)
    world.pass(2)
    expect(whyNot(world, 'late')).toBe(message)
    expect(world.store.list('Event')).toContainEqual(
      expect.objectContaining({ reason: 'FailedScheduling', type: 'Warning', message, count: 1 }),
    )
    world.pass(660)
    expect(world.store.list('Event')).toContainEqual(expect.objectContaining({ reason: 'FailedScheduling', message, count: 3 }))
  })
})

describe('a pod that fits goes', () => {
  it.each<{ title: string; play: (world: World) => void; nodes: readonly (readonly number[])[] }>([
    {
      title: 'where a node name in its affinity says',
      play: (world) => {
        const term = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [nameOf(2)] }] }
        addPod(world, 'p0', {
          affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } } },
        })
      },
      nodes: [[2]],
    },
    {
      title: 'where it would rather be, though fewer pods are elsewhere',
      play: (world) => {
        const preference = { matchExpressions: [{ key: ZONE, operator: 'In', values: ['eu-central-1c'] }] }
        for (const name of ['p0', 'p1', 'p2'])
          addPod(world, name, {
            affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference }] } },
          })
      },
      nodes: [[2], [2], [2]],
    },
    {
      title: 'away from nodes that ask to be avoided, as long as others have room',
      play: (world) => {
        for (const n of [1, 2]) changeNode(world, n, { taints: [{ key: 'spot', effect: 'PreferNoSchedule' }] })
        for (const name of ['p0', 'p1']) addPod(world, name, asks({ cpu: '1' }))
      },
      nodes: [[3], [1, 2]],
    },
    {
      title: 'near those it belongs to; the first of them anywhere',
      play: (world) => {
        for (const name of ['p0', 'p1', 'p2']) addPod(world, name, { affinity: near(ZONE) })
      },
      nodes: [
        [1, 2, 3],
        [1, 2, 3],
        [1, 2, 3],
      ],
    },
    {
      title: 'one a node where they shun each other',
      play: (world) => {
        for (const name of ['p0', 'p1', 'p2', 'p3']) addPod(world, name, { affinity: far(HOST) })
      },
      nodes: [[1, 2, 3], [1, 2, 3], [1, 2, 3], []],
    },
    {
      title: 'away from a pod that shuns it',
      play: (world) => {
        addPod(world, 'p0', { affinity: far(HOST) }, { app: 'hermit' })
        world.pass(1)
        for (const name of ['p1', 'p2', 'p3']) addPod(world, name)
      },
      nodes: [
        [1, 2, 3],
        [1, 2, 3],
        [1, 2, 3],
        [1, 2, 3],
      ],
    },
    {
      title: 'with as little skew over zones as it allows, cordoned zones counted',
      play: (world) => {
        changeNode(world, 3, { unschedulable: true })
        for (const name of ['p0', 'p1', 'p2']) addPod(world, name, spread(ZONE, 'DoNotSchedule'))
      },
      nodes: [[1, 2], [1, 2], []],
    },
    {
      title: 'where only a pod that goes stands in the way of spreading',
      play: (world) => {
        changeNode(world, 3, { unschedulable: true })
        for (const name of ['p0', 'p1']) addPod(world, name, spread(ZONE, 'DoNotSchedule'))
        world.pass(1)
        goes(world, 'p0')
        for (const name of ['p2', 'p3']) addPod(world, name, spread(ZONE, 'DoNotSchedule'))
      },
      nodes: [[1, 2], [1, 2], [1, 2], []],
    },
    {
      title: 'not beside a pod that it shuns, though that goes',
      play: (world) => {
        for (const n of [2, 3]) changeNode(world, n, { unschedulable: true })
        addPod(world, 'p0')
        world.pass(1)
        goes(world, 'p0')
        addPod(world, 'p1', { affinity: far(HOST) })
      },
      nodes: [[1], []],
    },
    {
      title: 'with any skew where the selector of the constraint is empty',
      play: (world) => {
        changeNode(world, 3, { unschedulable: true })
        const topologySpreadConstraints = spread(ZONE, 'DoNotSchedule').topologySpreadConstraints.map((all) => ({
          ...all,
          labelSelector: {},
        }))
        for (const name of ['p0', 'p1', 'p2']) addPod(world, name, { topologySpreadConstraints })
      },
      nodes: [
        [1, 2],
        [1, 2],
        [1, 2],
      ],
    },
    {
      title: 'with more skew where spreading is only wished for',
      play: (world) => {
        changeNode(world, 3, { unschedulable: true })
        for (const name of ['p0', 'p1', 'p2']) addPod(world, name, spread(ZONE, 'ScheduleAnyway'))
      },
      nodes: [
        [1, 2],
        [1, 2],
        [1, 2],
      ],
    },
    {
      title: 'to the node that offers an extended resource, as often as it has it',
      play: (world) => {
        offer(world, 2, 'vpc.amazonaws.com/pod-eni', '2')
        for (const name of ['p0', 'p1', 'p2']) addPod(world, name, asks({ 'vpc.amazonaws.com/pod-eni': '1' }))
      },
      nodes: [[2], [2], []],
    },
  ])('$title', ({ play, nodes }) => {
    const world = cluster()
    play(world)
    world.pass(2)
    for (const [at, allowed] of nodes.entries()) {
      const node = nodeOf(world, `p${at}`)
      if (allowed.length === 0) expect(node).toBeUndefined()
      else expect(allowed.map(nameOf)).toContain(node)
    }
  })
})

it('pods that must be near each other share a zone, and pods that shun each other share no node', () => {
  const world = cluster()
  for (const name of ['p0', 'p1', 'p2']) addPod(world, name, { affinity: near(HOST) })
  for (const name of ['q0', 'q1', 'q2']) addPod(world, name, { affinity: far(ZONE) }, { app: 'web', q: 'q' })
  world.pass(2)
  expect(new Set(['p0', 'p1', 'p2'].map((name) => nodeOf(world, name))).size).toBe(1)
  expect(nodeOf(world, 'q0')).not.toBe(nodeOf(world, 'p0'))
  expect(whyNot(world, 'q2')).toContain("node(s) didn't match pod anti-affinity rules")
  expect(whyNot(world, 'p2')).toBe('placed')
})

it('a pod that waits is placed as soon as the pod that kept it away is gone', () => {
  const world = cluster()
  for (const name of ['p0', 'p1', 'p2', 'p3']) addPod(world, name, { affinity: far(HOST) })
  world.pass(30)
  expect(whyNot(world, 'p3')).toContain("3 node(s) didn't match pod anti-affinity rules")
  const freed = nodeOf(world, 'p1')
  world.side.deletePod('shop', 'p1', undefined)
  world.pass(60)
  expect(nodeOf(world, 'p3')).toBe(freed)
})

it('the highest priority goes first when room is short', () => {
  const world = cluster({ nodes: 1 })
  world.store.create({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'gold' }, value: 1000 } as never)
  for (const [name, priorityClassName] of [
    ['plain', undefined],
    ['dear', 'gold'],
    ['vital', 'system-cluster-critical'],
  ] as const)
    addPod(world, name, { ...asks({ cpu: '800m' }), ...(priorityClassName ? { priorityClassName } : {}) })
  world.pass(2)
  expect([nodeOf(world, 'vital'), nodeOf(world, 'dear'), nodeOf(world, 'plain')]).toEqual([nameOf(1), undefined, undefined])
  world.side.deletePod('shop', 'vital', 0)
  world.pass(2)
  expect([nodeOf(world, 'dear'), nodeOf(world, 'plain')]).toEqual([nameOf(1), undefined])
})

describe('volumes', () => {
  const claim = (world: World, name: string, storageClassName: string, more: object = {}) =>
    world.store.create({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name, namespace: 'shop' },
      spec: { accessModes: ['ReadWriteOnce'], storageClassName, resources: { requests: { storage: '8Gi' } }, ...more },
      status: { phase: 'Pending' },
    })
  const storageClass = (world: World, name: string, volumeBindingMode: string) =>
    world.store.create({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name },
      provisioner: 'ebs.csi.aws.com',
      reclaimPolicy: 'Delete',
      volumeBindingMode,
    } as never)
  const withClaim = (claimName: string) => ({ volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }] })

  it('are made in the zone of the first node, and hold their pod there', () => {
    const world = cluster()
    storageClass(world, 'ebs', 'WaitForFirstConsumer')
    claim(world, 'data', 'ebs')
    addPod(world, 'p0', withClaim('data'))
    world.pass(2)
    const home = nodeOf(world, 'p0')
    expect(world.store.get('PersistentVolumeClaim', 'shop', 'data')).toMatchObject({ status: { phase: 'Bound' } })
    world.store.update('Node', undefined, home ?? '', (node) => ({ ...node, spec: { ...(node.spec as object), unschedulable: true } }))
    world.side.deletePod('shop', 'p0', 0)
    addPod(world, 'p1', withClaim('data'))
    world.pass(2)
    expect(whyNot(world, 'p1')).toBe(
      `0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) had volume node affinity conflict. ${HELPLESS}`,
    )
  })

  const madeBefore = (world: World, changes: object = {}) =>
    world.store.create({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'old' },
      spec: {
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: '8Gi' },
        storageClassName: 'ebs',
        nodeAffinity: {
          required: { nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE, operator: 'In', values: ['eu-central-1c'] }] }] },
        },
        ...changes,
      },
      status: { phase: 'Available' },
    })
  const reserved = (name: string) => ({ claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'shop', name } })

  it.each<{ title: string; volume: object; names?: boolean; bound: boolean }>([
    { title: 'that is reserved for the claim is bound', volume: reserved('data'), bound: true },
    { title: 'that the claim names is bound', volume: {}, names: true, bound: true },
    { title: 'that is reserved for another is not bound, though named', volume: reserved('other'), names: true, bound: false },
    { title: 'that is too small is not bound', volume: { ...reserved('data'), capacity: { storage: '7Gi' } }, names: true, bound: false },
    { title: 'of another class is not bound', volume: { storageClassName: 'gp2' }, names: true, bound: false },
    { title: 'that lacks an access mode is not bound', volume: { accessModes: ['ReadOnlyMany'] }, names: true, bound: false },
  ])('made beforehand: one $title', ({ volume, names, bound }) => {
    const world = cluster()
    storageClass(world, 'ebs', 'WaitForFirstConsumer')
    madeBefore(world, volume)
    claim(world, 'data', 'ebs', names ? { volumeName: 'old' } : {})
    addPod(world, 'p0', withClaim('data'))
    world.pass(2)
    const claimNow = world.store.get('PersistentVolumeClaim', 'shop', 'data')
    if (bound) {
      expect(nodeOf(world, 'p0')).toBe(nameOf(2))
      expect(claimNow).toMatchObject({ spec: { volumeName: 'old' }, status: { phase: 'Bound', capacity: { storage: '8Gi' } } })
      expect(world.store.get('PersistentVolume', undefined, 'old')).toMatchObject({
        spec: { claimRef: { name: 'data', uid: claimNow?.metadata.uid } },
        status: { phase: 'Bound' },
      })
    } else {
      expect(whyNot(world, 'p0')).toContain('pod has unbound immediate PersistentVolumeClaims')
      expect(claimNow).toMatchObject({ status: { phase: 'Pending' } })
    }
    expect(world.store.list('PersistentVolume')).toHaveLength(1)
  })

  it('made later than the pod that waits for them are bound then', () => {
    const world = cluster()
    storageClass(world, 'ebs', 'WaitForFirstConsumer')
    claim(world, 'data', 'ebs', { volumeName: 'old' })
    addPod(world, 'p0', withClaim('data'))
    world.pass(60)
    expect(nodeOf(world, 'p0')).toBeUndefined()
    madeBefore(world)
    world.pass(2)
    expect(nodeOf(world, 'p0')).toBe(nameOf(2))
  })

  it('of a class that binds at once wait for their volume first', () => {
    const world = cluster()
    storageClass(world, 'now', 'Immediate')
    claim(world, 'data', 'now')
    addPod(world, 'p0', withClaim('data'))
    world.pass(2)
    expect(whyNot(world, 'p0')).toContain('pod has unbound immediate PersistentVolumeClaims')
  })
})
