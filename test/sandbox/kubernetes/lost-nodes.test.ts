import { describe, expect, it } from 'vitest'
import type { Faults, StoredObject } from '../../../src/sandbox/contract.ts'
import type { LeverName, Levers, Subject } from '../../../src/sandbox/levers.ts'
import type { NodeObject } from '../../../src/sandbox/world/kubernetes/objects.ts'
import { isReady } from '../../../src/sandbox/world/kubernetes/objects.ts'
import { cluster } from './cluster.ts'
import { machine, NO_FAULTS } from './support.ts'

const WEB = { kind: 'Deployment', namespace: 'shop', name: 'web', replicas: 3 } as const
const name = machine(1).nodeName

/** A fault that can be switched on and off: node 1 falls silent. */
function switchable(): Faults & { silence(on: boolean): void } {
  const listeners: ((levers: ReadonlySet<LeverName>) => void)[] = []
  let isSilent = false
  return {
    ...NO_FAULTS,
    effects: <L extends LeverName>(lever: L, { node }: Subject) =>
      lever === 'node/kubelet' && isSilent && node === name ? (['silent'] as unknown as Levers[L][]) : [],
    onChange: (listener) => void listeners.push(listener),
    silence(on) {
      isSilent = on
      for (const listener of listeners) listener(new Set(['node/kubelet']))
    },
  }
}

function silent() {
  const faults = switchable()
  const world = cluster({ workloads: [WEB], faults })
  faults.silence(true)
  return { ...world, faults }
}

type World = ReturnType<typeof silent>

const podOnNode = (world: World) => world.store.podsOnNode(name).find(({ metadata }) => metadata.namespace === 'shop') as StoredObject
const readyOf = (world: World) => world.node(1)?.status?.conditions?.find(({ type }) => type === 'Ready')
const events = (world: World, reason: string) => world.store.list('Event').filter((event) => event.reason === reason)

describe('a kubelet that falls silent', () => {
  it('is missed after 40 s: conditions, taints, pods and events say so', () => {
    const world = silent()
    expect(world.side.kubeletSilentSince(name)).toBe(world.timeline.now())
    world.pass(39)
    expect(readyOf(world)).toMatchObject({ status: 'True' })
    world.pass(2)
    expect(readyOf(world)).toMatchObject({
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
    })
    expect(world.node(1)?.spec?.taints).toMatchObject([
      { key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' },
      { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' },
    ])
    expect(world.store.podsOnNode(name).some((pod) => isReady(pod as never))).toBe(false)
    expect(events(world, 'NodeNotReady').map(({ message }) => message)).toEqual(
      expect.arrayContaining([`Node ${name} status is now: NodeNotReady`, 'Node is not ready']),
    )
    world.pass(2)
    expect(world.workload('Deployment', 'shop', 'web').status).toMatchObject({ availableReplicas: 2 })
  })

  it('keeps its pods Terminating after their five minutes, while others take their place; those of DaemonSets stay', () => {
    const world = silent()
    world.pass(330)
    expect(podOnNode(world).metadata.deletionTimestamp).toBeUndefined()
    world.pass(60)
    expect(podOnNode(world).metadata.deletionTimestamp).toBeDefined()
    expect(events(world, 'TaintManagerEviction').length).toBeGreaterThan(0)
    expect(world.pods('shop').filter(isReady)).toHaveLength(3)
    expect(world.awsNode(1).metadata.deletionTimestamp).toBeUndefined()
    world.pass(3600)
    expect(podOnNode(world)).toBeDefined()
  })

  it.each<{ title: string; deed: (world: World) => void }>([
    { title: 'its kubelet is back', deed: ({ faults }) => faults.silence(false) },
    { title: 'its object goes', deed: (world) => world.side.leave(name) },
    {
      title: 'somebody says that it is out of service',
      deed: (world) =>
        void world.store.update('Node', undefined, name, (node) => {
          const spec = (node as NodeObject).spec
          const taint = { key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' }
          return { ...node, spec: { ...spec, taints: [...(spec?.taints ?? []), taint] } }
        }),
    },
  ])('its Terminating pods go when $title', ({ deed }) => {
    const world = silent()
    world.pass(400)
    deed(world)
    world.pass(40)
    expect(podOnNode(world)).toBeUndefined()
  })

  it('that is back in time loses nothing', () => {
    const world = silent()
    world.pass(100)
    world.faults.silence(false)
    world.pass(5)
    expect(readyOf(world)).toMatchObject({ status: 'True', reason: 'KubeletReady' })
    expect(world.node(1)?.spec?.taints).toBeUndefined()
    expect(isReady(podOnNode(world) as never)).toBe(true)
    world.pass(600)
    expect(podOnNode(world).metadata.deletionTimestamp).toBeUndefined()
    expect(world.side.kubeletSilentSince(name)).toBeUndefined()
  })
})

it.each([
  { title: 'at once', tolerations: undefined, staysFor: 0 },
  {
    title: 'when what they tolerate is over',
    tolerations: [{ key: 'gpu', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 }],
    staysFor: 60,
  },
  { title: 'never, where they tolerate it for good', tolerations: [{ key: 'gpu', operator: 'Exists' }], staysFor: 7200 },
])('pods leave a NoExecute taint $title', ({ tolerations, staysFor }) => {
  const world = cluster({ workloads: [{ ...WEB, kind: 'Pod', ...(tolerations ? { pod: { tolerations } } : {}) }] })
  const [pod] = world.pods('shop')
  world.store.update('Node', undefined, pod?.spec?.nodeName ?? '', (node) => ({
    ...node,
    spec: { ...(node.spec as object), taints: [{ key: 'gpu', effect: 'NoExecute' }] },
  }))
  world.pass(Math.max(0, staysFor - 1))
  expect(world.pods('shop')[0]?.metadata.deletionTimestamp !== undefined).toBe(staysFor === 0)
  world.pass(10)
  expect(world.pods('shop')).toHaveLength(staysFor > 3600 ? 1 : 0)
})
