import type { Container, EndpointSlice, KubernetesObject, ObjectMeta, Pod, PodSpec, Workload } from '../../model/kubernetes.ts'
import { createSharing } from './sharing.ts'

/**
 * What the caches keep of an object: what checks and gates read. A cluster's 150,000 pods take 949 MB whole and
 * about a tenth of that trimmed, so it happens on arrival; of what a watch brings, before it is looked at.
 */
export function createTrim(): (object: KubernetesObject) => KubernetesObject {
  const share = createSharing()
  const specs = createSpecs()
  return (object) => trim(object, share, specs)
}

type Specs = (spec: PodSpec) => PodSpec

/** What is kept of specs: a pod that is handed over as it is in memory has the same one from change to change. */
function createSpecs(): Specs {
  const kept = new WeakMap<PodSpec, PodSpec>()
  return (spec) => {
    const known = kept.get(spec)
    if (known !== undefined) return known
    const trimmed = trimSpec(spec)
    if (Object.isFrozen(spec)) kept.set(spec, trimmed)
    return trimmed
  }
}

function trim(object: KubernetesObject, share: ReturnType<typeof createSharing>, specs: Specs): KubernetesObject {
  const trimmed = { ...object, metadata: trimMetadata(object.metadata) }
  if (object.kind === 'Pod') return freeze(share(trimPod(trimmed as Pod, specs)))
  if (object.kind === 'EndpointSlice') return freeze(trimSlice(trimmed as EndpointSlice))
  return freeze(object.kind === 'DaemonSet' || !hasTemplate(trimmed) ? trimmed : trimWorkload(trimmed))
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

function trimMetadata(whole: ObjectMeta): ObjectMeta {
  if (whole.managedFields === undefined && whole.annotations?.[LAST_APPLIED] === undefined) return whole
  const { managedFields: _, ...metadata } = whole
  if (metadata.annotations?.[LAST_APPLIED] === undefined) return metadata
  const annotations = Object.fromEntries(Object.entries(metadata.annotations).filter(([name]) => name !== LAST_APPLIED))
  return { ...metadata, annotations }
}

function trimPod(pod: Pod, specs: Specs): Pod {
  return pod.spec === undefined ? pod : { ...pod, spec: specs(pod.spec) }
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
  // Not Object.values: every change of every pod comes by here.
  for (const name in object) {
    const member = object[name]
    if (typeof member === 'object' && member !== null && !Object.isFrozen(member)) freeze(member)
  }
  return Object.freeze(object)
}
