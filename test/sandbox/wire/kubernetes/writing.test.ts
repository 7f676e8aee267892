import { beforeEach, describe, expect, it } from 'vitest'
import type { World } from '../../../../src/sandbox/contract.ts'
import { decoded } from '../../../../src/sandbox/wire/kubernetes/protobuf/decode.ts'
import { message } from '../../../../src/sandbox/wire/kubernetes/protobuf/fields.ts'
import { lease, node, pod, tinyWorld } from '../tiny-world.ts'
import type { Ask, Connection } from '../transports.ts'
import { ask, IN_PROCESS } from '../transports.ts'

let world: World
let connection: Connection

beforeEach(async () => {
  world = tinyWorld({ objects: [node('n1'), pod('web-0', 'n1'), lease('serin', '2026-01-05T08:00:00.000000Z'), deployment()] })
  connection = await IN_PROCESS.connect(world)
})

const NODE = '/api/v1/nodes/n1'
const POD = '/api/v1/namespaces/shop/pods/web-0'
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases'
const DEPLOYMENT = '/apis/apps/v1/namespaces/shop/deployments/web'
const patch = (path: string, type: string, body: unknown): ReturnType<typeof ask> => {
  return ask(connection, path, { method: 'PATCH', body, headers: { 'content-type': `application/${type}` } })
}
const plain = (value: unknown) => JSON.parse(JSON.stringify(value))

function deployment() {
  const containers = [
    { name: 'main', image: 'web:1', env: [{ name: 'A', value: '1' }] },
    { name: 'side', image: 'side:1' },
  ]
  const spec = {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers } },
  }
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'shop' }, spec, status: { replicas: 2 } }
}

describe('create', () => {
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { a: '1' } }
  const create = (rest: Ask = {}, query = '') =>
    ask(connection, `/api/v1/namespaces/shop/configmaps${query}`, { method: 'POST', body: configMap, ...rest })

  it('answers 201 with the object as stored', async () => {
    expect(await create()).toMatchObject({
      status: 201,
      body: { metadata: { name: 'c', namespace: 'shop', uid: expect.any(String), resourceVersion: '5' } },
    })
  })

  it('lets one of several win, the rest get 409 AlreadyExists', async () => {
    const answers = await Promise.all([create(), create(), create()])
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409, 409])
    expect(answers.find((answer) => answer.status === 409)?.body).toMatchObject({
      reason: 'AlreadyExists',
      message: 'configmaps "c" already exists',
    })
  })

  it('stores nothing when it is a dry run', async () => {
    expect(await create({}, '?dryRun=All')).toMatchObject({ status: 201, body: { data: { a: '1' } } })
    expect(world.store.get('ConfigMap', 'shop', 'c')).toBeUndefined()
  })

  const envelope = (apiVersion: string, kind: string, object: Buffer): Buffer =>
    Buffer.concat([Buffer.from('k8s\u0000'), message([1, message([1, apiVersion], [2, kind])], [2, object])])

  it('reads protobuf as it reads JSON', async () => {
    const entry = (name: string, value: string): Buffer => message([1, name], [2, value])
    const object = message(
      [1, message([1, 'c'], [3, 'shop'], [8, ''], [11, entry('app', 'web')])],
      [2, entry('a', '1')],
      [2, entry('b', '')],
    )
    expect(await create({ body: envelope('v1', 'ConfigMap', object) })).toMatchObject({
      status: 201,
      body: { metadata: { name: 'c', namespace: 'shop', labels: { app: 'web' } }, data: { a: '1', b: '' } },
    })
  })

  it('refuses protobuf of a kind whose messages it does not know by its name', async () => {
    expect(await create({ body: envelope('v1', 'Gadget', Buffer.alloc(0)) })).toMatchObject({
      status: 415,
      body: { message: expect.stringContaining('Gadget') },
    })
  })
})

