import { describe, expect, it } from 'vitest'
import { createKubernetes } from '../../src/adapters/kubernetes/kubernetes.ts'
import { createRetrier, createThrottleCount } from '../../src/adapters/retry.ts'
import type { ErrorCode } from '../../src/errors/catalogue.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import { RESOURCES } from '../../src/ports/kubernetes.ts'
import { ApiServer, type KubeAnswer, type KubeRequest, status } from './support/api-server.ts'
import { fakeClock } from './support/fake-clock.ts'
import { rejection } from './support/rejection.ts'

function reach(answer: (request: KubeRequest) => KubeAnswer) {
  const server = new ApiServer(answer)
  const clock = fakeClock()
  const throttles = createThrottleCount()
  return { server, clock, throttles, kubernetes: createKubernetes(server.connection(), createRetrier(clock, throttles)) }
}

const node = (name: string): KubernetesObject => ({ apiVersion: 'v1', kind: 'Node', metadata: { name, resourceVersion: '7' } })
const HTML = '<!DOCTYPE html><html><body>Please sign in</body></html>'

interface Case {
  readonly title: string
  readonly answer: KubeAnswer
  readonly code: ErrorCode
  readonly ambiguous?: boolean
}

describe('errors', () => {
  it.each<Case>([
    { title: '401', answer: status(401, 'Unauthorized', 'Unauthorized'), code: 'REMOTE_CREDENTIALS' },
    { title: '403', answer: status(403, 'Forbidden', 'nodes is forbidden'), code: 'REMOTE_DENIED' },
    { title: '409', answer: status(409, 'Conflict', 'the object has been modified'), code: 'REMOTE_CONFLICT' },
    { title: '422', answer: status(422, 'Invalid', 'must be specified for an update'), code: 'REMOTE_REFUSED' },
    { title: '400', answer: status(400, 'BadRequest', 'cannot be handled as a Lease'), code: 'REMOTE_REFUSED' },
    { title: '410', answer: status(410, 'Expired', 'too old'), code: 'REMOTE_REFUSED' },
    { title: '429', answer: status(429, 'TooManyRequests', 'slow down'), code: 'REMOTE_THROTTLED' },
    { title: '500', answer: status(500, 'InternalError', 'etcd'), code: 'REMOTE_UNAVAILABLE', ambiguous: true },
    { title: '503 without a Status', answer: { status: 503, body: 'upstream connect error' }, code: 'REMOTE_UNAVAILABLE', ambiguous: true },
    { title: 'HTML with 200', answer: { body: HTML }, code: 'REMOTE_MALFORMED', ambiguous: true },
    { title: 'HTML with 404', answer: { status: 404, body: HTML }, code: 'REMOTE_MALFORMED', ambiguous: true },
    { title: 'half a document', answer: { body: '{"kind":"Node","meta' }, code: 'REMOTE_MALFORMED', ambiguous: true },
    { title: 'something that is no object', answer: { body: { hello: 'world' } }, code: 'REMOTE_MALFORMED', ambiguous: true },
    { title: 'a connection that is cut', answer: { fails: 'UND_ERR_SOCKET' }, code: 'REMOTE_UNAVAILABLE', ambiguous: true },
    { title: 'a connection that is refused', answer: { fails: 'ECONNREFUSED' }, code: 'REMOTE_UNAVAILABLE' },
  ])('$title is $code', async ({ answer, code, ambiguous = false }) => {
    const { kubernetes } = reach(() => answer)
    const read = await rejection(kubernetes.get(RESOURCES.nodes, undefined, 'n1'))
    expect(read).toMatchObject({ code, details: { operation: 'kubernetes:GET /api/v1/nodes/n1' } })
    const changed = await rejection(kubernetes.patch(RESOURCES.nodes, undefined, 'n1', 'merge', {}))
    expect(changed.code).toBe(code)
    expect(changed.details.ambiguous ?? false).toBe(ambiguous)
  })

  it('tell a budget that holds an eviction from throttling, by the cause', async () => {
    const cause = { reason: 'DisruptionBudget', message: 'The disruption budget db needs 3 healthy pods and has 3 currently' }
    const { kubernetes } = reach(() =>
      status(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", [cause]),
    )
    const error = await rejection(
      kubernetes.create(RESOURCES.pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'db-0', namespace: 'shop' } }),
    )
    expect(error.details.remoteCode).toBe('DisruptionBudget')
    expect(error.message).toContain('needs 3 healthy pods and has 3 currently')
  })

  it('counts throttling, and repeats reads only', async () => {
    const { kubernetes, server, throttles } = reach(({ method }) =>
      method === 'GET' && server.asked.length > 1 ? { body: node('n1') } : status(429, 'TooManyRequests', 'slow'),
    )
    expect(await kubernetes.get(RESOURCES.nodes, undefined, 'n1')).toEqual(node('n1'))
    await rejection(kubernetes.remove(RESOURCES.nodes, undefined, 'n1'))
    expect(server.asked.map(({ method }) => method)).toEqual(['GET', 'GET', 'DELETE'])
    expect(throttles.total()).toBe(2)
  })
})

