import type { World } from '../../contract.ts'
import type { ApiUser } from '../../world/kubernetes/api/requests.ts'
import type { WireRequest } from '../message.ts'

/** Who a request is from: the sandbox's one identity, or whom it impersonates. */
export function userOf(world: World, { headers }: WireRequest): ApiUser {
  const username = headers['impersonate-user']
  if (username === undefined) return { username: `arn:aws:iam::${world.cluster.accountId}:user/serin-sandbox`, groups: IDENTITY_GROUPS }
  const groups = headers['impersonate-group']?.split(', ') ?? []
  return { username, groups: [...groups, ...serviceAccountGroups(username), 'system:authenticated'] }
}

const IDENTITY_GROUPS = ['system:masters', 'system:authenticated']

function serviceAccountGroups(username: string): readonly string[] {
  const [system, kind, namespace] = username.split(':')
  if (system !== 'system' || kind !== 'serviceaccount') return []
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]
}