describe('protobuf', () => {
  const number = (field: number, value: number): Buffer => Buffer.from([field * 8, value])
  const container = Buffer.concat([message([1, 'main'], [2, 'image:1']), message([7, message([1, 'A'], [2, ''])])])
  const probe = Buffer.concat([
    message([1, message([2, message([1, '/ready'], [2, Buffer.concat([number(1, 0), number(2, 80)])])])]),
    number(2, 0),
  ])
  it.each([
    {
      title: 'lists, quantities, members of embedded messages; what is empty and not a pointer is left out',
      kind: 'Pod',
      object: message([
        2,
        message([2, Buffer.concat([container, message([8, message([2, message([1, 'cpu'], [2, message([1, '50m'])])])], [11, probe])])]),
      ]),
      says: {
        spec: {
          containers: [
            {
              name: 'main',
              image: 'image:1',
              env: [{ name: 'A' }],
              resources: { requests: { cpu: '50m' } },
              readinessProbe: { httpGet: { path: '/ready', port: 80 } },
            },
          ],
        },
      },
    },
    { title: 'a pointer to zero', kind: 'Deployment', object: message([2, number(1, 0)]), says: { spec: { replicas: 0 } } },
    {
      title: 'a time, a percentage, a truth',
      kind: 'PodDisruptionBudget',
      object: message([1, message([8, number(1, 5)])], [2, message([3, Buffer.concat([number(1, 1), message([3, '25%'])])])]),
      says: { metadata: { creationTimestamp: '1970-01-01T00:00:05Z' }, spec: { maxUnavailable: '25%' } },
    },
    { title: 'bytes', kind: 'Secret', object: message([2, message([1, 'k'], [2, 'hello'])]), says: { data: { k: 'aGVsbG8=' } } },
  ])('$title', ({ kind, object, says }) => {
    expect(decoded({ apiVersion: 'v1', kind, object })).toEqual({ apiVersion: 'v1', kind, ...says })
  })
})

describe('replace', () => {
  it('answers 409 Conflict to a stale version', async () => {
    const seen = (await ask(connection, NODE)).body
    world.store.update('Node', undefined, 'n1', (current) => ({ ...current, spec: { unschedulable: true } }))
    expect(await ask(connection, NODE, { method: 'PUT', body: seen })).toMatchObject({
      status: 409,
      body: { reason: 'Conflict', message: expect.stringContaining('the object has been modified') },
    })
  })

  it('bumps no version when nothing changes', async () => {
    const seen = (await ask(connection, NODE)).body
    const answer = await ask(connection, NODE, { method: 'PUT', body: seen })
    expect(answer).toMatchObject({ status: 200, body: { metadata: { resourceVersion: '1' } } })
    expect(world.store.version()).toBe(4)
  })

  it('keeps the status, which only its own subresource changes', async () => {
    const seen = plain((await ask(connection, NODE)).body)
    const changed = { ...seen, spec: { unschedulable: true }, status: { phase: 'odd' } }
    expect((await ask(connection, NODE, { method: 'PUT', body: changed })).body).toMatchObject({
      spec: { unschedulable: true },
      status: seen.status,
    })
    const status = { conditions: [{ type: 'Ready', status: 'False' }] }
    const answer = await patch(`${NODE}/status`, 'merge-patch+json', { status, spec: { unschedulable: false } })
    expect(answer.body).toMatchObject({ spec: { unschedulable: true }, status: { conditions: [{ status: 'False' }] } })
  })
})

