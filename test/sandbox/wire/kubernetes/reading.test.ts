import { request } from 'undici'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { World } from '../../../../src/sandbox/contract.ts'
import { timedLines } from '../../../../src/sandbox/wire/kubernetes/log-lines.ts'
import { node, pod, START, tinyWorld } from '../tiny-world.ts'
import { eksToken } from '../token.ts'
import type { Connection } from '../transports.ts'
import { ask, IN_PROCESS, openWatch, TRANSPORTS } from '../transports.ts'

const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' }

let world: World
let connection: Connection

beforeEach(() => {
  world = tinyWorld({
    objects: [node('n1'), node('n2'), pod('web-0', 'n1'), pod('web-1', 'n2'), pod('job-0', 'n1', { status: { phase: 'Succeeded' } })],
  })
})
afterEach(() => connection.close())

const cordon = (name: string, unschedulable = true) =>
  world.store.update('Node', undefined, name, (current) => ({ ...current, spec: { unschedulable } }))

describe.each(TRANSPORTS)('reading $title', ({ connect }) => {
  beforeEach(async () => {
    connection = await connect(world)
  })

  it('gets an object and lists a kind, items without their kind', async () => {
    const one = await ask(connection, '/api/v1/namespaces/shop/pods/web-0')
    expect(one.body).toMatchObject({ kind: 'Pod', apiVersion: 'v1', metadata: { name: 'web-0', resourceVersion: '3' } })
    const list = await ask(connection, '/api/v1/pods')
    expect(list.body).toMatchObject({ kind: 'PodList', apiVersion: 'v1', metadata: { resourceVersion: '5' } })
    expect(list.body.items?.map((item) => item.metadata?.name)).toEqual(['job-0', 'web-0', 'web-1'])
    expect(list.body.items?.[0]).not.toHaveProperty('kind')
  })

  it('sends what changed after a version, then follows', async () => {
    cordon('n1')
    const watch = await openWatch(connection, '/api/v1/nodes?watch=true&resourceVersion=5')
    expect(await watch.next()).toMatchObject({ type: 'MODIFIED', object: { kind: 'Node', metadata: { name: 'n1' } } })
    world.store.remove('Node', undefined, 'n2')
    expect(await watch.next()).toMatchObject({ type: 'DELETED', object: { metadata: { name: 'n2', resourceVersion: '7' } } })
    watch.stop()
  })

  it('sends the headers of a quiet watch at once', async () => {
    const watch = await openWatch(connection, '/api/v1/nodes?watch=true&resourceVersion=5')
    expect(watch.status).toBe(200)
    watch.stop()
  })

  it('answers a forgotten version with 200 and an ERROR event that holds 410 Expired', async () => {
    for (let times = 0; times < 5_001; times++) cordon('n1', times % 2 === 0)
    const watch = await openWatch(connection, '/api/v1/nodes?watch=true&resourceVersion=5')
    expect(watch.status).toBe(200)
    expect(await watch.next()).toMatchObject({ type: 'ERROR', object: { kind: 'Status', reason: 'Expired', code: 410 } })
    expect(await watch.next()).toBeUndefined()
  })
})

