import { describe, expect, it } from 'vitest'
import type { AskOptions } from './target.ts'
import { contractTarget, inSandbox } from './target.ts'

const target = contractTarget('writing')
const NAMESPACE = `/api/v1/namespaces/${target.namespace}`
const MAPS = `${NAMESPACE}/configmaps`
const LEASES = `/apis/coordination.k8s.io/v1/namespaces/${target.namespace}/leases`
const DEPLOYMENTS = `/apis/apps/v1/namespaces/${target.namespace}/deployments`
const MERGE = 'application/merge-patch+json'

const map = (name: string, rest: object = {}) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: '1' }, ...rest })
const post = (path: string, body: unknown, options: AskOptions = {}) => target.ask(path, { method: 'POST', body, ...options })
const merge = (path: string, body: unknown) => target.ask(path, { method: 'PATCH', type: MERGE, body })

function deployment(name: string, app = 'web') {
  const template = { metadata: { labels: { app } }, spec: { containers: [{ name: 'main', image: 'registry.example/web:1' }] } }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { replicas: 0, selector: { matchLabels: { app: 'web' } }, template },
  }
}

describe('leases', () => {
  const lease = (name: string, renewTime: string, rest: object = {}) => ({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, ...rest },
    spec: { holderIdentity: 'me', leaseDurationSeconds: 30, renewTime },
  })
  const TIME = '2026-01-05T08:00:00.000000Z'

  it('created at once by several: one 201, the rest 409 AlreadyExists', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => post(LEASES, lease('raced', TIME))))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409])
    const late = answers.find(({ status }) => status === 409)
    expect(late?.body).toMatchObject({ reason: 'AlreadyExists', message: 'leases.coordination.k8s.io "raced" already exists' })
  })

  it('with a stale resourceVersion: 409 Conflict', async () => {
    const { body } = await post(LEASES, lease('stale', TIME))
    const put = { ...body, spec: { ...body.spec, renewTime: '2026-01-05T08:00:10.000000Z' } }
    expect((await target.ask(`${LEASES}/stale`, { method: 'PUT', body: put })).status).toBe(200)
    expect(await target.ask(`${LEASES}/stale`, { method: 'PUT', body: put })).toMatchObject({
      status: 409,
      body: { reason: 'Conflict', message: expect.stringContaining('the object has been modified') },
    })
  })

  it('without a resourceVersion: 422', async () => {
    await post(LEASES, lease('blind', TIME))
    expect(await target.ask(`${LEASES}/blind`, { method: 'PUT', body: lease('blind', TIME) })).toMatchObject({
      status: 422,
      body: { message: expect.stringContaining('metadata.resourceVersion: Invalid value: 0x0: must be specified for an update') },
    })
  })

  it.each([
    { title: 'six fractional digits', time: '2026-01-05T08:00:10.123456Z', status: 201 },
    { title: 'seconds', time: '2026-01-05T08:00:10Z', status: 400 },
    { title: 'milliseconds', time: '2026-01-05T08:00:10.123Z', status: 400 },
    { title: 'nanoseconds', time: '2026-01-05T08:00:10.123456789Z', status: 400 },
  ])('with $title in their times: $status', async ({ title, time, status }) => {
    expect((await post(LEASES, lease(title.replaceAll(' ', '-'), time))).status).toBe(status)
  })

  it('with the same content from two holders of one identity both succeed', async () => {
    const { body } = await post(LEASES, lease('twins', TIME))
    const answers = await Promise.all([1, 2].map(() => target.ask(`${LEASES}/twins`, { method: 'PUT', body })))
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
  })

  it('that last no time: 422', async () => {
    const body = { ...lease('short', TIME), spec: { leaseDurationSeconds: 0 } }
    expect(await post(LEASES, body)).toMatchObject({
      status: 422,
      body: { details: { causes: [{ field: 'spec.leaseDurationSeconds', reason: 'FieldValueInvalid' }] } },
    })
  })
})