describe('leases', () => {
  it('are not replaced without a version: 422', async () => {
    const answer = await ask(connection, `${LEASES}/serin`, { method: 'PUT', body: lease('serin', '2026-01-05T08:00:10.000000Z') })
    expect(answer).toMatchObject({
      status: 422,
      body: { reason: 'Invalid', message: expect.stringContaining('must be specified for an update') },
    })
  })

  it('are replaced with the version seen, and then no more with it: 409', async () => {
    const seen = plain((await ask(connection, `${LEASES}/serin`)).body)
    const renewed = { ...seen, spec: { ...seen.spec, renewTime: '2026-01-05T08:00:10.000000Z' } }
    expect(await ask(connection, `${LEASES}/serin`, { method: 'PUT', body: renewed })).toMatchObject({ status: 200 })
    expect(await ask(connection, `${LEASES}/serin`, { method: 'PUT', body: renewed })).toMatchObject({ status: 409 })
  })

  it.each([
    { title: 'six digits', time: '2026-01-05T08:00:10.123456Z', status: 201 },
    { title: 'milliseconds', time: '2026-01-05T08:00:10.123Z', status: 400 },
    { title: 'seconds', time: '2026-01-05T08:00:10Z', status: 400 },
    { title: 'nanoseconds', time: '2026-01-05T08:00:10.123456789Z', status: 400 },
  ])('a time with $title answers $status', async ({ time, status }) => {
    expect(await ask(connection, LEASES, { method: 'POST', body: lease('other', time) })).toMatchObject({ status })
  })

  it('may be held by nobody: that is how one is given back', async () => {
    const seen = world.store.get('Lease', 'kube-system', 'serin')
    const body = { ...seen, spec: { ...(seen?.spec as object), holderIdentity: '' } }
    expect(await ask(connection, `${LEASES}/serin`, { method: 'PUT', body })).toMatchObject({
      status: 200,
      body: { spec: { holderIdentity: '' } },
    })
  })

  it('of kubelets are there without being stored', async () => {
    const answer = await ask(connection, '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n1')
    expect(answer).toMatchObject({ status: 200, body: { spec: { holderIdentity: 'n1', renewTime: '2026-01-05T08:00:00.000000Z' } } })
  })
})

describe('patch', () => {
  it('merges: null removes', async () => {
    const labels = { 'kubernetes.io/hostname': null, tier: 'web' }
    expect((await patch(NODE, 'merge-patch+json', { metadata: { labels } })).body.metadata?.labels).toEqual({
      'eks.amazonaws.com/nodegroup': 'app-a',
      tier: 'web',
    })
  })

  it('applies JSON patches, and refuses one whose test fails', async () => {
    const path = '/metadata/labels/kubernetes.io~1hostname'
    const good = [
      { op: 'test', path, value: 'n1' },
      { op: 'replace', path, value: 'x' },
      { op: 'add', path: '/spec/taints', value: [{ key: 'a', effect: 'NoSchedule' }] },
    ]
    expect((await patch(NODE, 'json-patch+json', good)).body).toMatchObject({
      metadata: { labels: { 'kubernetes.io/hostname': 'x' } },
      spec: { taints: [{ key: 'a' }] },
    })
    expect(await patch(NODE, 'json-patch+json', good)).toMatchObject({ status: 422 })
  })

  it('merges containers and env by their keys when strategic, and replaces taints', async () => {
    const containers = [
      { name: 'main', env: [{ name: 'B', value: '2' }] },
      { name: 'side', $patch: 'delete' },
    ]
    const answer = await patch(DEPLOYMENT, 'strategic-merge-patch+json', {
      spec: { template: { metadata: { labels: { app: 'web' } }, spec: { containers } } },
    })
    expect(answer.body.spec?.template?.spec?.containers).toEqual([
      {
        name: 'main',
        image: 'web:1',
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '2' },
        ],
      },
    ])
    await patch(NODE, 'strategic-merge-patch+json', { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } })
    const tainted = await patch(NODE, 'strategic-merge-patch+json', {
      spec: {
        taints: [
          { key: 'b', effect: 'NoExecute' },
          { key: 'a', value: 'v' },
        ],
      },
    })
    expect(tainted.body.spec?.taints).toEqual([
      { key: 'b', effect: 'NoExecute' },
      { key: 'a', value: 'v' },
    ])
  })

  it('refuses a content type that is no patch with 415, and a stale version with 409', async () => {
    expect(await patch(NODE, 'json', {})).toMatchObject({ status: 415 })
    expect(await patch(NODE, 'merge-patch+json', { metadata: { resourceVersion: '999' } })).toMatchObject({ status: 409 })
  })

  it('counts the generation when the spec changes, not when it is a dry run', async () => {
    const replicas = { spec: { replicas: 5 } }
    expect((await patch(`${DEPLOYMENT}?dryRun=All`, 'merge-patch+json', replicas)).body).toMatchObject({ spec: { replicas: 5 } })
    expect(world.store.get('Deployment', 'shop', 'web')?.metadata.generation).toBe(1)
    expect((await patch(DEPLOYMENT, 'merge-patch+json', replicas)).body.metadata?.generation).toBe(2)
  })
})

