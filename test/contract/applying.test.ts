import { describe, expect, it } from 'vitest'
import { contractTarget } from './target.ts'

const target = contractTarget('applying')
const MAPS = `/api/v1/namespaces/${target.namespace}/configmaps`
const DEPLOYMENTS = `/apis/apps/v1/namespaces/${target.namespace}/deployments`
const APPLY = 'application/apply-patch+yaml'

const apply = (path: string, manager: string, body: object, query = '') =>
  target.ask(`${path}?fieldManager=${manager}${query}`, { method: 'PATCH', type: APPLY, body })
const map = (data: Record<string, string>, rest: object = {}) => ({ apiVersion: 'v1', kind: 'ConfigMap', data, ...rest })
const managers = (body: { metadata: { managedFields?: readonly Record<string, unknown>[] } }) =>
  (body.metadata.managedFields ?? [])
    .map(({ manager, operation, subresource }) => [manager, operation, subresource].filter(Boolean).join(' '))
    .sort()

function deployment(containers: readonly object[], rest: object = {}) {
  const labels = { app: 'web' }
  const template = { metadata: { labels }, spec: { containers } }
  return { apiVersion: 'apps/v1', kind: 'Deployment', spec: { selector: { matchLabels: labels }, template, ...rest } }
}

describe('server-side apply', () => {
  it('creates what is not there, owned by its manager', async () => {
    const { status, body } = await apply(`${MAPS}/made`, 'alice', map({ a: '1' }, { metadata: { labels: { x: 'y' } } }))
    expect(status).toBe(201)
    expect(body.metadata.managedFields).toMatchObject([
      {
        manager: 'alice',
        operation: 'Apply',
        apiVersion: 'v1',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { 'f:a': {} }, 'f:metadata': { 'f:labels': { 'f:x': {} } } },
      },
    ])
  })

  it('takes away what its manager no longer applies, and nothing else', async () => {
    await apply(`${MAPS}/less`, 'alice', map({ a: '1', b: '2' }))
    await apply(`${MAPS}/less`, 'bob', map({ c: '3' }))
    const { status, body } = await apply(`${MAPS}/less`, 'alice', map({ a: '1' }))
    expect(status).toBe(200)
    expect(body.data).toEqual({ a: '1', c: '3' })
  })

  it('refuses another value for what somebody else owns: 409 with manager and field as causes', async () => {
    await apply(`${MAPS}/contested`, 'alice', map({ a: '1' }))
    expect(await apply(`${MAPS}/contested`, 'bob', map({ a: '2' }))).toMatchObject({
      status: 409,
      body: {
        reason: 'Conflict',
        message: 'Apply failed with 1 conflict: conflict with "alice": .data.a',
        details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "alice"', field: '.data.a' }] },
      },
    })
  })

  it('names every field in a conflict of several', async () => {
    await apply(`${MAPS}/several`, 'alice', map({ a: '1', b: '1' }))
    const { body } = await apply(`${MAPS}/several`, 'bob', map({ a: '2', b: '2' }))
    expect(body.message).toBe('Apply failed with 2 conflicts: conflicts with "alice":\n- .data.a\n- .data.b')
  })

  it('shares a field that two apply with one value; it stays until both let go', async () => {
    await apply(`${MAPS}/shared`, 'alice', map({ a: '1', b: '1' }))
    expect(managers((await apply(`${MAPS}/shared`, 'bob', map({ a: '1' }))).body)).toEqual(['alice Apply', 'bob Apply'])
    expect((await apply(`${MAPS}/shared`, 'alice', map({ b: '1' }))).body.data).toEqual({ a: '1', b: '1' })
    expect((await apply(`${MAPS}/shared`, 'bob', map({}))).body.data).toEqual({ b: '1' })
  })

  it('takes over with force', async () => {
    await apply(`${MAPS}/forced`, 'alice', map({ a: '1', b: '1' }))
    const { status, body } = await apply(`${MAPS}/forced`, 'bob', map({ a: '2' }), '&force=true')
    expect(status).toBe(200)
    expect(body.data).toEqual({ a: '2', b: '1' })
    expect((await apply(`${MAPS}/forced`, 'alice', map({ b: '1' }))).body.data).toEqual({ a: '2', b: '1' })
  })

  it('merges containers by name and owns each field of them', async () => {
    await apply(`${DEPLOYMENTS}/web`, 'alice', deployment([{ name: 'main', image: 'registry.example/web:1' }]))
    const added = await apply(`${DEPLOYMENTS}/web`, 'bob', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      spec: { template: { spec: { containers: [{ name: 'side', image: 'registry.example/side:1' }] } } },
    })
    expect(added.body.spec.template.spec.containers.map(({ name }: { name: string }) => name)).toEqual(['main', 'side'])
    const conflict = await apply(`${DEPLOYMENTS}/web`, 'carol', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      spec: { template: { spec: { containers: [{ name: 'main', image: 'registry.example/web:2' }] } } },
    })
    expect(conflict.body.details.causes[0].field).toBe('.spec.template.spec.containers[name="main"].image')
  })

  it('lets go of replicas to another manager without resetting them', async () => {
    const containers = [{ name: 'main', image: 'registry.example/web:1' }]
    await apply(`${DEPLOYMENTS}/scaled`, 'alice', deployment(containers, { replicas: 1 }))
    const scaled = await target.ask(`${DEPLOYMENTS}/scaled?fieldManager=scaler`, {
      method: 'PATCH',
      type: 'application/merge-patch+json',
      body: { spec: { replicas: 0 } },
    })
    expect(managers(scaled.body)).toEqual(expect.arrayContaining(['alice Apply', 'scaler Update']))
    const again = await apply(`${DEPLOYMENTS}/scaled`, 'alice', deployment(containers, { replicas: 1 }))
    expect(again.body.message).toBe('Apply failed with 1 conflict: conflict with "scaler" using apps/v1: .spec.replicas')
    expect((await apply(`${DEPLOYMENTS}/scaled`, 'alice', deployment(containers))).body.spec.replicas).toBe(0)
  })

  it('applied twice changes nothing', async () => {
    const first = await apply(`${MAPS}/same`, 'alice', map({ a: '1' }))
    const second = await apply(`${MAPS}/same`, 'alice', map({ a: '1' }))
    expect(second.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion)
  })

  it('wants the name of a manager, and no field that the kind does not have', async () => {
    expect(await target.ask(`${MAPS}/none`, { method: 'PATCH', type: APPLY, body: map({}) })).toMatchObject({ status: 400 })
    const odd = await apply(`${MAPS}/odd`, 'alice', map({}, { colour: 'red' }))
    expect(odd.body.message).toContain('.colour: field not declared in schema')
  })

  it('shows what it would do in a dry run, and does nothing', async () => {
    expect((await apply(`${MAPS}/dry`, 'alice', map({ a: '1' }), '&dryRun=All')).body.data).toEqual({ a: '1' })
    expect((await target.ask(`${MAPS}/dry`)).status).toBe(404)
  })
})

