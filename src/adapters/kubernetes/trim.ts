import type { Container, EndpointSlice, KubernetesObject, ObjectMeta, Pod, PodSpec, Workload } from '../../model/kubernetes.ts'
import { createSharing } from './sharing.ts'

/**
 * What the caches keep of an object: what checks and gates read. A cluster's 150,000 pods take 949 MB whole and
 * about a tenth of that trimmed, so it happens on arrival; of what a watch brings, before it is looked at.
 */
export function createTrim(): (object: KubernetesObject) => KubernetesObject {
  const share = createSharing()
  return (object) => trim(object, share)
}

function trim(object: KubernetesObject, share: ReturnType<typeof createSharing>): KubernetesObject {
  const trimmed = { ...object, metadata: trimMetadata(object.metadata) }
  if (object.kind === 'Pod') return freeze(share(trimPod(trimmed as Pod)))
  if (object.kind === 'EndpointSlice') return freeze(trimSlice(trimmed as EndpointSlice))
  return freeze(object.kind === 'DaemonSet' || !hasTemplate(trimmed) ? trimmed : trimWorkload(trimmed))
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

function trimMetadata({ managedFields: _, ...metadata }: ObjectMeta): ObjectMeta {
  if (metadata.annotations?.[LAST_APPLIED] === undefined) return metadata
  const annotations = Object.fromEntries(Object.entries(metadata.annotations).filter(([name]) => name !== LAST_APPLIED))
  return { ...metadata, annotations }
}

function trimPod(pod: Pod): Pod {
  return { ...pod, ...(pod.spec === undefined ? {} : { spec: trimSpec(pod.spec) }) }
}

function hasTemplate(object: KubernetesObject): object is Workload {
  return 'spec' in object && typeof object.spec === 'object' && object.spec !== null && 'template' in object.spec
}

function trimWorkload(workload: Workload): Workload {
  const template = workload.spec?.template
  const spec = template?.spec === undefined ? {} : { spec: trimSpec(template.spec) }
  return { ...workload, spec: { ...workload.spec, template: { ...template, ...spec } } }
}

function trimSlice({ endpoints, apiVersion, kind, metadata }: EndpointSlice): EndpointSlice {
  const kept = endpoints?.map(({ conditions, nodeName, targetRef }) => ({
    conditions: { ready: conditions?.ready },
    nodeName,
    targetRef: targetRef && { kind: targetRef.kind, name: targetRef.name, uid: targetRef.uid },
  }))
  return { apiVersion, kind, metadata, endpoints: kept }
}

function trimSpec(spec: PodSpec): PodSpec {
  return {
    nodeName: spec.nodeName,
    hostNetwork: spec.hostNetwork,
    serviceAccountName: spec.serviceAccountName,
    nodeSelector: spec.nodeSelector,
    affinity: spec.affinity,
    tolerations: spec.tolerations,
    terminationGracePeriodSeconds: spec.terminationGracePeriodSeconds,
    containers: spec.containers?.map(trimContainer),
    initContainers: spec.initContainers?.map(trimContainer),
  }
}

function trimContainer({ name, image, resources }: Container): Container {
  return { name, image, resources }
}

function freeze<T extends object>(object: T): T {
  for (const member of Object.values(object)) if (typeof member === 'object' && member !== null && !Object.isFrozen(member)) freeze(member)
  return Object.freeze(object)
}
