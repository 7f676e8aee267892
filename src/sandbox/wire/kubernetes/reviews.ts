import type { World } from '../../contract.ts'
import type { WireAnswer, WireRequest } from '../message.ts'
import { jsonBody } from './request.ts'
import { REVIEWS } from './review-kinds.ts'
import { fail, jsonAnswer } from './status.ts'

/** Answers a POST of an access or identity review, in JSON or protobuf. Undefined for every other request. */
export function reviewAnswer(world: World, request: WireRequest): WireAnswer | undefined {
  const review = REVIEWS.find(({ group, plural }) => request.path === `/apis/${group}/v1/${plural}`)
  if (review === undefined) return undefined
  if (request.method !== 'POST') return fail(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource')
  const { group, kind } = review
  const { spec } = jsonBody({ request })
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
