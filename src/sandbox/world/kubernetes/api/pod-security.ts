import type { ObjectStore } from '../../../contract.ts'
import { WireError } from '../../../contract.ts'
import type { PodDetail } from '../pod-spec.ts'
import type { NewObject } from './requests.ts'

/**
 * Pod Security admission, where a namespace enforces a level: the controls that concern what a pod of the world can ask for.
 * Controls and words: https://kubernetes.io/docs/concepts/security/pod-security-standards/, k8s.io/pod-security-admission/policy.
 */

const ENFORCE = 'pod-security.kubernetes.io/enforce'

/** Whether pods of a namespace are looked at. */
export function enforcesPodSecurity(store: ObjectStore, namespace: string | undefined): boolean {
  return levelOf(store, namespace) !== undefined
}

/** Throws WireError 403 for a pod that the level of its namespace does not allow. */
export function requirePodSecurity(store: ObjectStore, { kind, metadata, spec }: NewObject & { readonly spec?: unknown }): void {
  const level = kind === 'Pod' ? levelOf(store, metadata.namespace) : undefined
  if (level === undefined) return
  const pod = (spec ?? {}) as SecuredPod
  const violations = level === 'restricted' ? [...beyondBaseline(pod), ...beyondRestricted(pod)] : beyondBaseline(pod)
  if (violations.length === 0) return
  const name = metadata.name ?? ''
  const message = `pods "${name}" is forbidden: violates PodSecurity "${level}:latest": ${violations.join(', ')}`
  throw new WireError(403, 'Forbidden', message, { details: { name, kind: 'pods' } })
}

function levelOf(store: ObjectStore, namespace: string | undefined): 'baseline' | 'restricted' | undefined {
  const level = namespace === undefined ? undefined : store.get('Namespace', undefined, namespace)?.metadata.labels?.[ENFORCE]
  return level === 'baseline' || level === 'restricted' ? level : undefined
}

interface Security {
  readonly privileged?: boolean
  readonly allowPrivilegeEscalation?: boolean
  readonly runAsNonRoot?: boolean
  readonly runAsUser?: number
  readonly capabilities?: { readonly drop?: readonly string[] }
  readonly seccompProfile?: { readonly type?: string }
}

type SecuredPod = Omit<PodDetail, 'containers'> & {
  readonly securityContext?: Security
  readonly containers?: readonly { readonly name: string; readonly securityContext?: Security }[]
}

function beyondBaseline(pod: SecuredPod): readonly string[] {
  const mounted = (pod.volumes ?? []).flatMap(({ name, hostPath }) => (hostPath === undefined ? [] : [`"${name}"`]))
  return [
    ...(pod.hostNetwork === true ? ['host namespaces (hostNetwork=true)'] : []),
    ...(mounted.length > 0 ? [`hostPath volumes (volume${mounted.length > 1 ? 's' : ''} ${mounted.join(', ')})`] : []),
    ...about(pod, 'privileged', ({ privileged }) => privileged === true, 'must not set securityContext.privileged=true'),
  ]
}

function beyondRestricted(pod: SecuredPod): readonly string[] {
  const whole = pod.securityContext ?? {}
  return [
    ...about(
      pod,
      'allowPrivilegeEscalation != false',
      ({ allowPrivilegeEscalation }) => allowPrivilegeEscalation !== false,
      'must set securityContext.allowPrivilegeEscalation=false',
    ),
    ...about(
      pod,
      'unrestricted capabilities',
      ({ capabilities }) => capabilities?.drop?.includes('ALL') !== true,
      'must set securityContext.capabilities.drop=["ALL"]',
    ),
    ...about(
      pod,
      'runAsNonRoot != true',
      ({ runAsNonRoot = whole.runAsNonRoot }) => runAsNonRoot !== true,
      'must set securityContext.runAsNonRoot=true',
    ),
    ...(whole.runAsUser === 0 ? ['runAsUser=0 (pod must not set runAsUser=0)'] : []),
    ...about(
      pod,
      'seccompProfile',
      ({ seccompProfile = whole.seccompProfile }) => !['RuntimeDefault', 'Localhost'].includes(seccompProfile?.type ?? ''),
      'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"',
    ),
  ]
}

function about(pod: SecuredPod, control: string, violates: (security: Security) => boolean, must: string): readonly string[] {
  const names = (pod.containers ?? []).filter(({ securityContext = {} }) => violates(securityContext)).map(({ name }) => `"${name}"`)
  return names.length === 0 ? [] : [`${control} (container${names.length > 1 ? 's' : ''} ${names.join(', ')} ${must})`]
}
