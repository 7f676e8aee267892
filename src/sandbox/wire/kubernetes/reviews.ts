import type { World } from '../../contract.ts'
import type { WireAnswer, WireRequest } from '../message.ts'
import { bytesAt, fieldsOf, readEnvelope, textAt } from './protobuf.ts'
import { jsonBody, recordAt } from './request.ts'
import { REVIEWS } from './review-kinds.ts'
import { fail, jsonAnswer } from './status.ts'

/** Answers a POST of an access or identity review, in JSON or protobuf. Undefined for every other request. */
export function reviewAnswer(world: World, request: WireRequest): WireAnswer | undefined {
  const review = REVIEWS.find(({ group, plural }) => request.path === `/apis/${group}/v1/${plural}`)
  if (review === undefined) return undefined
  if (request.method !== 'POST') return fail(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource')
  const { group, kind } = review
  const spec = specOf(request)
  const answer = { kind, apiVersion: `${group}/v1`, metadata: { creationTimestamp: null }, ...(spec === undefined ? {} : { spec }) }
  return jsonAnswer(201, { ...answer, status: statusOf(world, kind) })
}

/** In the sandbox the one known identity may do everything. */
function statusOf(world: World, kind: string): Record<string, unknown> {
  if (kind === 'SelfSubjectAccessReview') return { allowed: true, reason: 'the sandbox allows everything' }
  if (kind === 'SelfSubjectReview') {
    const username = `arn:aws:iam::${world.cluster.accountId}:user/serin-sandbox`
    return { userInfo: { username, groups: ['system:masters', 'system:authenticated'] } }
  }
  const everything = ['*']
  return {
    resourceRules: [{ verbs: everything, apiGroups: everything, resources: everything }],
    nonResourceRules: [{ verbs: everything, nonResourceURLs: everything }],
    incomplete: false,
  }
}

function specOf(request: WireRequest): Record<string, unknown> | undefined {
  const envelope = readEnvelope(request.body)
  if (envelope === undefined) return recordAt(jsonBody({ request }), 'spec')
  if (envelope.kind !== 'SelfSubjectAccessReview') return undefined
  const spec = fieldsOf(bytesAt(fieldsOf(envelope.object), 2))
  const resource = fieldsOf(bytesAt(spec, 1))
  const attributes = ATTRIBUTES.map((name, at): [string, string] => [name, textAt(resource, at + 1)]).filter(([, value]) => value !== '')
  return { resourceAttributes: Object.fromEntries(attributes) }
}

/** Fields 1 to 7 of ResourceAttributes in k8s.io/api/authorization/v1/generated.proto. */
const ATTRIBUTES = ['namespace', 'verb', 'group', 'version', 'resource', 'subresource', 'name']

/** Bodies in protobuf are read for reviews only; anything else is refused by name. Throws StatusError 415. */
export function refuseProtobuf(request: WireRequest): void {
  const envelope = readEnvelope(request.body)
  if (envelope === undefined) return
  fail(415, 'UnsupportedMediaType', `the sandbox reads ${envelope.kind} as JSON only, not as application/vnd.kubernetes.protobuf`)
}