describe('reading', () => {
  it('answers undefined for what does not exist', async () => {
    const { kubernetes } = reach(() => status(404, 'NotFound', 'nodes "n1" not found'))
    expect(await kubernetes.get(RESOURCES.nodes, undefined, 'n1')).toBeUndefined()
  })

  it('lists in pages of 500 and fills in what items of a list lack', async () => {
    const { kubernetes, server } = reach(({ query }) =>
      query.get('continue') === null
        ? {
            body: {
              kind: 'NodeList',
              metadata: { resourceVersion: '9', continue: 'c1' },
              items: [{ metadata: { name: 'a' }, spec: { unknownField: 1 } }],
            },
          }
        : { body: { kind: 'NodeList', metadata: { resourceVersion: '9' }, items: [{ metadata: { name: 'b' } }] } },
    )
    expect(await kubernetes.list(RESOURCES.nodes, { labelSelector: 'role=worker' })).toEqual([
      { apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' }, spec: { unknownField: 1 } },
      { apiVersion: 'v1', kind: 'Node', metadata: { name: 'b' } },
    ])
    expect(server.asked.map(({ query }) => query.toString())).toEqual([
      'limit=500&labelSelector=role%3Dworker',
      'limit=500&continue=c1&labelSelector=role%3Dworker',
    ])
  })

  it('starts a list again when its continue token has expired', async () => {
    let expired = false
    const { kubernetes } = reach(({ query }) => {
      if (query.get('continue') === null)
        return {
          body: {
            metadata: { resourceVersion: '9', continue: expired ? '' : 'c1' },
            items: [{ metadata: { name: expired ? 'new' : 'old' } }],
          },
        }
      expired = true
      return status(410, 'Expired', 'The provided continue parameter is too old')
    })
    expect((await kubernetes.list(RESOURCES.nodes)).map(({ metadata }) => metadata.name)).toEqual(['new'])
  })

  it.each([
    { title: 'the same continue token', next: () => 'again', asked: 2 },
    { title: 'another continue token each time', next: (nth: number) => `c${nth}`, asked: 2_000 },
  ])('ends in a clear error when the server gives $title for ever', async ({ next, asked }) => {
    let nth = 0
    const { kubernetes, server } = reach(() => ({ body: { metadata: { resourceVersion: '9', continue: next(nth++) }, items: [] } }))
    await expect(kubernetes.list(RESOURCES.nodes)).rejects.toMatchObject({
      code: 'REMOTE_MALFORMED',
      message: expect.stringContaining('last page'),
    })
    expect(server.asked).toHaveLength(asked)
  })

  it('addresses groups, namespaces and names', async () => {
    const { kubernetes, server } = reach(() => ({ body: node('x') }))
    await kubernetes.get(RESOURCES.daemonSets, 'kube-system', 'aws-node')
    expect(server.asked[0]?.path).toBe('/apis/apps/v1/namespaces/kube-system/daemonsets/aws-node')
    expect(server.asked[0]?.headers).toMatchObject({ authorization: 'Bearer k8s-aws-v1.example', accept: 'application/json' })
  })

  it.each(['', '.', '..'])("refuses the name '%s', which would address something else", async (name) => {
    const { kubernetes } = reach(() => ({}))
    expect(await rejection(kubernetes.remove(RESOURCES.nodes, undefined, name))).toMatchObject({ code: 'REMOTE_REFUSED' })
    expect(await rejection(kubernetes.patch(RESOURCES.nodes, undefined, name, 'merge', {}))).toMatchObject({ code: 'REMOTE_REFUSED' })
  })

  it('reads the end of a log', async () => {
    const { kubernetes, server } = reach(() => ({ body: 'Checking for IPAM connectivity ...\n' }))
    expect(await kubernetes.logs('kube-system', 'aws-node-x', 'aws-node', { tailLines: 5, previous: true })).toBe(
      'Checking for IPAM connectivity ...\n',
    )
    expect(server.asked[0]?.query.toString()).toBe('container=aws-node&tailLines=5&limitBytes=262144&previous=true')
  })

  it('says which server answers', async () => {
    const { kubernetes } = reach(() => ({ body: { major: '1', minor: '33', gitVersion: 'v1.33.5-eks-113cf36' } }))
    expect(await kubernetes.version()).toBe('v1.33.5-eks-113cf36')
    expect(kubernetes.server).toEqual({ endpoint: 'https://api.invalid', certificateAuthorityData: 'Q0E=' })
  })
})

describe('changing', () => {
  it.each([
    ['merge', 'application/merge-patch+json'],
    ['strategic', 'application/strategic-merge-patch+json'],
    ['json', 'application/json-patch+json'],
  ] as const)('says of a %s patch what it is', async (type, contentType) => {
    const { kubernetes, server } = reach(() => ({ body: node('n1') }))
    await kubernetes.patch(RESOURCES.nodes, undefined, 'n1', type, { spec: { unschedulable: null } })
    expect(server.asked[0]).toMatchObject({ method: 'PATCH', path: '/api/v1/nodes/n1', body: '{"spec":{"unschedulable":null}}' })
    expect(server.asked[0]?.headers['content-type']).toBe(contentType)
  })

  it.each([
    ['as itself', undefined, undefined],
    ['as another user', 'eks:vpc-resource-controller', 'eks:vpc-resource-controller'],
  ])('tries a patch on the server %s and stores nothing', async (_, user, header) => {
    const { kubernetes, server } = reach(() => ({ body: node('n1') }))
    await kubernetes.tryPatch(RESOURCES.pods, 'shop', 'web-1', { metadata: { annotations: { a: 'b' } } }, user)
    const [asked] = server.asked
    expect(asked).toMatchObject({ method: 'PATCH', path: '/api/v1/namespaces/shop/pods/web-1' })
    expect(asked?.query.get('dryRun')).toBe('All')
    expect(asked?.headers['impersonate-user']).toBe(header)
  })

  it('creates in the collection and replaces by name', async () => {
    const { kubernetes, server } = reach(({ body }) => ({ status: 201, body }))
    const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm', namespace: 'kube-system', resourceVersion: '3' } }
    await kubernetes.create(RESOURCES.configMaps, map)
    await kubernetes.replace(RESOURCES.configMaps, map)
    expect(server.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /api/v1/namespaces/kube-system/configmaps',
      'PUT /api/v1/namespaces/kube-system/configmaps/m',
    ])
  })
})
