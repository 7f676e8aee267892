import { WireError } from '../../contract.ts'
import type { StreamAnswer, WireAnswer, WireRequest } from '../message.ts'
import { CUT } from '../message.ts'
import type { Wire } from '../wire.ts'
import { tokenProblem } from './auth.ts'
import { attributesOf, requireAllowed } from './authorize.ts'
import { deleteCollection, deleteObject } from './delete.ts'
import { discoveryAnswer } from './discovery.ts'
import { evictPod } from './eviction.ts'
import { podLog } from './logs.ts'
import { openApiAnswer } from './openapi.ts'
import { openApiV2Answer } from './openapi-v2.ts'
import { patchObject } from './patch.ts'
import { podProxyAnswer } from './pod-proxy.ts'
import { getObject, listObjects, watchObjects } from './read.ts'
import type { ApiRequest } from './request.ts'
import { reviewAnswer } from './reviews.ts'
import { scaleObject } from './scale.ts'
import { fail, failureAnswer, failureOf, jsonAnswer, StatusError, textAnswer } from './status.ts'
import { tampered } from './tampering.ts'
import type { Target } from './target.ts'
import { targetOf } from './target.ts'
import { userOf } from './user.ts'
import { versionInfo } from './version.ts'
import { createObject, replaceObject } from './write.ts'

export type KubernetesAnswer = WireAnswer | StreamAnswer | typeof CUT

/** Answers one request to the world's API server. Throws only what is a defect of the sandbox. */
export async function answerKubernetes(wire: Wire, request: WireRequest): Promise<KubernetesAnswer> {
  const target = targetOf(wire.world.store, request.path)
  const operation = verbOf(request, target)
  const resource = resourceOf(request, target)
  const mutating = request.method !== 'GET'
  const input = [request.path, [...request.query], request.body.toString()]
  const { requestId, intervention } = wire.admit({ service: 'kubernetes', operation, resource, mutating, input })
  const answering = (seen: Wire) => answered(seen, request, target)
  const answer = await (intervention === undefined ? answering(wire) : tampered(intervention, { wire, request, requestId }, answering))
  wire.record({ service: 'kubernetes', operation, resource, status: answer === CUT ? CUT : answer.status, requestId })
  return answer === CUT ? answer : { ...answer, headers: { 'audit-id': requestId, ...answer.headers } }
}

async function answered(wire: Wire, request: WireRequest, target: Target | undefined): Promise<WireAnswer | StreamAnswer> {
  try {
    return await unguarded(wire, request, target)
  } catch (error) {
    if (error instanceof StatusError) return failureAnswer(error.failure)
    if (error instanceof WireError) return failureAnswer(failureOf(error, target))
    throw error
  }
}

const OPEN_TO_ALL = new Set(['/version', '/healthz', '/livez', '/readyz'])

async function unguarded(wire: Wire, request: WireRequest, target: Target | undefined): Promise<WireAnswer | StreamAnswer> {
  if (!OPEN_TO_ALL.has(request.path) && tokenProblem(wire.world, request) !== undefined) fail(401, 'Unauthorized', 'Unauthorized')
  if (target !== undefined) {
    requireAllowed(wire.world, userOf(wire.world, request), attributesOf(target, verbOf(request, target)))
    return objectAnswer({ wire, request, target, warnings: [] })
  }
  const other =
    podProxyAnswer(wire, request) ??
    reviewAnswer(wire.world, request) ??
    discoveryAnswer(wire.world.store, request) ??
    openApiV2Answer(wire.world.store, request) ??
    openApiAnswer(wire.world.store, request)
  if (other !== undefined) return other
  if (request.path === '/version') return jsonAnswer(200, versionInfo(wire.world))
  if (OPEN_TO_ALL.has(request.path)) return textAnswer(200, 'ok', 'text/plain')
  refuseAbsent(request.path)
  return fail(404, 'NotFound', 'the server could not find the requested resource')
}

type Handler = (api: ApiRequest) => WireAnswer | StreamAnswer

const SUBRESOURCES: Readonly<Record<string, Handler>> = {
  'POST eviction': evictPod,
  'GET log': podLog,
  'GET scale': scaleObject,
  'PUT scale': scaleObject,
  'PATCH scale': scaleObject,
  'GET status': getObject,
  'PUT status': replaceObject,
  'PATCH status': patchObject,
  'PUT finalize': replaceObject,
}

/** Parts of objects that a real API server has and this one does not. */
const ABSENT: Readonly<Record<string, readonly string[]>> = {
  pods: ['attach', 'binding', 'ephemeralcontainers', 'exec', 'portforward', 'proxy', 'resize'],
  services: ['proxy'],
  nodes: ['proxy'],
  serviceaccounts: ['token'],
}

/** What is not simulated says so by its name. Throws StatusError 501. */
function refuseAbsent(path: string): void {
  if (path === '/metrics') fail(501, 'NotImplemented', 'the sandbox does not implement /metrics: it does not measure its API server')
  const [, plural = '', , subresource = ''] = /\/v1\/(?:namespaces\/[^/]+\/)?([a-z]+)\/([^/]+)\/([a-z]+)(?:\/|$)/.exec(path) ?? []
  if (ABSENT[plural]?.includes(subresource) === true) fail(501, 'NotImplemented', `the sandbox does not implement ${plural}/${subresource}`)
}

const OBJECTS: Readonly<Record<string, Handler>> = { GET: getObject, PUT: replaceObject, PATCH: patchObject, DELETE: deleteObject }
const COLLECTIONS: Readonly<Record<string, Handler>> = { GET: listObjects, POST: createObject, DELETE: deleteCollection }

function objectAnswer(api: ApiRequest): WireAnswer | StreamAnswer {
  const answer = handled(api)
  if (api.warnings.length === 0) return answer
  const warning = api.warnings.map((text) => `299 - ${JSON.stringify(text)}`).join(', ')
  return { ...answer, headers: { ...answer.headers, warning } }
}

function handled(api: ApiRequest): WireAnswer | StreamAnswer {
  const { request, target } = api
  const handler = handlerFor(request, target)
  if (handler === undefined) return fail(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource')
  return handler(api)
}

function handlerFor(request: WireRequest, target: Target): Handler | undefined {
  if (target.subresource !== undefined) return SUBRESOURCES[`${request.method} ${target.subresource}`]
  if (target.name !== undefined) return OBJECTS[request.method]
  return isWatch(request) ? watchObjects : COLLECTIONS[request.method]
}

function isWatch({ method, query }: WireRequest): boolean {
  return method === 'GET' && ['true', '1'].includes(query.get('watch') ?? '')
}

const VERBS: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }

/** The verb as the API server's own audit calls it. */
function verbOf(request: WireRequest, target: Target | undefined): string {
  if (request.method === 'DELETE' && target !== undefined && target.name === undefined) return 'deletecollection'
  if (request.method !== 'GET') return VERBS[request.method] ?? request.method.toLowerCase()
  if (target === undefined || target.name !== undefined) return 'get'
  return isWatch(request) ? 'watch' : 'list'
}

/** `nodes`, `pods/kube-system/aws-node-x/eviction`, or the path of what is no object. */
function resourceOf(request: WireRequest, target: Target | undefined): string {
  if (target === undefined) return request.path
  return [target.kind.plural, target.namespace, target.name, target.subresource].filter((part) => part !== undefined).join('/')
}
