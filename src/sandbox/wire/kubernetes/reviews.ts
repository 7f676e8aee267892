import type { World } from '../../contract.ts'
import { isRecord } from '../../record.ts'
import type { ApiUser } from '../../world/kubernetes/api/requests.ts'
import type { WireAnswer, WireRequest } from '../message.ts'
import type { Attributes } from './authorize.ts'
import { isAllowed } from './authorize.ts'
import type { Body } from './request.ts'
import { jsonBody, recordAt } from './request.ts'
import { REVIEWS } from './review-kinds.ts'
import { rulesOf } from './rules.ts'
import { fail, jsonAnswer } from './status.ts'
import { userOf } from './user.ts'

/** Answers a POST of an access or identity review, in JSON or protobuf. Undefined for every other request. */
export function reviewAnswer(world: World, request: WireRequest): WireAnswer | undefined {
  const review = REVIEWS.find(({ group, plural, namespaced }) => {
    const root = `/apis/${group}/v1/`
    return namespaced === true
      ? request.path.startsWith(`${root}namespaces/`) && request.path.endsWith(`/${plural}`)
      : request.path === root + plural
  })
  if (review === undefined) return undefined
  if (request.method !== 'POST') return fail(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource')
  const { group, kind } = review
  const body = jsonBody({ request })
  const answer = {
    kind,
    apiVersion: `${group}/v1`,
    metadata: { creationTimestamp: null },
    ...(body.spec === undefined ? {} : { spec: body.spec }),
  }
  return jsonAnswer(201, { ...answer, status: STATUSES[kind]?.(world, userOf(world, request), recordAt(body, 'spec')) })
}

type Status = (world: World, user: ApiUser, spec: Body) => Record<string, unknown>

const EVERYTHING = ['*']

const STATUSES: Readonly<Record<string, Status>> = {
  SelfSubjectAccessReview: access,
  SubjectAccessReview: (world, _user, spec) => access(world, subjectOf(spec), spec),
  LocalSubjectAccessReview: (world, _user, spec) => access(world, subjectOf(spec), spec),
  SelfSubjectReview: (_world, user) => ({ userInfo: user }),
  SelfSubjectRulesReview: (world, user, { namespace }) => ({
    resourceRules: rulesOf(world, user, String(namespace ?? '')),
    nonResourceRules: [{ verbs: EVERYTHING, nonResourceURLs: EVERYTHING }],
    incomplete: false,
  }),
}

function subjectOf({ user, groups }: Body): ApiUser {
  if (typeof user !== 'string' && !Array.isArray(groups))
    fail(
      422,
      'Invalid',
      'SubjectAccessReview.authorization.k8s.io "" is invalid: spec.user: Invalid value: "": at least one of user or group must be specified',
    )
  return { username: String(user ?? ''), groups: Array.isArray(groups) ? groups.map(String) : [] }
}

function access(world: World, user: ApiUser, { resourceAttributes, nonResourceAttributes }: Body): Record<string, unknown> {
  if (!isRecord(resourceAttributes)) return nonResourceAttributes === undefined ? noAttributes() : { allowed: true, reason: ALLOWED }
  const text = (member: string): string | undefined =>
    typeof resourceAttributes[member] === 'string' ? resourceAttributes[member] : undefined
  const attributes: Attributes = {
    verb: text('verb') ?? '',
    group: text('group') ?? '',
    resource: text('resource') ?? '',
    subresource: text('subresource'),
    namespace: text('namespace'),
    name: text('name'),
  }
  return isAllowed(world, user, attributes) ? { allowed: true, reason: ALLOWED } : { allowed: false }
}

const ALLOWED = 'the sandbox allows everything that its scenarios do not take away'

function noAttributes(): never {
  return fail(
    422,
    'Invalid',
    'SelfSubjectAccessReview.authorization.k8s.io "" is invalid: spec: Invalid value: exactly one of nonResourceAttributes or resourceAttributes must be specified',
  )
}
