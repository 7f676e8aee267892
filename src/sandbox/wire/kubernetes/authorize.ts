import type { World } from '../../contract.ts'
import type { ApiUser } from '../../world/kubernetes/api/requests.ts'
import { StatusError } from './status.ts'
import type { Target } from './target.ts'

/** What a request wants to do, as authorisation sees it. */
export interface Attributes {
  readonly verb: string
  readonly group: string
  /** Plural. */
  readonly resource: string
  readonly subresource?: string | undefined
  readonly namespace?: string | undefined
  readonly name?: string | undefined
}

export function attributesOf({ kind, namespace, name, subresource }: Target, verb: string): Attributes {
  return { verb, group: kind.group, resource: kind.plural, subresource, namespace, name }
}

/** Everybody may do everything, but for what the world's scenarios take away (`rbac/denied`). */
export function isAllowed(world: World, { username }: ApiUser, { verb, resource, subresource, namespace }: Attributes): boolean {
  const asked = resourceText(resource, subresource)
  return (
    world.faults.effects('rbac/denied', { user: username, verb, resource: asked, ...(namespace === undefined ? {} : { namespace }) })
      .length === 0
  )
}

/** Throws StatusError 403 in the words of the API server. Source: k8s.io/apiserver, pkg/endpoints/handlers/responsewriters/errors.go. */
export function requireAllowed(world: World, user: ApiUser, attributes: Attributes): void {
  if (isAllowed(world, user, attributes)) return
  const { verb, group, resource, subresource, namespace, name } = attributes
  const subject = `${resource}${group === '' ? '' : `.${group}`}${name === undefined ? '' : ` "${name}"`}`
  const what = `User "${user.username}" cannot ${verb} resource "${resourceText(resource, subresource)}" in API group "${group}"`
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`
  const details = { ...(name === undefined ? {} : { name }), ...(group === '' ? {} : { group }), kind: resource }
  throw new StatusError({ status: 403, reason: 'Forbidden', message: `${subject} is forbidden: ${what} ${where}`, details })
}

function resourceText(resource: string, subresource: string | undefined): string {
  return subresource === undefined || subresource === '' ? resource : `${resource}/${subresource}`
}