describe('selecting', () => {
  beforeEach(async () => {
    connection = await IN_PROCESS.connect(world)
  })

  it.each([
    { title: 'by node', selector: 'fieldSelector', value: 'spec.nodeName=n1', names: ['job-0', 'web-0'] },
    {
      title: 'by node and phase',
      selector: 'fieldSelector',
      value: 'spec.nodeName=n1,status.phase!=Succeeded,status.phase!=Failed',
      names: ['web-0'],
    },
    { title: 'by name', selector: 'fieldSelector', value: 'metadata.name=web-1', names: ['web-1'] },
    { title: 'by label', selector: 'labelSelector', value: 'app=web', names: ['web-0', 'web-1'] },
    { title: 'by label not equal', selector: 'labelSelector', value: 'app!=web', names: ['job-0'] },
    { title: 'by label set', selector: 'labelSelector', value: 'app in (job, x),app', names: ['job-0'] },
    { title: 'by label absent', selector: 'labelSelector', value: '!app', names: [] },
    { title: 'by label outside a set', selector: 'labelSelector', value: 'app notin (job)', names: ['web-0', 'web-1'] },
  ])('$title', async ({ selector, value, names }) => {
    const { body } = await ask(connection, `/api/v1/pods?${new URLSearchParams([[selector, value]])}`)
    expect(body.items?.map((item) => item.metadata?.name)).toEqual(names)
  })

  it('refuses a field that the kind has no selector for', async () => {
    expect(await ask(connection, '/api/v1/pods?fieldSelector=spec.colour%3Dred')).toMatchObject({
      status: 400,
      body: { message: 'field label not supported: spec.colour' },
    })
  })

  it('tells a watch with a selector of leaving and entering as DELETED and ADDED', async () => {
    const watch = await openWatch(connection, '/api/v1/pods?watch=true&resourceVersion=5&labelSelector=app%3Dweb')
    const relabel = (app: string) =>
      world.store.update('Pod', 'shop', 'web-0', (current) => ({ ...current, metadata: { ...current.metadata, labels: { app } } }))
    relabel('other')
    relabel('web')
    cordon('n1')
    world.store.remove('Pod', 'shop', 'job-0')
    world.store.remove('Pod', 'shop', 'web-1')
    const seen = [await watch.next(), await watch.next(), await watch.next()]
    expect(seen.map((event) => `${event?.type} ${event?.object.metadata?.name}`)).toEqual(['DELETED web-0', 'ADDED web-0', 'DELETED web-1'])
    watch.stop()
  })
})

describe('paging', () => {
  beforeEach(async () => {
    connection = await IN_PROCESS.connect(world)
  })

  it('shows on later pages what the first one saw', async () => {
    const first = await ask(connection, '/api/v1/pods?limit=2')
    expect(first.body.metadata).toMatchObject({ resourceVersion: '5', remainingItemCount: 1 })
    world.store.remove('Pod', 'shop', 'web-1')
    const second = await ask(connection, `/api/v1/pods?limit=2&continue=${first.body.metadata?.continue}`)
    expect(second.body.items?.map((item) => item.metadata?.name)).toEqual(['web-1'])
    expect(second.body.metadata).toEqual({ resourceVersion: '5' })
  })

  it.each([
    { title: 'too old', token: Buffer.from('{"id":"1 pods","offset":2}').toString('base64url'), status: 410, reason: 'Expired' },
    { title: 'no token at all', token: 'x', status: 400, reason: 'BadRequest' },
  ])('refuses a token that is $title', async ({ token, status, reason }) => {
    expect(await ask(connection, `/api/v1/pods?limit=2&continue=${token}`)).toMatchObject({ status, body: { reason } })
  })
})

describe('watch-lists and bookmarks', () => {
  beforeEach(async () => {
    connection = await IN_PROCESS.connect(world)
  })

  it('sends what exists, then a bookmark that says so', async () => {
    const watch = await openWatch(
      connection,
      '/api/v1/nodes?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true',
    )
    expect(await watch.next()).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'n1' } } })
    expect(await watch.next()).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'n2' } } })
    expect(await watch.next()).toMatchObject({
      type: 'BOOKMARK',
      object: { kind: 'Node', metadata: { resourceVersion: '5', annotations: { 'k8s.io/initial-events-end': 'true' } } },
    })
    watch.stop()
  })

  it('ends a watch after its timeoutSeconds', async () => {
    const watch = await openWatch(connection, '/api/v1/nodes?watch=true&resourceVersion=5&timeoutSeconds=30')
    world.timeline.advanceTo(world.timeline.now() + 30_000)
    expect(await watch.next()).toBeUndefined()
  })
})

