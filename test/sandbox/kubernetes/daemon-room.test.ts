import { describe, expect, it } from 'vitest'
import type { WorkloadSpec } from '../../../src/sandbox/contract.ts'
import { isReady } from '../../../src/sandbox/world/kubernetes/objects.ts'
import { pinnedNode, pinnedTo } from '../../../src/sandbox/world/kubernetes/pinned.ts'
import { cluster } from './cluster.ts'
import { machine } from './support.ts'

const first = machine(1).nodeName

type World = ReturnType<typeof cluster>

/** A DaemonSet that comes into a world that runs, on three nodes; its pods ask for what `container` says. */
function withAgent(container: object, pod: object = {}, workloads: readonly WorkloadSpec[] = []): World {
  const world = cluster({ workloads })
  world.pass(10)
  const labels = { app: 'agent' }
  const spec = { containers: [{ name: 'agent', image: 'agent:1', ...container }], ...pod }
  world.store.create({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'agent', namespace: 'ops' },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  })
  world.pass(30)
  return world
}

const requests = (amounts: object) => ({ resources: { requests: amounts } })
const waiting = (world: World) => world.pods('ops').filter(({ spec }) => spec?.nodeName === undefined)
const messageOf = (world: World) => waiting(world)[0]?.status?.conditions?.find(({ type }) => type === 'PodScheduled')?.message

/** Takes what is left of a node's cores. */
const HOG: WorkloadSpec = {
  kind: 'Pod',
  namespace: 'shop',
  name: 'hog',
  nodeSelector: { 'kubernetes.io/hostname': first },
  cpu: '1500m',
}
/** Holds a port of the first node. */
const PORT: WorkloadSpec = { ...HOG, cpu: '10m', container: { ports: [{ containerPort: 9100, hostPort: 9100 }] } }

describe('a pod of a DaemonSet', () => {
  it('that fits stands on its node at once', () => {
    const world = withAgent(requests({ cpu: '100m' }))
    expect(world.pods('ops').filter(isReady)).toHaveLength(3)
    expect(world.store.list('Event').filter(({ reason }) => reason === 'FailedScheduling')).toEqual([])
  })

  it.each([
    { title: 'cores', container: requests({ cpu: '800m' }), workloads: [HOG], reason: 'Insufficient cpu' },
    {
      title: 'a host port',
      container: { ports: [{ containerPort: 9100, hostPort: 9100 }] },
      workloads: [PORT],
      reason: "node(s) didn't have free ports for the requested pod ports",
    },
  ])('that lacks $title waits for its own node, and comes when there is room', ({ container, workloads, reason }) => {
    const world = withAgent(container, {}, workloads)
    expect(waiting(world)).toHaveLength(1)
    expect(pinnedNode(waiting(world)[0]?.spec)).toBe(first)
    expect(messageOf(world)).toBe(
      `0/3 nodes are available: 1 ${reason}, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. ` +
        'preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.',
    )
    expect(world.workload('DaemonSet', 'ops', 'agent').status).toMatchObject({ desiredNumberScheduled: 3, numberAvailable: 2 })
    world.side.deletePod('shop', 'hog', 0)
    world.pass(30)
    expect(
      world
        .pods('ops')
        .filter(isReady)
        .map(({ spec }) => spec?.nodeName),
    ).toContain(first)
    expect(world.workload('DaemonSet', 'ops', 'agent').status).toMatchObject({ numberAvailable: 3 })
  })

  it('that asks for a resource nobody has waits on every node', () => {
    const world = withAgent(requests({ 'nvidia.com/gpu': '1' }))
    expect(waiting(world)).toHaveLength(3)
    expect(messageOf(world)).toContain('1 Insufficient nvidia.com/gpu')
  })

  it('goes with its node while it waits', () => {
    const world = withAgent(requests({ 'nvidia.com/gpu': '1' }))
    world.side.leave(first)
    world.pass(10)
    expect(waiting(world).map(({ spec }) => pinnedNode(spec))).not.toContain(first)
    expect(waiting(world)).toHaveLength(2)
  })

  it('that is critical has others make way on its own node', () => {
    const world = withAgent(requests({ cpu: '800m' }), { priorityClassName: 'system-node-critical' }, [HOG])
    world.pass(30)
    expect(world.pods('ops').filter(isReady)).toHaveLength(3)
    expect(world.store.get('Pod', 'shop', 'hog')).toBeUndefined()
  })
})

it('a pod is pinned by the name of a node, and by nothing more', () => {
  const preferred = [{ weight: 1, preference: { matchExpressions: [{ key: 'disk', operator: 'Exists' as const }] } }]
  const spec = { affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } } }
  expect(pinnedNode(spec)).toBeUndefined()
  expect(pinnedNode(pinnedTo(spec, 'a'))).toBe('a')
  expect(pinnedTo(spec, 'a').affinity.nodeAffinity).toMatchObject(spec.affinity.nodeAffinity)
  expect(pinnedNode(undefined)).toBeUndefined()
})
