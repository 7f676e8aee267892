import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SECOND } from '../../../src/model/instant.ts'
import type { ObjectStore, StoreEvent } from '../../../src/sandbox/contract.ts'
import { createStore } from '../../../src/sandbox/world/kubernetes/store.ts'
import { createTimeline } from '../../../src/sandbox/world/timeline.ts'
import { START } from './support.ts'

const configMap = (name: string, data: Record<string, string> = {}, namespace = 'default') => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data,
})

const deployment = (replicas: number) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { replicas },
})

const pod = (name: string, nodeName?: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop' },
  spec: { ...(nodeName === undefined ? {} : { nodeName }) },
})

const ACTION = fc.record({ kind: fc.constantFrom('create', 'update', 'remove'), name: fc.constantFrom('a', 'b', 'c'), value: fc.nat(3) })

function act(store: ObjectStore, { kind, name, value }: { kind: string; name: string; value: number }): void {
  const data = { value: String(value) }
  if (kind === 'remove') store.remove('ConfigMap', 'default', name)
  else if (store.get('ConfigMap', 'default', name)) store.update('ConfigMap', 'default', name, (o) => ({ ...o, data }))
  else store.create(configMap(name, data))
}

function newStore(seed = 1) {
  const timeline = createTimeline(START)
  return { timeline, store: createStore(timeline, seed) }
}

it('fills in what the API server fills in', () => {
  const { store } = newStore()
  const made = store.create(deployment(2))
  expect(made.metadata).toMatchObject({
    resourceVersion: '1',
    creationTimestamp: '2026-11-23T10:00:00Z',
    generation: 1,
    uid: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/),
  })
  expect(Object.isFrozen(made)).toBe(true)
})

it('keeps a uid and a birth date that the world brings along', () => {
  const { store } = newStore()
  const given = { ...configMap('old'), metadata: { name: 'old', uid: 'u-1', creationTimestamp: '2025-01-01T00:00:00Z' } }
  expect(store.create(given).metadata).toMatchObject({ uid: 'u-1', creationTimestamp: '2025-01-01T00:00:00Z' })
})

it('names an object that brings only a prefix', () => {
  const { store } = newStore()
  const unnamed = { apiVersion: 'v1', kind: 'Pod', metadata: { name: '', generateName: 'probe-', namespace: 'shop' } }
  const [first, second] = [store.create(unnamed), store.create(unnamed)]
  expect(first.metadata.name).toMatch(/^probe-[0-9a-f]{5}$/)
  expect(second.metadata.name).not.toBe(first.metadata.name)
})

it('gives the same uid for the same seed, another after a deletion, another for another seed', () => {
  const uids = [1, 1, 2].map((seed) => newStore(seed).store.create(configMap('a')).metadata.uid)
  expect(uids[0]).toBe(uids[1])
  expect(uids[0]).not.toBe(uids[2])
  const { store } = newStore(1)
  store.create(configMap('a'))
  store.remove('ConfigMap', 'default', 'a')
  expect(store.create(configMap('a')).metadata.uid).not.toBe(uids[0])
})

it('refuses a second object of the same name with 409', () => {
  const { store } = newStore()
  store.create(deployment(1))
  expect(() => store.create(deployment(1))).toThrow(
    expect.objectContaining({ status: 409, code: 'AlreadyExists', message: 'deployments.apps "web" already exists' }),
  )
})

it('refuses to change what is not there with 404', () => {
  const { store } = newStore()
  expect(() => store.update('Pod', 'shop', 'x', (o) => o)).toThrow(
    expect.objectContaining({ status: 404, code: 'NotFound', message: 'pods "x" not found' }),
  )
  expect(store.remove('Pod', 'shop', 'x')).toBe(false)
})

