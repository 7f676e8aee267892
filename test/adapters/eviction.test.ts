import { describe, expect, it } from 'vitest'
import { createKubernetes } from '../../src/adapters/kubernetes/kubernetes.ts'
import { createRetrier, createThrottleCount } from '../../src/adapters/retry.ts'
import type { ErrorCode } from '../../src/errors/catalogue.ts'
import { ApiServer, type KubeAnswer, status } from './support/api-server.ts'
import { fakeClock } from './support/fake-clock.ts'
import { rejection } from './support/rejection.ts'

function reach(answer: KubeAnswer) {
  const server = new ApiServer(() => answer)
  const throttles = createThrottleCount()
  return { server, throttles, kubernetes: createKubernetes(server.connection(), createRetrier(fakeClock(), throttles)) }
}

const BUDGET = { reason: 'DisruptionBudget', message: 'The disruption budget db needs 3 healthy pods and has 3 currently' }
const HELD = "Cannot evict pod as it would violate the pod's disruption budget."
const TWO = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.'

describe('an eviction', () => {
  it.each<{ title: string; answer: KubeAnswer; kind: string; by?: string }>([
    { title: '201: the pod goes', answer: { status: 201, body: { kind: 'Status', status: 'Success' } }, kind: 'accepted' },
    { title: '404: it is gone', answer: status(404, 'NotFound', 'pods "db-0" not found'), kind: 'gone' },
    {
      title: "409: the name is another pod's by now",
      answer: status(409, 'Conflict', 'Operation cannot be fulfilled: Precondition failed: UID in precondition: a, UID in object meta: b'),
      kind: 'gone',
    },
    {
      title: '403 in a namespace that goes: it goes with it',
      answer: status(403, 'Forbidden', 'unable to create new content in namespace shop because it is being terminated'),
      kind: 'accepted',
    },
    { title: '429 with the cause DisruptionBudget', answer: status(429, 'TooManyRequests', HELD, [BUDGET]), kind: 'held', by: 'budget' },
    { title: '500 for two budgets', answer: status(500, '', TWO), kind: 'held', by: 'overlapping-budgets' },
    {
      title: '403 of a webhook',
      answer: status(403, 'Forbidden', 'admission webhook "keep.example.com" denied the request: not now'),
      kind: 'held',
      by: 'webhook',
    },
    {
      title: '500 for a webhook that cannot be called',
      answer: status(500, 'InternalError', 'Internal error occurred: failed calling webhook "keep.example.com": no endpoints available'),
      kind: 'held',
      by: 'webhook',
    },
  ])('$title', async ({ answer, kind, by }) => {
    const { kubernetes, throttles } = reach(answer)
    expect(await kubernetes.evict('shop', 'db-0', 'u')).toMatchObject({ kind, ...(by && { by }) })
    expect(throttles.total()).toBe(0)
  })

  it.each<{ title: string; answer: KubeAnswer; code: ErrorCode; throttled?: number }>([
    { title: '429 of the API server itself', answer: status(429, 'TooManyRequests', 'slow down'), code: 'REMOTE_THROTTLED', throttled: 1 },
    { title: '403 without the right', answer: status(403, 'Forbidden', 'cannot create resource "pods/eviction"'), code: 'REMOTE_DENIED' },
    { title: '500 of etcd', answer: status(500, 'InternalError', 'etcdserver: request timed out'), code: 'REMOTE_UNAVAILABLE' },
    { title: '503 of a load balancer', answer: { status: 503, body: 'upstream' }, code: 'REMOTE_UNAVAILABLE' },
    { title: '409 of a concurrent change', answer: status(409, 'Conflict', 'the object has been modified'), code: 'REMOTE_CONFLICT' },
  ])('throws for $title', async ({ answer, code, throttled = 0 }) => {
    const { kubernetes, throttles } = reach(answer)
    expect((await rejection(kubernetes.evict('shop', 'db-0', 'u'))).code).toBe(code)
    expect(throttles.total()).toBe(throttled)
  })

  it('names the pod by its uid too, so that the next one of the same name is left alone', async () => {
    const { kubernetes, server } = reach({ status: 201, body: {} })
    await kubernetes.evict('shop', 'db-0', 'u-7')
    expect(server.asked[0]).toMatchObject({ method: 'POST', path: '/api/v1/namespaces/shop/pods/db-0/eviction' })
    expect(JSON.parse(server.asked[0]?.body ?? '')).toMatchObject({ deleteOptions: { preconditions: { uid: 'u-7' } } })
  })
})