describe('a watch with a selector', () => {
  beforeEach(async () => {
    connection = await IN_PROCESS.connect(world)
  })

  it('tells nothing of objects that were never selected, and what leaves as a deletion of what it was', async () => {
    const from = world.store.version()
    const watch = await openWatch(
      connection,
      `/api/v1/nodes?watch=true&resourceVersion=${from}&fieldSelector=spec.unschedulable%3Dfalse,metadata.name%3Dn1`,
    )
    cordon('n2')
    cordon('n1')
    expect(await watch.next()).toMatchObject({
      type: 'DELETED',
      object: { metadata: { name: 'n1', resourceVersion: String(from + 2) }, spec: { providerID: 'aws:///eu-west-1a/i-n1' } },
    })
    world.store.update('Node', undefined, 'n1', (current) => ({ ...current, spec: {} }))
    expect(await watch.next()).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'n1' } } })
    watch.stop()
  })
})

describe('versions', () => {
  beforeEach(async () => {
    connection = await IN_PROCESS.connect(world)
  })

  it.each([
    { title: 'no number', version: 'abc', status: 500, reason: 'InternalError' },
    { title: 'from the future', version: '999', status: 504, reason: 'Timeout' },
  ])('a resourceVersion that is $title', async ({ version, status, reason }) => {
    expect(await ask(connection, `/api/v1/nodes?resourceVersion=${version}`)).toMatchObject({
      status,
      body: { kind: 'Status', reason, code: status },
    })
  })
})

describe('tables', () => {
  beforeEach(async () => {
    connection = await IN_PROCESS.connect(world)
  })

  it('have the columns of kubectl and rows with the metadata of their objects', async () => {
    const { body } = await ask(connection, '/api/v1/pods', { headers: TABLE })
    expect(body.kind).toBe('Table')
    expect(body.columnDefinitions?.map(({ name, priority }) => `${name}${priority === 1 ? '*' : ''}`)).toEqual([
      'Name',
      'Ready',
      'Status',
      'Restarts',
      'Age',
      'IP*',
      'Node*',
      'Nominated Node*',
      'Readiness Gates*',
    ])
    expect(body.rows?.[1]).toMatchObject({
      cells: ['web-0', '1/1', 'Running', '0', '0s', '10.0.0.9', 'n1', '<none>', '<none>'],
      object: { kind: 'PartialObjectMetadata', metadata: { name: 'web-0' } },
    })
  })

  it('carry the column definitions in the first event of a watch only', async () => {
    const watch = await openWatch(connection, '/api/v1/nodes?watch=true&resourceVersion=5', TABLE)
    cordon('n1')
    cordon('n2')
    expect(await watch.next()).toMatchObject({
      type: 'MODIFIED',
      object: { kind: 'Table', columnDefinitions: [{ name: 'Name' }, {}, {}, {}, {}, {}, {}, {}, {}, {}] },
    })
    expect(await watch.next()).toMatchObject({
      object: {
        columnDefinitions: null,
        rows: [
          {
            cells: [
              'n2',
              'Ready,SchedulingDisabled',
              '<none>',
              '0s',
              'v1.33.5-eks-113cf36',
              '<none>',
              '<none>',
              '<unknown>',
              '<unknown>',
              '<unknown>',
            ],
          },
        ],
      },
    })
    watch.stop()
  })
})

describe('who asks', () => {
  beforeEach(async () => {
    connection = await IN_PROCESS.connect(world)
  })

  it.each([
    { title: 'nobody', token: () => '' },
    { title: 'another kind of token', token: () => 'Bearer abc' },
    { title: 'a token for another cluster', token: async () => `Bearer ${await eksToken('other')}` },
    {
      title: 'a token signed with another key',
      token: async () => `Bearer ${await eksToken('shop', { accessKeyId: 'AKIAOTHER', secretAccessKey: 's' })}`,
    },
  ])('$title is refused with 401', async ({ token }) => {
    expect(await ask(connection, '/api/v1/nodes', { headers: { authorization: await token() } })).toMatchObject({
      status: 401,
      body: { kind: 'Status', reason: 'Unauthorized' },
    })
  })

  it('may ask for the version without a token', async () => {
    expect(await ask(connection, '/version', { headers: { authorization: '' } })).toMatchObject({
      status: 200,
      body: { major: '1', minor: '33', gitVersion: expect.stringMatching(/^v1\.33\.\d+-eks-[0-9a-f]{7}$/) },
    })
  })
})