describe('scale', () => {
  it('shows and changes the replicas of a workload', async () => {
    expect((await ask(connection, `${DEPLOYMENT}/scale`)).body).toMatchObject({
      kind: 'Scale',
      spec: { replicas: 2 },
      status: { replicas: 2, selector: 'app=web' },
    })
    expect((await patch(`${DEPLOYMENT}/scale`, 'merge-patch+json', { spec: { replicas: 3 } })).body).toMatchObject({
      spec: { replicas: 3 },
    })
    expect(world.store.get('Deployment', 'shop', 'web')?.spec).toMatchObject({ replicas: 3 })
  })
})

describe('delete', () => {
  it('takes an object away and answers Success', async () => {
    expect(await ask(connection, DEPLOYMENT, { method: 'DELETE' })).toMatchObject({
      status: 200,
      body: { kind: 'Status', status: 'Success' },
    })
    expect(world.store.get('Deployment', 'shop', 'web')).toBeUndefined()
  })

  it('keeps an object whose uid is not the one in the precondition: 409', async () => {
    expect(await ask(connection, DEPLOYMENT, { method: 'DELETE', body: { preconditions: { uid: 'x' } } })).toMatchObject({ status: 409 })
  })

  it('asks the world to end a pod, with the grace given', async () => {
    const asked: unknown[] = []
    connection = await IN_PROCESS.connect({ ...world, deletePod: (...pod) => asked.push(pod) })
    expect(await ask(connection, POD, { method: 'DELETE', body: { gracePeriodSeconds: 5 } })).toMatchObject({
      status: 200,
      body: { kind: 'Pod' },
    })
    expect(asked).toEqual([['shop', 'web-0', 5]])
  })
})

describe('eviction', () => {
  const evict = () =>
    ask(connection, `${POD}/eviction`, { method: 'POST', body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'web-0' } } })
  const refusing = (...budgets: string[]) =>
    IN_PROCESS.connect({
      ...world,
      evict: () => ({ evicted: false, budgets, message: 'The disruption budget web needs 2 healthy pods and has 2 currently' }),
    })

  it('answers 201 when the pod goes', async () => {
    expect(await evict()).toMatchObject({ status: 201 })
    expect(world.store.get('Pod', 'shop', 'web-0')).toBeUndefined()
  })

  it('answers 429 without Retry-After, with the budget as the cause', async () => {
    connection = await refusing('web')
    const answer = await evict()
    expect(answer).toMatchObject({
      status: 429,
      body: {
        reason: 'TooManyRequests',
        details: {
          causes: [{ reason: 'DisruptionBudget', message: 'The disruption budget web needs 2 healthy pods and has 2 currently' }],
        },
      },
    })
    expect(answer.headers).not.toHaveProperty('retry-after')
  })

  it('answers 500 when two budgets match', async () => {
    connection = await refusing('web', 'all')
    const { status, body } = await evict()
    expect(status).toBe(500)
    expect(body).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
      code: 500,
    })
  })
})
