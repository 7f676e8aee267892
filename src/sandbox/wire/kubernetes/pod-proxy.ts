import type { WireAnswer, WireRequest } from '../message.ts'
import type { Wire } from '../wire.ts'
import { requireAllowed } from './authorize.ts'
import { fail, textAnswer } from './status.ts'
import { userOf } from './user.ts'

const PATH = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/:]+):(\d+)\/proxy\/(.*)$/

/**
 * GET pods/NAME:PORT/proxy/PATH: what a pod answers on a port, where the world knows. Undefined for any other request, and for what the
 * world does not know of the pod. Refusals: k8s.io/apimachinery, pkg/util/proxy.
 */
export function podProxyAnswer(wire: Wire, request: WireRequest): WireAnswer | undefined {
  const [, namespace, name, port, path] = PATH.exec(request.path)?.map(decodeURIComponent) ?? []
  if (request.method !== 'GET' || namespace === undefined || name === undefined || port === undefined) return undefined
  const { world } = wire
  requireAllowed(world, userOf(world, request), { verb: 'get', group: '', resource: 'pods', subresource: 'proxy', namespace, name })
  const pod = world.store.get('Pod', namespace, name)
  if (pod === undefined) return fail(404, 'NotFound', `pods "${name}" not found`, { name, kind: 'pods' })
  const answer = world.answerFromPod?.(namespace, name, Number(port), `/${path}`)
  if (answer === undefined) return undefined
  const { podIP = '' } = (pod.status ?? {}) as { readonly podIP?: string }
  if (answer === 'refused')
    return fail(503, 'ServiceUnavailable', `error trying to reach service: dial tcp ${podIP}:${port}: connect: connection refused`)
  return textAnswer(200, answer.text, 'text/plain; version=0.0.4; charset=utf-8')
}
