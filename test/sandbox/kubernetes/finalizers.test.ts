import { describe, expect, it } from 'vitest'
import type { WorkloadSpec } from '../../../src/sandbox/contract.ts'
import type { NewObject } from '../../../src/sandbox/world/kubernetes/api/requests.ts'
import type { PodObject } from '../../../src/sandbox/world/kubernetes/objects.ts'
import { cluster } from './cluster.ts'
import { machine } from './support.ts'

const WRITING = { user: { username: 'arn:aws:iam::111122223333:user/me', groups: ['system:masters'] } }
const FINALIZER = 'example.com/last-rites'

/** A cluster with a workload `web` in `shop` that has run for a minute. */
function running(kind: WorkloadSpec['kind'] = 'Deployment') {
  const counts = kind === 'DaemonSet' ? {} : { replicas: 2 }
  const world = cluster({ workloads: [{ namespace: 'shop', kind, name: 'web', ...counts } as WorkloadSpec] })
  world.pass(60)
  const { api, store } = world
  return {
    ...world,
    finalizers(objectKind: string, name: string, finalizers: readonly string[]) {
      api.update(
        WRITING,
        objectKind,
        'shop',
        name,
        (current) => ({ ...current, metadata: { ...current.metadata, finalizers } }) as NewObject,
      )
    },
    states: () =>
      ['Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet', 'Pod']
        .flatMap((each) => store.list(each).filter(({ metadata }) => metadata.namespace === 'shop'))
        .map((object) => `${object.kind} ${object.metadata.deletionTimestamp === undefined ? 'stands' : 'goes'}`),
  }
}

describe('a pod with a finalizer', () => {
  function held() {
    const world = running()
    const [pod] = world.pods('shop') as [PodObject]
    const { name, uid } = pod.metadata
    world.finalizers('Pod', name, [FINALIZER])
    const look = () => world.store.get('Pod', 'shop', name) as PodObject | undefined
    return { ...world, pod, name, uid, look, lift: () => world.finalizers('Pod', name, []) }
  }

  const ways: readonly { readonly title: string; readonly act: (world: ReturnType<typeof held>) => void }[] = [
    { title: 'deleted', act: ({ side, name }) => side.deletePod('shop', name, undefined) },
    { title: 'deleted without grace', act: ({ side, name }) => side.deletePod('shop', name, 0) },
    { title: 'evicted', act: ({ side, name }) => void side.evict('shop', name) },
    { title: 'whose node goes', act: ({ store, pod }) => void store.remove('Node', undefined, pod.spec?.nodeName ?? '') },
  ]

  it.each(ways)('$title: is replaced, ends, gives its address back, and goes with its finalizer', ({ act }) => {
    const world = held()
    act(world)
    world.pass(60)
    expect(world.look()).toMatchObject({
      metadata: { uid: world.uid, deletionTimestamp: expect.any(String) },
      status: { phase: 'Succeeded' },
    })
    expect(world.network.held.has(world.uid)).toBe(false)
    expect(world.pods('shop').filter(({ status }) => status?.phase === 'Running')).toHaveLength(2)
    world.lift()
    expect(world.look()).toBeUndefined()
  })

  it('still has its grace when the finalizer goes first', () => {
    const world = held()
    world.side.deletePod('shop', world.name, undefined)
    world.lift()
    expect(world.look()).toMatchObject({ status: { phase: 'Running' } })
    world.pass(30)
    expect(world.look()).toBeUndefined()
  })

  it('waits for both when nobody could bind it', () => {
    const world = held()
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'lost', namespace: 'shop', finalizers: [FINALIZER] }, spec: {} }
    world.store.create({ ...pod, spec: { nodeSelector: { no: 'where' }, containers: [{ name: 'main', image: 'a:1' }] } })
    world.side.deletePod('shop', 'lost', undefined)
    world.pass(10)
    expect(world.store.get('Pod', 'shop', 'lost')?.metadata.deletionTimestamp).toBeDefined()
    world.finalizers('Pod', 'lost', [])
    expect(world.store.get('Pod', 'shop', 'lost')).toBeUndefined()
  })
})

describe('foreground deletion', () => {
  const rows = [
    { kind: 'Deployment', first: ['Deployment goes', 'ReplicaSet goes', 'Pod goes', 'Pod goes'] },
    { kind: 'StatefulSet', first: ['StatefulSet goes', 'Pod goes', 'Pod goes'] },
    { kind: 'DaemonSet', first: ['DaemonSet goes', 'Pod goes', 'Pod goes', 'Pod goes'] },
  ] as const

  it.each(rows)('of a $kind takes its pods first, makes none anew, and then what owned them', ({ kind, first }) => {
    const world = running(kind)
    const left = world.api.remove({ ...WRITING, foreground: true }, kind, 'shop', 'web')
    expect(left?.metadata).toMatchObject({ finalizers: ['foregroundDeletion'], deletionTimestamp: expect.any(String) })
    expect(world.states()).toEqual(first)
    const seen = new Set<string>()
    world.store.subscribe(({ type, object }) => void (type === 'DELETED' && object.metadata.namespace === 'shop' && seen.add(object.kind)))
    world.pass(60)
    expect(world.states()).toEqual([])
    expect([...seen].filter((each) => first.some((text) => text.startsWith(`${each} `)))).toEqual(
      [...new Set(first.map((text) => text.split(' ')[0]))].reverse(),
    )
  })

  it('waits for a pod that a finalizer holds', () => {
    const world = running()
    const [pod] = world.pods('shop') as [PodObject]
    world.finalizers('Pod', pod.metadata.name, [FINALIZER])
    world.api.remove({ ...WRITING, foreground: true }, 'Deployment', 'shop', 'web')
    world.pass(60)
    expect(world.states()).toEqual(['Deployment goes', 'ReplicaSet goes', 'Pod goes'])
    world.finalizers('Pod', pod.metadata.name, [])
    expect(world.states()).toEqual([])
  })

  it('waits for finalizers of others, too', () => {
    const world = running()
    world.finalizers('Deployment', 'web', [FINALIZER])
    world.api.remove({ ...WRITING, foreground: true }, 'Deployment', 'shop', 'web')
    world.pass(60)
    expect(world.store.get('Deployment', 'shop', 'web')?.metadata).toMatchObject({ finalizers: [FINALIZER] })
    expect(world.states()).toEqual(['Deployment goes'])
    world.finalizers('Deployment', 'web', [])
    expect(world.states()).toEqual([])
  })

  it('does not wait for what does not block it', () => {
    const world = running()
    const owner = { apiVersion: 'apps/v1', kind: 'ConfigMap', name: 'top', uid: 'top', controller: true }
    world.store.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'top', namespace: 'shop', uid: 'top' } as never })
    world.store.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'below', namespace: 'shop', ...{ finalizers: [FINALIZER], ownerReferences: [owner] } } as never,
      spec: { nodeName: machine(1).nodeName, containers: [{ name: 'main', image: 'a:1' }] },
    })
    world.pass(10)
    world.api.remove({ ...WRITING, foreground: true }, 'ConfigMap', 'shop', 'top')
    expect(world.store.get('ConfigMap', 'shop', 'top')).toBeUndefined()
    expect(world.store.get('Pod', 'shop', 'below')?.metadata.deletionTimestamp).toBeDefined()
  })
})