describe('what is not there', () => {
  beforeEach(async () => {
    connection = await IN_PROCESS.connect(world)
  })

  it.each([
    { title: 'an object', path: '/api/v1/namespaces/shop/pods/none', status: 404, message: 'pods "none" not found' },
    { title: 'a kind', path: '/apis/karpenter.sh/v1/nodepools', status: 404, message: 'the server could not find the requested resource' },
    { title: 'any secret', path: '/api/v1/namespaces/shop/secrets/x', status: 404, message: 'secrets "x" not found' },
  ])('$title', async ({ path, status, message }) => {
    expect(await ask(connection, path)).toMatchObject({ status, body: { reason: 'NotFound', message } })
  })

  it('lists no secrets', async () => {
    expect((await ask(connection, '/api/v1/secrets')).body).toMatchObject({ kind: 'SecretList', items: [] })
  })
})

describe('logs', () => {
  beforeEach(async () => {
    connection = await IN_PROCESS.connect(world)
  })

  it.each([
    { title: 'the only container', query: '', text: 'first line of main\nsecond line\nthird line\n' },
    { title: 'the last lines', query: '?tailLines=2', text: 'second line\nthird line\n' },
    { title: 'what is younger', query: '?sinceSeconds=1', text: 'first line of main\nsecond line\nthird line\n' },
    { title: 'what is younger than a time to come', query: '?sinceTime=2026-01-05T09:00:00Z', text: '' },
    { title: 'so many bytes', query: '?limitBytes=5', text: 'first' },
    { title: 'with times', query: '?timestamps=true&tailLines=1', text: '2026-01-05T08:00:00.000Z third line\n' },
  ])('$title', async ({ query, text }) => {
    expect(await ask(connection, `/api/v1/namespaces/shop/pods/web-0/log${query}`)).toMatchObject({ status: 200, text })
  })

  it('of a line is that in it, else that of the line before, else the start of the container', () => {
    const text = 'Installed\ntime="2026-01-05T08:00:07Z" level=info msg="x"\n  more\n{"level":"info","ts":"2026-01-05T08:00:09Z"}\n'
    expect(timedLines(text, START).map(({ at }) => (at - START) / 1000)).toEqual([0, 7, 7, 9])
  })

  it('of a container that never ran are refused with what it waits for', async () => {
    const waiting = { containerStatuses: [{ name: 'main', ready: false, state: { waiting: { reason: 'ImagePullBackOff' } } }] }
    world.store.update('Pod', 'shop', 'web-0', (current) => ({ ...current, status: waiting }))
    expect(await ask(connection, '/api/v1/namespaces/shop/pods/web-0/log')).toMatchObject({
      status: 400,
      body: { message: 'container "main" in pod "web-0" is waiting to start: ImagePullBackOff' },
    })
  })

  it('are followed until the container ends', async () => {
    let text = 'first\n'
    const told = tinyWorld({ objects: [pod('web-0', 'n1')], logs: () => text })
    const { dispatcher, kubernetesUrl } = await IN_PROCESS.connect(told)
    const headers = { authorization: `Bearer ${await eksToken('shop')}` }
    const { body } = await request(`${kubernetesUrl}/api/v1/namespaces/shop/pods/web-0/log?follow=true`, { dispatcher, headers })
    text += 'second\n'
    told.timeline.advanceTo(told.timeline.now() + 1000)
    told.store.remove('Pod', 'shop', 'web-0')
    told.timeline.advanceTo(told.timeline.now() + 1000)
    expect(await body.text()).toBe('first\nsecond\n')
  })

  it('refuses a container the pod does not have', async () => {
    expect(await ask(connection, '/api/v1/namespaces/shop/pods/web-0/log?container=x')).toMatchObject({
      status: 400,
      body: { message: 'container x is not valid for pod web-0' },
    })
  })
})
