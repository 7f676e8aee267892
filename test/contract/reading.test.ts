import { beforeAll, describe, expect, it } from 'vitest'
import { contractTarget, inSandbox } from './target.ts'

const target = contractTarget('reading')
const MAPS = `/api/v1/namespaces/${target.namespace}/configmaps`

const create = (name: string, labels: Record<string, string> = {}) =>
  target.ask(MAPS, {
    method: 'POST',
    body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels: { suite: 'reading', ...labels } } },
  })
const names = (body: { items: readonly { metadata: { name: string } }[] }) => body.items.map(({ metadata }) => metadata.name)

beforeAll(async () => {
  for (const [name, tier] of [
    ['a', 'web'],
    ['b', 'web'],
    ['c', 'db'],
  ] as const)
    await create(name, { tier })
})

describe('lists', () => {
  it.each([
    { selector: 'suite=reading,tier=web', found: ['a', 'b'] },
    { selector: 'suite=reading,tier!=web', found: ['c'] },
    { selector: 'suite=reading,tier in (db, other)', found: ['c'] },
    { selector: 'suite=reading,tier notin (db)', found: ['a', 'b'] },
    { selector: 'suite=reading,!tier', found: [] },
  ])('by labels: $selector', async ({ selector, found }) => {
    const { body } = await target.ask(`${MAPS}?${new URLSearchParams({ labelSelector: selector })}`)
    expect(names(body)).toEqual(found)
  })

  it('by fields that the kind has, and no others', async () => {
    expect(names((await target.ask(`${MAPS}?fieldSelector=metadata.name%3Db`)).body)).toEqual(['b'])
    expect(await target.ask(`${MAPS}?fieldSelector=data.x%3Db`)).toMatchObject({ status: 400, body: { reason: 'BadRequest' } })
  })

  it('come in pages, which a token continues', async () => {
    const selector = 'labelSelector=suite%3Dreading'
    const first = await target.ask(`${MAPS}?${selector}&limit=2`)
    expect(names(first.body)).toEqual(['a', 'b'])
    const second = await target.ask(`${MAPS}?${selector}&limit=2&continue=${encodeURIComponent(first.body.metadata.continue)}`)
    expect(names(second.body)).toEqual(['c'])
    expect(second.body.metadata.continue ?? '').toBe('')
    expect((await target.ask(`${MAPS}?limit=2&continue=nonsense`)).status).toBe(400)
  })

  it('at an exact version are what they were', async () => {
    const { body } = await target.ask(`${MAPS}?labelSelector=suite%3Dreading`)
    const version = body.metadata.resourceVersion
    const again = await target.ask(`${MAPS}?labelSelector=suite%3Dreading&resourceVersion=${version}&resourceVersionMatch=Exact`)
    expect(again).toMatchObject({ status: 200, body: { metadata: { resourceVersion: version } } })
  })

  it.each([
    { title: 'a match without a version', query: 'resourceVersionMatch=Exact', because: 'forbidden unless resourceVersion is provided' },
    { title: 'exactly version 0', query: 'resourceVersion=0&resourceVersionMatch=Exact', because: 'is forbidden for resourceVersion "0"' },
    {
      title: 'an unknown match',
      query: 'resourceVersion=1&resourceVersionMatch=Some',
      because: 'supported values: "Exact", "NotOlderThan"',
    },
    { title: 'initial events', query: 'sendInitialEvents=true', because: 'sendInitialEvents is forbidden for list' },
  ])('with $title: 422', async ({ query, because }) => {
    expect(await target.ask(`${MAPS}?${query}`)).toMatchObject({ status: 422, body: { message: expect.stringContaining(because) } })
  })

  it('show tables, whose rows carry metadata', async () => {
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
    const { body } = await target.ask(`${MAPS}?labelSelector=suite%3Dreading`, { headers: { accept } })
    expect(body).toMatchObject({ kind: 'Table', columnDefinitions: [{ name: 'Name' }, { name: 'Data' }, { name: 'Age' }] })
    expect(body.rows[0]).toMatchObject({
      cells: ['a', 0, expect.any(String)],
      object: { kind: 'PartialObjectMetadata', metadata: { name: 'a' } },
    })
  })

  it('show metadata only', async () => {
    const accept = (as: string) => ({ accept: `application/json;as=${as};v=v1;g=meta.k8s.io` })
    const { body } = await target.ask(`${MAPS}?labelSelector=tier`, { headers: accept('PartialObjectMetadataList') })
    expect(body).toMatchObject({ kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' })
    expect(body.items[0].metadata.labels).toMatchObject({ tier: 'web' })
    expect((await target.ask(`${MAPS}/a`, { headers: accept('PartialObjectMetadata') })).body).toMatchObject({
      kind: 'PartialObjectMetadata',
      metadata: { name: 'a' },
    })
  })
})

describe('watches', () => {
  it('send what exists, then a bookmark that says so, then changes', async () => {
    const query = 'watch=true&labelSelector=tier&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'
    const watch = await target.watch(`${MAPS}?${query}`)
    const seen = [await watch.next(), await watch.next(), await watch.next()]
    expect(seen.map((event) => `${event?.type} ${event?.object.metadata.name}`)).toEqual(['ADDED a', 'ADDED b', 'ADDED c'])
    expect(await watch.next()).toMatchObject({
      type: 'BOOKMARK',
      object: { kind: 'ConfigMap', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
    })
    await target.ask(`${MAPS}/a`, { method: 'PATCH', type: 'application/merge-patch+json', body: { data: { x: '1' } } })
    let event = await watch.next()
    while (event?.type === 'BOOKMARK') event = await watch.next()
    expect(event).toMatchObject({ type: 'MODIFIED', object: { metadata: { name: 'a' } } })
    watch.stop()
  })

  it('send their headers at once, also when nothing happens', async () => {
    const { body } = await target.ask(MAPS)
    const watch = await target.watch(`${MAPS}?watch=true&labelSelector=none&resourceVersion=${body.metadata.resourceVersion}`)
    expect(watch.status).toBe(200)
    watch.stop()
  })

  it('want NotOlderThan for initial events: 422', async () => {
    const { status, body } = await target.ask(`${MAPS}?watch=true&sendInitialEvents=true`)
    expect({ status, message: body.message }).toMatchObject({
      status: 422,
      message: expect.stringContaining('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'),
    })
  })

  inSandbox('from a version that is forgotten: 200, then an ERROR event that holds 410 Expired', async () => {
    for (let index = 0; index < 5_100; index++)
      target.world?.().store.update('ConfigMap', target.namespace, 'b', (current) => ({ ...current, data: { index: String(index) } }))
    const watch = await target.watch(`${MAPS}?watch=true&resourceVersion=1`)
    expect(watch.status).toBe(200)
    expect(await watch.next()).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } })
    expect(await watch.next()).toBeUndefined()
  })
})