describe('writes', () => {
  it('that change nothing bump no resourceVersion', async () => {
    const { body } = await post(MAPS, map('same'))
    const put = await target.ask(`${MAPS}/same`, { method: 'PUT', body })
    expect(put.status).toBe(200)
    expect(put.body.metadata.resourceVersion).toBe(body.metadata.resourceVersion)
    expect((await merge(`${MAPS}/same`, { data: { a: '1' } })).body.metadata.resourceVersion).toBe(body.metadata.resourceVersion)
  })

  it('in a dry run answer as the real ones and store nothing, whatever the verb', async () => {
    expect(await post(`${MAPS}?dryRun=All`, map('dry'))).toMatchObject({ status: 201, body: { data: { a: '1' } } })
    expect((await target.ask(`${MAPS}/dry`)).status).toBe(404)
    await post(MAPS, map('dry'))
    expect((await merge(`${MAPS}/dry?dryRun=All`, { data: { a: '2' } })).body.data).toEqual({ a: '2' })
    expect((await target.ask(`${MAPS}/dry?dryRun=All`, { method: 'PUT', body: map('dry', { data: { b: '3' } }) })).body.data).toEqual({
      b: '3',
    })
    expect((await target.ask(`${MAPS}/dry?dryRun=All`, { method: 'DELETE' })).status).toBe(200)
    expect((await target.ask(`${MAPS}/dry`)).body.data).toEqual({ a: '1' })
  })

  it('give a name to what brings only a prefix', async () => {
    const { body } = await post(MAPS, { ...map(''), metadata: { generateName: 'probe-' } })
    expect(body.metadata.name).toMatch(/^probe-[a-z0-9]{5}$/)
  })

  it('into a namespace that is not there: 404', async () => {
    expect(await post('/api/v1/namespaces/serin-none/configmaps', map('lost'))).toMatchObject({
      status: 404,
      body: { message: 'namespaces "serin-none" not found' },
    })
  })

  it('with the uid of another object: 409', async () => {
    await post(MAPS, map('identity'))
    const uid = '00000000-0000-0000-0000-000000000000'
    expect((await target.ask(`${MAPS}/identity`, { method: 'DELETE', body: { preconditions: { uid } } })).status).toBe(409)
  })

  it('count the generation of the spec, not of labels or status', async () => {
    expect((await post(DEPLOYMENTS, deployment('counted'))).body.metadata.generation).toBe(1)
    expect((await merge(`${DEPLOYMENTS}/counted`, { metadata: { labels: { a: 'b' } } })).body.metadata.generation).toBe(1)
    expect((await merge(`${DEPLOYMENTS}/counted`, { spec: { paused: true } })).body.metadata.generation).toBe(2)
  })

  it('of the status only by its own address', async () => {
    await post(DEPLOYMENTS, { ...deployment('apart'), spec: { ...deployment('apart').spec, paused: true } })
    const whole = await merge(`${DEPLOYMENTS}/apart`, { status: { observedGeneration: 77 } })
    expect(whole.body.status?.observedGeneration).not.toBe(77)
    const part = await merge(`${DEPLOYMENTS}/apart/status`, { spec: { replicas: 5 }, status: { collisionCount: 3 } })
    expect(part.body).toMatchObject({ spec: { replicas: 0 }, status: { collisionCount: 3 } })
  })
})

describe('field validation', () => {
  const text = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"strict"},"data":{"a":"1","a":"2"},"colour":"red"}'

  it('names unknown and duplicate fields and refuses when strict', async () => {
    expect(await post(`${MAPS}?fieldValidation=Strict&dryRun=All`, text)).toMatchObject({
      status: 400,
      body: {
        message:
          'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "colour", duplicate field "data.a"',
      },
    })
  })

  it('warns of them unasked, and drops what is unknown', async () => {
    const answer = await post(MAPS, text)
    expect(answer.status).toBe(201)
    expect(answer.headers.warning).toContain('unknown field \\"colour\\"')
    expect(answer.body).not.toHaveProperty('colour')
    expect(answer.body.data).toEqual({ a: '2' })
  })

  it('says nothing when told to ignore', async () => {
    const answer = await post(`${MAPS}?fieldValidation=Ignore&dryRun=All`, text)
    expect(answer.headers).not.toHaveProperty('warning')
  })

  it('takes amounts as numbers, and keeps them as texts', async () => {
    const made = deployment('amounts')
    const [container] = made.spec.template.spec.containers
    const containers = [{ ...container, resources: { limits: { cpu: 1, memory: '64Mi' } } }]
    const spec = { ...made.spec, template: { ...made.spec.template, spec: { containers } } }
    const answer = await post(`${DEPLOYMENTS}?fieldValidation=Strict`, { ...made, spec })
    expect(answer.body.spec.template.spec.containers[0].resources.limits).toEqual({ cpu: '1', memory: '64Mi' })
  })

  it('refuses values of another type: 400', async () => {
    const body = { ...deployment('typed'), spec: { ...deployment('typed').spec, replicas: 'three' } }
    expect(await post(DEPLOYMENTS, body)).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('cannot be handled as a Deployment') },
    })
  })
})

