import type { World } from '../../contract.ts'
import { kindsServed } from '../../world/kubernetes/api/custom-kinds.ts'
import type { ServedKind } from '../../world/kubernetes/api/kinds.ts'
import type { ApiUser } from '../../world/kubernetes/api/requests.ts'
import { isAllowed } from './authorize.ts'

interface Rule {
  readonly verbs: readonly string[]
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
}

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']
const EVERYTHING: Rule = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] }

/**
 * What a user may do in a namespace: everything, in one rule; resource by resource, with their parts, once a scenario takes
 * something of it away.
 */
export function rulesOf(world: World, user: ApiUser, namespace: string): readonly Rule[] {
  const each = kindsServed(world.store).all.flatMap((kind) =>
    ['', ...kind.subresources].map((part) => ruleOf(world, user, namespace, kind, part)),
  )
  return each.every(({ verbs }) => verbs.length === VERBS.length) ? [EVERYTHING] : each.filter(({ verbs }) => verbs.length > 0)
}

function ruleOf(world: World, user: ApiUser, namespace: string, { group, plural, namespaced }: ServedKind, subresource: string): Rule {
  const place = { group, resource: plural, subresource, namespace: namespaced ? namespace : undefined }
  const resource = subresource === '' ? plural : `${plural}/${subresource}`
  return { verbs: VERBS.filter((verb) => isAllowed(world, user, { ...place, verb })), apiGroups: [group], resources: [resource] }
}