describe('what the server says of itself', () => {
  it('discovery, aggregated', async () => {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
    const answer = await target.ask('/apis', { headers: { accept } })
    expect(answer.headers['content-type']).toContain('as=APIGroupDiscoveryList')
    const groups = answer.body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)
    expect(groups).toEqual(
      expect.arrayContaining(['apps', 'batch', 'policy', 'rbac.authorization.k8s.io', 'storage.k8s.io', 'events.k8s.io']),
    )
  })

  it('discovery, group by group', async () => {
    const { body } = await target.ask('/apis/apps/v1')
    const named = body.resources.map(({ name }: { name: string }) => name)
    expect(named).toEqual(expect.arrayContaining(['deployments', 'deployments/scale', 'deployments/status', 'daemonsets']))
    const pods = (await target.ask('/api/v1')).body.resources.find(({ name }: { name: string }) => name === 'pods/eviction')
    expect(pods).toMatchObject({ group: 'policy', version: 'v1', kind: 'Eviction' })
  })

  it.each(['/healthz', '/readyz', '/livez'])('%s is ok', async (path) => {
    expect(await target.ask(path)).toMatchObject({ status: 200, text: 'ok' })
  })

  it('its version', async () => {
    expect((await target.ask('/version')).body).toMatchObject({ major: '1', gitVersion: expect.stringMatching(/^v1\./) })
  })

  it('an OpenAPI document per group and version, with merge keys', async () => {
    const { body } = await target.ask('/openapi/v3')
    const path = body.paths['apis/apps/v1'].serverRelativeURL
    const { text } = await target.ask(path)
    expect(text).toContain('"x-kubernetes-patch-merge-key":"name"')
    expect(text).toContain('"x-kubernetes-list-type":"map"')
  })

  it('what one may do', async () => {
    const spec = { resourceAttributes: { verb: 'list', resource: 'configmaps', namespace: target.namespace } }
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
    const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec }
    expect(await target.ask(path, { method: 'POST', body })).toMatchObject({ status: 201, body: { status: { allowed: true } } })
  })

  it('nothing to whom it does not know: 401', async () => {
    expect((await target.ask('/api/v1/nodes', { stranger: true, headers: { authorization: 'Bearer nonsense' } })).status).toBe(401)
  })
})

describe('objects of kinds that definitions bring', () => {
  const NAME = 'contracts.serin-contract.example.com'
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: NAME },
    spec: {
      group: 'serin-contract.example.com',
      scope: 'Namespaced',
      names: { kind: 'SerinContract', plural: 'contracts', shortNames: ['serco'] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: { spec: { type: 'object', required: ['size'], properties: { size: { type: 'integer' } } } },
            },
          },
        },
      ],
    },
  }
  const OBJECTS = `/apis/serin-contract.example.com/v1/namespaces/${target.namespace}/contracts`
  const made = (spec: object, name = 'one') => ({
    apiVersion: 'serin-contract.example.com/v1',
    kind: 'SerinContract',
    metadata: { name },
    spec,
  })

  it('are served, held to their schema and printed with their columns, until the definition goes', async () => {
    const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
    expect((await target.ask(definitions, { method: 'POST', body: definition })).status).toBe(201)
    await expect.poll(async () => (await target.ask(OBJECTS)).status, { timeout: 10_000 }).toBe(200)
    expect((await target.ask(OBJECTS, { method: 'POST', body: made({ size: 3, colour: 'red' }) })).body.spec).toEqual({ size: 3 })
    expect(await target.ask(OBJECTS, { method: 'POST', body: made({}, 'two') })).toMatchObject({
      status: 422,
      body: { details: { causes: [{ field: 'spec.size', reason: 'FieldValueRequired' }] } },
    })
    expect(await target.ask(OBJECTS, { method: 'POST', body: made({ size: 'big' }, 'two') })).toMatchObject({
      status: 422,
      body: { message: expect.stringContaining('spec.size in body must be of type integer') },
    })
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
    expect((await target.ask(OBJECTS, { headers: { accept } })).body.rows).toMatchObject([{ cells: ['one', 3] }])
    expect((await target.ask(`${definitions}/${NAME}`, { method: 'DELETE' })).status).toBe(200)
    await expect.poll(async () => (await target.ask(OBJECTS)).status, { timeout: 10_000 }).toBe(404)
    await target.ask(definitions, { method: 'POST', body: definition })
    await expect.poll(async () => (await target.ask(OBJECTS)).body?.items, { timeout: 10_000 }).toEqual([])
    await target.ask(`${definitions}/${NAME}`, { method: 'DELETE' })
  })
})
