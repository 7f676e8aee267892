import { beforeAll, describe, expect, it } from 'vitest'
import { fieldsOf, message } from '../../../../src/sandbox/wire/kubernetes/protobuf/fields.ts'
import { tinyWorld } from '../tiny-world.ts'
import type { Connection } from '../transports.ts'
import { ask, IN_PROCESS } from '../transports.ts'

let connection: Connection

beforeAll(async () => {
  connection = await IN_PROCESS.connect(tinyWorld())
})

const AGGREGATED = { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json' }

describe('discovery', () => {
  it('is aggregated when asked so, and says it in the content type', async () => {
    const answer = await ask(connection, '/apis', { headers: AGGREGATED })
    expect(answer.headers['content-type']).toContain('as=APIGroupDiscoveryList')
    expect(answer.body.kind).toBe('APIGroupDiscoveryList')
    expect(answer.body.items?.map((group) => group.metadata?.name)).toContain('policy')
  })

  it.each([
    { path: '/api', kind: 'APIVersions' },
    { path: '/apis', kind: 'APIGroupList' },
    { path: '/apis/apps', kind: 'APIGroup' },
    { path: '/apis/apps/v1', kind: 'APIResourceList' },
  ])('$path is a $kind for those who do not know that', async ({ path, kind }) => {
    expect((await ask(connection, path)).body.kind).toBe(kind)
  })

  it('names pods/eviction in the legacy list, which drain looks for', async () => {
    const { text } = await ask(connection, '/api/v1')
    expect(JSON.parse(text).resources).toContainEqual(
      expect.objectContaining({ name: 'pods/eviction', group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] }),
    )
  })
})

describe('OpenAPI v3', () => {
  it('lists a document for each group version', async () => {
    const { text } = await ask(connection, '/openapi/v3')
    expect(JSON.parse(text).paths['apis/apps/v1']).toEqual({ serverRelativeURL: '/openapi/v3/apis/apps/v1' })
  })

  it('says in words what a kind and its fields are, and which have to be there', async () => {
    const { components } = JSON.parse((await ask(connection, '/openapi/v3/apis/apps/v1')).text)
    const container = components.schemas['io.k8s.api.v1.Container']
    expect(container).toMatchObject({
      description: 'A single application container that you want to run within a pod.',
      required: ['name'],
    })
    expect(container.properties.args.description).toContain("The container image's CMD is used if this is not provided.")
    expect(components.schemas['io.k8s.api.v1.Deployment'].properties.spec).toEqual({
      allOf: [{ $ref: '#/components/schemas/io.k8s.api.v1.DeploymentSpec' }],
    })
  })

  it('knows the fields of a kind, their merge keys, and that it can be patched', async () => {
    const { components, paths } = JSON.parse((await ask(connection, '/openapi/v3/apis/apps/v1')).text)
    const schema = (name: string) => components.schemas[`io.k8s.api.v1.${name}`]
    expect(schema('DaemonSet')['x-kubernetes-group-version-kind']).toEqual([{ group: 'apps', version: 'v1', kind: 'DaemonSet' }])
    expect(schema('PodSpec').properties.containers).toMatchObject({
      type: 'array',
      'x-kubernetes-patch-merge-key': 'name',
      'x-kubernetes-patch-strategy': 'merge',
    })
    expect(schema('Container').properties.ports).toMatchObject({ 'x-kubernetes-patch-merge-key': 'containerPort' })
    const names = paths['/apis/apps/v1/namespaces/{namespace}/daemonsets/{name}'].patch.parameters.map(({ name }: { name: string }) => name)
    expect(names).toEqual(expect.arrayContaining(['dryRun', 'fieldValidation']))
  })
})

describe('what kubectl before 1.29 asks', () => {
  it('is OpenAPI v2, in protobuf, with the PATCH of every kind', async () => {
    const { status, headers, text } = await ask(connection, '/openapi/v2')
    expect([status, headers['content-type']]).toEqual([200, 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'])
    expect([...fieldsOf(Buffer.from(text)).keys()]).toEqual([1, 2, 8])
    expect(text).toContain('/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets/{name}')
  })

  it('is the legacy list of groups where it knows v2beta1 only', async () => {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json'
    expect((await ask(connection, '/apis', { headers: { accept } })).body.kind).toBe('APIGroupList')
  })
})

describe('reviews', () => {
  const SELF = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
  const attributes = { verb: 'delete', resource: 'nodes' }

  it.each([
    { title: 'JSON', body: { kind: 'SelfSubjectAccessReview', spec: { resourceAttributes: attributes } } },
    {
      title: 'protobuf',
      body: Buffer.concat([
        Buffer.from('k8s\u0000'),
        message(
          [1, message([1, 'authorization.k8s.io/v1'], [2, 'SelfSubjectAccessReview'])],
          [2, message([1, ''], [2, message([1, message([2, 'delete'], [5, 'nodes'])])])],
        ),
      ]),
    },
  ])('of access are read from $title and answered 201', async ({ body }) => {
    const answer = await ask(connection, SELF, { method: 'POST', body })
    expect(answer).toMatchObject({
      status: 201,
      body: { kind: 'SelfSubjectAccessReview', spec: { resourceAttributes: attributes }, status: { allowed: true } },
    })
  })

  it('of oneself name the identity of the sandbox', async () => {
    const answer = await ask(connection, '/apis/authentication.k8s.io/v1/selfsubjectreviews', { method: 'POST', body: {} })
    expect(answer).toMatchObject({
      status: 201,
      body: { status: { userInfo: { username: 'arn:aws:iam::111122223333:user/serin-sandbox' } } },
    })
  })
})