describe('validation', () => {
  it.each([
    { title: 'a name with capitals', body: () => map('Upper'), path: MAPS, field: 'metadata.name' },
    { title: 'no name', body: () => ({ ...map(''), metadata: {} }), path: MAPS, field: 'metadata.name' },
    {
      title: 'a label with a space',
      body: () => map('label', { metadata: { name: 'label', labels: { a: 'b c' } } }),
      path: MAPS,
      field: 'metadata.labels',
    },
    {
      title: 'a selector that the template does not match',
      body: () => deployment('mismatch', 'other'),
      path: DEPLOYMENTS,
      field: 'spec.template.metadata.labels',
    },
  ])('of $title: 422 with the field as cause', async ({ body, path, field }) => {
    const answer = await post(path, body())
    expect(answer).toMatchObject({ status: 422, body: { reason: 'Invalid' } })
    expect(answer.body.details.causes.map((cause: { field: string }) => cause.field)).toContain(field)
  })

  it('of a selector that is changed: immutable', async () => {
    await post(DEPLOYMENTS, deployment('fixed'))
    const labels = { app: 'web', tier: 'x' }
    const body = { spec: { selector: { matchLabels: labels }, template: { metadata: { labels } } } }
    expect(await merge(`${DEPLOYMENTS}/fixed`, body)).toMatchObject({
      status: 422,
      body: {
        message: expect.stringMatching(/^Deployment\.apps "fixed" is invalid: spec\.selector: Invalid value: .*: field is immutable$/),
      },
    })
  })

  it('of a pod whose containers are changed: the real words', async () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'rigid' },
      spec: { nodeSelector: { none: 'such' }, containers: [{ name: 'main', image: 'registry.example/web:1' }] },
    }
    expect((await post(`${NAMESPACE}/pods`, pod)).status).toBe(201)
    const image = await target.ask(`${NAMESPACE}/pods/rigid`, {
      method: 'PATCH',
      type: 'application/strategic-merge-patch+json',
      body: { spec: { containers: [{ name: 'main', image: 'registry.example/web:2' }] } },
    })
    expect(image.status).toBe(200)
    const command = await target.ask(`${NAMESPACE}/pods/rigid`, {
      method: 'PATCH',
      type: 'application/strategic-merge-patch+json',
      body: { spec: { containers: [{ name: 'main', command: ['x'] }] } },
    })
    expect(command).toMatchObject({
      status: 422,
      body: {
        reason: 'Invalid',
        message: expect.stringContaining(
          'Pod "rigid" is invalid: spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`',
        ),
        details: { kind: 'Pod', causes: [{ reason: 'FieldValueForbidden', field: 'spec' }] },
      },
    })
    await target.ask(`${NAMESPACE}/pods/rigid?gracePeriodSeconds=0`, { method: 'DELETE' })
  })
})

describe('deletion', () => {
  it('waits for finalizers', async () => {
    await post(MAPS, map('held', { metadata: { name: 'held', finalizers: ['example.com/hold'] } }))
    expect((await target.ask(`${MAPS}/held`, { method: 'DELETE' })).status).toBe(200)
    const { body } = await target.ask(`${MAPS}/held`)
    expect(body.metadata.deletionTimestamp).toMatch(/^\d{4}-/)
    const more = await merge(`${MAPS}/held`, { metadata: { finalizers: ['example.com/hold', 'example.com/more'] } })
    expect(more).toMatchObject({
      status: 422,
      body: { message: expect.stringContaining('no new finalizers can be added if the object is being deleted') },
    })
    expect((await merge(`${MAPS}/held`, { metadata: { finalizers: null } })).status).toBe(200)
    expect((await target.ask(`${MAPS}/held`)).status).toBe(404)
  })

  it('of a collection takes what a selector selects', async () => {
    for (const name of ['one', 'two', 'three'])
      await post(MAPS, map(name, { metadata: { name, labels: { batch: name === 'three' ? 'b' : 'a' } } }))
    const answer = await target.ask(`${MAPS}?labelSelector=batch%3Da`, { method: 'DELETE' })
    expect(answer.status).toBe(200)
    const left = await target.ask(`${MAPS}?labelSelector=batch`)
    expect(left.body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)).toEqual(['three'])
  })
})

