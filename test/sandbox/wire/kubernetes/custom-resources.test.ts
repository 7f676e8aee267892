import { beforeEach, describe, expect, it } from 'vitest'
import type { World } from '../../../../src/sandbox/contract.ts'
import { definitionObject } from '../../../../src/sandbox/world/kubernetes/api/eks-definitions.ts'
import { tinyWorld } from '../tiny-world.ts'
import type { Connection } from '../transports.ts'
import { ask, IN_PROCESS, openWatch } from '../transports.ts'

const widgets = definitionObject({
  group: 'example.com',
  version: 'v1beta1',
  kind: 'Widget',
  plural: 'widgets',
  namespaced: true,
  shortNames: ['wg'],
  subresources: { status: {} },
  columns: [
    { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Parts', type: 'string', jsonPath: '.spec.parts' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  schema: {
    spec: {
      type: 'object',
      properties: {
        size: { type: 'integer' },
        parts: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
      },
    },
  },
})

const WIDGETS = '/apis/example.com/v1beta1/namespaces/shop/widgets'
const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }

let world: World
let connection: Connection

beforeEach(async () => {
  world = tinyWorld({ objects: [widgets] })
  connection = await IN_PROCESS.connect(world)
})

const create = (name: string, rest: Record<string, unknown> = {}) =>
  ask(connection, WIDGETS, {
    method: 'POST',
    body: { apiVersion: 'example.com/v1beta1', kind: 'Widget', metadata: { name }, spec: { size: 3 }, ...rest },
  })

describe('a definition', () => {
  it('serves its kind: created, listed, watched, with a generation', async () => {
    expect(await create('a')).toMatchObject({ status: 201, body: { kind: 'Widget', metadata: { generation: 1, namespace: 'shop' } } })
    expect((await ask(connection, WIDGETS)).body).toMatchObject({
      kind: 'WidgetList',
      items: [{ kind: 'Widget', apiVersion: 'example.com/v1beta1', metadata: { name: 'a' } }],
    })
    const watch = await openWatch(connection, `${WIDGETS}?watch=true`)
    expect(await watch.next()).toMatchObject({ type: 'ADDED', object: { kind: 'Widget' } })
    watch.stop()
  })

  it('is in discovery under its group and version', async () => {
    const { body } = await ask(connection, '/apis/example.com')
    expect(body).toMatchObject({ kind: 'APIGroup', versions: [{ groupVersion: 'example.com/v1beta1' }] })
    expect(JSON.parse((await ask(connection, '/apis/example.com/v1beta1')).text).resources).toMatchObject([
      { name: 'widgets', shortNames: ['wg'], namespaced: true },
      { name: 'widgets/status' },
    ])
  })

  it('prints its own columns', async () => {
    await create('a', { spec: { size: 3, parts: [{ name: 'x' }] } })
    world.store.update('Widget', 'shop', 'a', (current) => ({ ...current, status: { conditions: [{ type: 'Ready', status: 'True' }] } }))
    const { body } = await ask(connection, WIDGETS, { headers: TABLE })
    expect(body.columnDefinitions?.map(({ name }) => name)).toEqual(['Name', 'Size', 'Ready', 'Parts', 'Age'])
    expect(body.rows).toMatchObject([{ cells: ['a', 3, 'True', '[{"name":"x"}]', '0s'] }])
  })

  it('brings its schema to OpenAPI', async () => {
    const { components } = JSON.parse((await ask(connection, '/openapi/v3/apis/example.com/v1beta1')).text)
    expect(components.schemas['com.example.v1beta1.Widget']).toMatchObject({
      'x-kubernetes-group-version-kind': [{ group: 'example.com', version: 'v1beta1', kind: 'Widget' }],
      properties: { spec: { properties: { size: { type: 'integer' } } } },
    })
  })

  it('takes its kind along when it goes', async () => {
    world.store.remove('CustomResourceDefinition', undefined, 'widgets.example.com')
    expect(await ask(connection, WIDGETS)).toMatchObject({ status: 404 })
  })
})

it('an Event is read in both of its forms', async () => {
  const involvedObject = { kind: 'Pod', namespace: 'shop', name: 'web-0' }
  const event = { apiVersion: 'v1', kind: 'Event', metadata: { name: 'e', namespace: 'shop' }, involvedObject, message: 'm', reason: 'R' }
  world.store.create(event)
  expect((await ask(connection, '/api/v1/namespaces/shop/events/e')).body).toMatchObject({ apiVersion: 'v1', involvedObject, message: 'm' })
  const asEvents = await ask(connection, '/apis/events.k8s.io/v1/namespaces/shop/events/e')
  expect(asEvents.body).toMatchObject({ apiVersion: 'events.k8s.io/v1', regarding: involvedObject, note: 'm', reason: 'R' })
  expect(asEvents.body).not.toHaveProperty('message')
})
