import { SerinError } from '../../errors/serin-error.ts'
import type { Resource } from '../../ports/kubernetes.ts'

/** `/apis/apps/v1/namespaces/kube-system/daemonsets/aws-node`; without a name the collection, without a namespace all of them. */
export function apiPath(resource: Resource, namespace?: string, name?: string): string {
  const root = resource.apiVersion.includes('/') ? `/apis/${resource.apiVersion}` : `/api/${resource.apiVersion}`
  const scope = resource.namespaced && namespace !== undefined ? `/namespaces/${segment(namespace)}` : ''
  return `${root}${scope}/${resource.plural}${name === undefined ? '' : `/${segment(name)}`}`
}

/** A name as one part of a path; an empty one would turn an object into its collection. */
export function segment(name: string): string {
  if (name === '' || name === '.' || name === '..') throw new SerinError('REMOTE_REFUSED', `'${name}' is no name of a Kubernetes object`)
  return encodeURIComponent(name)
}