describe('updates', () => {
  it('are owned by what they change', async () => {
    const body = map({ a: '1', b: '1' }, { metadata: { name: 'updated' } })
    await target.ask(`${MAPS}?fieldManager=alice`, { method: 'POST', body })
    const { body: changed } = await target.ask(`${MAPS}/updated?fieldManager=bob`, {
      method: 'PATCH',
      type: 'application/merge-patch+json',
      body: { data: { a: '2' } },
    })
    const fields = Object.fromEntries(
      changed.metadata.managedFields.map((each: { manager: string; fieldsV1: object }) => [each.manager, each.fieldsV1]),
    )
    expect(fields).toEqual({ alice: { 'f:data': { '.': {}, 'f:b': {} } }, bob: { 'f:data': { 'f:a': {} } } })
  })

  it('without a manager are owned by the name of the client', async () => {
    const { body } = await target.ask(MAPS, { method: 'POST', body: map({ a: '1' }, { metadata: { name: 'agent' } }) })
    expect(managers(body)).toEqual(['serin-contract Update'])
  })

  it('that empty managedFields make everybody forget', async () => {
    const { body } = await target.ask(MAPS, { method: 'POST', body: map({ a: '1' }, { metadata: { name: 'forgotten' } }) })
    const put = await target.ask(`${MAPS}/forgotten`, {
      method: 'PUT',
      body: { ...body, metadata: { ...body.metadata, managedFields: [{}] } },
    })
    expect(put.body.metadata.managedFields).toBeUndefined()
  })
})
