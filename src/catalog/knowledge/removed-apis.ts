import { compareMinors, parseMinor } from '../../model/kubernetes-minor.ts'

/** A version of an API that a minor of Kubernetes no longer serves, of one kind. */
export interface RemovedApi {
  /** `flowcontrol.apiserver.k8s.io/v1beta3`. */
  readonly apiVersion: string
  readonly kind: string
  readonly plural: string
  /** The first minor that does not serve it. */
  readonly removedIn: string
  /** What to write instead, and the first minor that serves that. */
  readonly replacement: string
  readonly servedSince: string
}

const removed = (
  apiVersion: string,
  removedIn: string,
  replacement: string,
  servedSince: string,
  kinds: Readonly<Record<string, string>>,
): readonly RemovedApi[] =>
  Object.entries(kinds).map(([kind, plural]) => ({ apiVersion, kind, plural, removedIn, replacement, servedSince }))

const FLOW_CONTROL = { FlowSchema: 'flowschemas', PriorityLevelConfiguration: 'prioritylevelconfigurations' }
const ADMISSION = {
  ValidatingAdmissionPolicy: 'validatingadmissionpolicies',
  ValidatingAdmissionPolicyBinding: 'validatingadmissionpolicybindings',
}
const DEVICES = { DeviceClass: 'deviceclasses', ResourceClaimTemplate: 'resourceclaimtemplates' }
const VOLUME_ATTRIBUTES = { VolumeAttributesClass: 'volumeattributesclasses' }

/**
 * API versions that people and their tools write and that go after the oldest minor of which EKS still tells the end of support.
 * Kinds of which each pod, node or Service has one are left out: what writes them comes with Kubernetes or a driver, and its
 * requests stand in the insights. Read on 2026-12-01 from https://kubernetes.io/docs/reference/using-api/deprecation-guide/ and,
 * for what is still to go, from zz_generated.prerelease-lifecycle.go of https://github.com/kubernetes/api (v0.37.0-beta.0).
 */
export const REMOVED_APIS: readonly RemovedApi[] = [
  ...removed('flowcontrol.apiserver.k8s.io/v1beta2', '1.29', 'flowcontrol.apiserver.k8s.io/v1beta3', '1.26', FLOW_CONTROL),
  ...removed('flowcontrol.apiserver.k8s.io/v1beta3', '1.32', 'flowcontrol.apiserver.k8s.io/v1', '1.29', FLOW_CONTROL),
  ...removed('admissionregistration.k8s.io/v1beta1', '1.34', 'admissionregistration.k8s.io/v1', '1.30', ADMISSION),
  ...removed('networking.k8s.io/v1beta1', '1.37', 'networking.k8s.io/v1', '1.33', { ServiceCIDR: 'servicecidrs' }),
  ...removed('storage.k8s.io/v1beta1', '1.37', 'storage.k8s.io/v1', '1.34', VOLUME_ATTRIBUTES),
  ...removed('resource.k8s.io/v1beta1', '1.38', 'resource.k8s.io/v1', '1.34', DEVICES),
  ...removed('resource.k8s.io/v1beta2', '1.39', 'resource.k8s.io/v1', '1.34', DEVICES),
]

/** Versions that a cluster of this minor still serves, a later one does not, and what is to be written instead is there already. */
export function goingApis(minor: string): readonly RemovedApi[] {
  return REMOVED_APIS.filter((api) => isServed(api, minor) && isAtLeast(minor, api.servedSince))
}

/** Whether a cluster of a minor serves it still. */
export function isServed({ removedIn }: RemovedApi, minor: string): boolean {
  return !isAtLeast(minor, removedIn)
}

/** What names no minor counts as newer than all: nothing is asked for. */
function isAtLeast(minor: string, other: string): boolean {
  const [one, two] = [parseMinor(minor), parseMinor(other)]
  return one === undefined || two === undefined || compareMinors(one, two) >= 0
}
