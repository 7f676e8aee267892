import type { AccessReview, ClusterSnapshot } from '../../../model/snapshot.ts'
import type { KubernetesAccess } from '../../knowledge/run-permissions.ts'

const MEMBERS = ['verb', 'group', 'resource', 'namespace', 'name', 'subresource'] as const

/** What the API server answered to the question whether the caller may do this; undefined when it was not asked. */
export function reviewOf({ kubernetes }: ClusterSnapshot, access: KubernetesAccess): AccessReview | undefined {
  return kubernetes.accessReviews?.find((each) => MEMBERS.every((member) => each[member] === access[member]))
}

/** `patch daemonsets.apps/aws-node in kube-system` */
export function tellAccess({ verb, group, resource, subresource, namespace, name }: KubernetesAccess): string {
  const what = subresource === undefined ? resource : `${resource}/${subresource}`
  return `${verb} ${what}${group === '' ? '' : `.${group}`}${name === undefined ? '' : `/${name}`}${namespace === undefined ? '' : ` in ${namespace}`}`
}

/** The question as kubectl puts it. */
export function askAccess({ verb, group, resource, subresource, namespace, name }: KubernetesAccess): string {
  const what = `${resource}${group === '' ? '' : `.${group}`}${name === undefined ? '' : `/${name}`}`
  const under = subresource === undefined ? '' : ` --subresource=${subresource}`
  return `kubectl auth can-i ${verb} ${what}${under}${namespace === undefined ? '' : ` -n ${namespace}`}`
}