it.each([
  { title: 'a change of the spec bumps version and generation', change: { spec: { replicas: 3 } }, version: '2', generation: 2 },
  { title: 'a change of the status bumps the version only', change: { status: { replicas: 1 } }, version: '2', generation: 1 },
  { title: 'equal content bumps nothing', change: { spec: { replicas: 2, paused: undefined } }, version: '1', generation: 1 },
])('$title', ({ change, version, generation }) => {
  const { store } = newStore()
  store.create(deployment(2))
  const next = store.update('Deployment', 'shop', 'web', (current) => ({ ...current, ...change }))
  expect(next.metadata).toMatchObject({ resourceVersion: version, generation })
  expect(store.version()).toBe(Number(version))
})

it('lets nobody change uid, name or birth date', () => {
  const { store } = newStore()
  const made = store.create(configMap('a'))
  const next = store.update('ConfigMap', 'default', 'a', (current) => ({ ...current, metadata: { name: 'b', labels: { x: '1' } } }))
  expect(next.metadata).toMatchObject({ name: 'a', namespace: 'default', uid: made.metadata.uid, labels: { x: '1' } })
})

it('lists by namespace and name', () => {
  const { store } = newStore()
  for (const [name, namespace] of [
    ['b', 'x'],
    ['a', 'z'],
    ['a', 'x'],
  ] as const)
    store.create(configMap(name, {}, namespace))
  expect(store.list('ConfigMap').map((o) => `${o.metadata.namespace}/${o.metadata.name}`)).toEqual(['x/a', 'x/b', 'z/a'])
})

it('knows the pods of a node, also when they are bound later, moved on or gone', () => {
  const { store } = newStore()
  store.create(pod('a'))
  store.create(pod('b', 'n1'))
  store.update('Pod', 'shop', 'a', (current) => ({ ...current, spec: { nodeName: 'n1' } }))
  expect(store.podsOnNode('n1').map((o) => o.metadata.name)).toEqual(['a', 'b'])
  store.remove('Pod', 'shop', 'a')
  expect(store.podsOnNode('n1').map((o) => o.metadata.name)).toEqual(['b'])
  expect(store.podsOnNode('n2')).toEqual([])
})

it('tells changes after a version, and that it has forgotten them once 5,000 newer ones exist', () => {
  const { store } = newStore()
  store.create(configMap('a'))
  for (let i = 0; i < 4_999; i++) store.update('ConfigMap', 'default', 'a', (o) => ({ ...o, data: { i: String(i) } }))
  expect(store.since(0)).toHaveLength(5_000)
  expect(store.since(4_998)?.map((e) => e.version)).toEqual([4_999, 5_000])
  store.remove('ConfigMap', 'default', 'a')
  expect(store.since(0)).toBeUndefined()
  expect(store.since(5_000)).toMatchObject([{ type: 'DELETED', version: 5_001 }])
  expect(store.since(5_001)).toEqual([])
})

it('tells every listener every change in order, also changes made by a listener', () => {
  const { store } = newStore()
  const heard: string[] = []
  store.subscribe((event) => {
    if (event.object.metadata.name === 'a') store.create(configMap('b'))
  })
  const stop = store.subscribe((event) => heard.push(`${event.version} ${event.object.metadata.name}`))
  store.create(configMap('a'))
  expect(heard).toEqual(['1 a', '2 b'])
  stop()
  store.create(configMap('c'))
  expect(heard).toHaveLength(2)
})

it('stamps objects with the time of the world', () => {
  const { timeline, store } = newStore()
  timeline.advanceTo(START + 90 * SECOND)
  expect(store.create(configMap('a')).metadata.creationTimestamp).toBe('2026-11-23T10:01:30Z')
})

it('has gapless, growing versions whatever is done to it', () => {
  fc.assert(
    fc.property(fc.array(ACTION, { maxLength: 60 }), (actions) => {
      const { store } = newStore()
      const events: StoreEvent[] = []
      store.subscribe((event) => events.push(event))
      for (const action of actions) act(store, action)
      expect(events.map((event) => event.version)).toEqual(events.map((_event, index) => index + 1))
      expect(events.every((event) => event.object.metadata.resourceVersion === String(event.version))).toBe(true)
      expect(store.since(0)).toEqual(events)
    }),
  )
})
