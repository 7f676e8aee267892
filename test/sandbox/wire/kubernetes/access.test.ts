import { beforeEach, describe, expect, it } from 'vitest'
import { sandboxToken } from '../../../../src/sandbox/wire/kubernetes/presigned.ts'
import { NO_FAULTS, node, pod, tinyWorld } from '../tiny-world.ts'
import type { Connection } from '../transports.ts'
import { ask, IN_PROCESS } from '../transports.ts'

let connection: Connection
const ROLE = 'system:serviceaccount:kube-system:aws-node'

/** The service account of aws-node may not list nodes, nor evict; everybody else may do everything. */
beforeEach(async () => {
  const denied = ['list nodes', 'create pods/eviction']
  const faults = {
    ...NO_FAULTS,
    effects: (lever: string, { user, verb, resource }: { user?: string; verb?: string; resource?: string }) =>
      (lever === 'rbac/denied' && user === ROLE && denied.includes(`${verb} ${resource}`) ? [true] : []) as never,
  }
  connection = await IN_PROCESS.connect(tinyWorld({ faults, objects: [node('n1'), pod('web-0', 'n1')] }))
})

const as = { 'impersonate-user': ROLE }

describe('a permission that is lacking', () => {
  it('is 403 in the words of the API server', async () => {
    expect(await ask(connection, '/api/v1/nodes', { headers: as })).toMatchObject({
      status: 403,
      body: {
        reason: 'Forbidden',
        message: `nodes is forbidden: User "${ROLE}" cannot list resource "nodes" in API group "" at the cluster scope`,
      },
    })
    expect((await ask(connection, '/api/v1/nodes')).status).toBe(200)
    expect((await ask(connection, '/api/v1/nodes/n1', { headers: as })).status).toBe(200)
  })

  it('names object, part and namespace', async () => {
    const answer = await ask(connection, '/api/v1/namespaces/shop/pods/web-0/eviction', { method: 'POST', body: {}, headers: as })
    expect(answer.body).toMatchObject({
      message: `pods "web-0" is forbidden: User "${ROLE}" cannot create resource "pods/eviction" in API group "" in the namespace "shop"`,
    })
  })

  it.each([
    { title: 'of oneself', plural: 'selfsubjectaccessreviews', headers: as, spec: {}, allowed: false },
    { title: 'of another', plural: 'subjectaccessreviews', headers: {}, spec: { user: ROLE }, allowed: false },
    { title: 'of one who may', plural: 'subjectaccessreviews', headers: {}, spec: { user: 'me' }, allowed: true },
  ])('is told by a review $title', async ({ plural, headers, spec, allowed }) => {
    const body = { spec: { ...spec, resourceAttributes: { verb: 'list', resource: 'nodes' } } }
    expect(await ask(connection, `/apis/authorization.k8s.io/v1/${plural}`, { method: 'POST', body, headers })).toMatchObject({
      status: 201,
      body: { status: { allowed } },
    })
  })
})

describe('what one may do', () => {
  const rules = async (headers: Record<string, string>) => {
    const path = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews'
    const answer = await ask(connection, path, { method: 'POST', body: { spec: { namespace: 'shop' } }, headers })
    return (answer.body as { status: { resourceRules: readonly { verbs: string[]; apiGroups: string[]; resources: string[] }[] } }).status
      .resourceRules
  }

  it('is everything in one rule', async () => {
    expect(await rules({})).toEqual([{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }])
  })

  it('is told resource by resource, with their parts, when something is lacking', async () => {
    const told = await rules(as)
    const all = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']
    expect(told).toContainEqual({ verbs: all.filter((verb) => verb !== 'list'), apiGroups: [''], resources: ['nodes'] })
    expect(told).toContainEqual({ verbs: all.filter((verb) => verb !== 'create'), apiGroups: [''], resources: ['pods/eviction'] })
    expect(told).toContainEqual({ verbs: all, apiGroups: ['apps'], resources: ['deployments'] })
  })
})

it('who impersonates is whom he impersonates, with the groups of a service account', async () => {
  const answer = await ask(connection, '/apis/authentication.k8s.io/v1/selfsubjectreviews', { method: 'POST', body: {}, headers: as })
  expect(answer.body).toMatchObject({
    status: { userInfo: { username: ROLE, groups: expect.arrayContaining(['system:serviceaccounts']) } },
  })
})

it('a token that would hold for more than 15 minutes is none: 401', async () => {
  const url = new URL(Buffer.from(sandboxToken('shop', 'eu-west-1').slice('k8s-aws-v1.'.length), 'base64url').toString())
  url.searchParams.set('X-Amz-Expires', '3600')
  const authorization = `Bearer k8s-aws-v1.${Buffer.from(url.href).toString('base64url')}`
  expect((await ask(connection, '/api/v1/nodes', { headers: { authorization } })).status).toBe(401)
})