describe('what goes along', () => {
  it('with a namespace: all that is in it; then it goes itself', async () => {
    const name = `${target.namespace}-inner`
    await post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
    await post(`/api/v1/namespaces/${name}/configmaps`, map('inside'))
    const deleted = await target.ask(`/api/v1/namespaces/${name}`, { method: 'DELETE' })
    expect(deleted.body).toMatchObject({ kind: 'Namespace', status: { phase: 'Terminating' } })
    await expect.poll(async () => (await target.ask(`/api/v1/namespaces/${name}`)).status, { timeout: 30_000 }).toBe(404)
    expect((await target.ask(`/api/v1/namespaces/${name}/configmaps/inside`)).status).toBe(404)
  })

  it('not kube-system: 403', async () => {
    expect(await target.ask('/api/v1/namespaces/kube-system?dryRun=All', { method: 'DELETE' })).toMatchObject({
      status: 403,
      body: { message: 'namespaces "kube-system" is forbidden: this namespace may not be deleted' },
    })
  })

  inSandbox('with a Deployment its ReplicaSets, unless they are to be orphans', async () => {
    const sets = `/apis/apps/v1/namespaces/${target.namespace}/replicasets?labelSelector=app%3Dweb`
    const spec = { ...deployment('owner').spec, replicas: 0 }
    await post(DEPLOYMENTS, { ...deployment('owner'), spec })
    const owned = async () =>
      ((await target.ask(sets)).body.items as { metadata: { name: string; ownerReferences?: readonly { name: string }[] } }[]).filter(
        ({ metadata }) => metadata.name.startsWith('owner-'),
      )
    await expect.poll(async () => (await owned()).length, { timeout: 10_000 }).toBe(1)
    await target.ask(`${DEPLOYMENTS}/owner?propagationPolicy=Orphan`, { method: 'DELETE' })
    const [orphan] = await owned()
    expect(orphan?.metadata.ownerReferences ?? []).toEqual([])
  })
})

describe('eviction', () => {
  const evict = (namespace: string, name: string) =>
    post(`/api/v1/namespaces/${namespace}/pods/${name}/eviction`, {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name, namespace },
    })

  inSandbox('of a pod that a budget holds: 429 without Retry-After, with the budget as cause; then 201', async () => {
    const { body: pods } = await target.ask('/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app%3Dkube-dns')
    const [first] = pods.items
    const budgets = '/apis/policy/v1/namespaces/kube-system/poddisruptionbudgets'
    const spec = { minAvailable: pods.items.length, selector: { matchLabels: { 'k8s-app': 'kube-dns' } } }
    const { body: existing } = await target.ask(budgets)
    for (const { metadata } of existing.items) await target.ask(`${budgets}/${metadata.name}`, { method: 'DELETE' })
    await post(budgets, { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'dns' }, spec })
    const held = await evict('kube-system', first.metadata.name)
    expect(held).toMatchObject({
      status: 429,
      body: {
        reason: 'TooManyRequests',
        message: "Cannot evict pod as it would violate the pod's disruption budget.",
        details: {
          causes: [
            {
              reason: 'DisruptionBudget',
              message: `The disruption budget dns needs ${pods.items.length} healthy pods and has ${pods.items.length} currently`,
            },
          ],
        },
      },
    })
    expect(held.headers).not.toHaveProperty('retry-after')
    await post(budgets, {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'second' },
      spec: { ...spec, minAvailable: 1 },
    })
    expect(await evict('kube-system', first.metadata.name)).toMatchObject({
      status: 500,
      body: { message: expect.stringContaining('more than one PodDisruptionBudget') },
    })
    await target.ask(`${budgets}/dns`, { method: 'DELETE' })
    expect((await evict('kube-system', first.metadata.name)).status).toBe(201)
  })
})
