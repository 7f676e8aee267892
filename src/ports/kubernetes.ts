import type { EvictionAnswer } from '../model/eviction.ts'
import type { Instant } from '../model/instant.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'

/** A kind of object as the API addresses it. */
export interface Resource {
  /** `v1`, `apps/v1`, `policy/v1`. */
  readonly apiVersion: string
  readonly kind: string
  readonly plural: string
  readonly namespaced: boolean
}

export const RESOURCES = {
  nodes: { apiVersion: 'v1', kind: 'Node', plural: 'nodes', namespaced: false },
  namespaces: { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false },
  pods: { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true },
  configMaps: { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true },
  services: { apiVersion: 'v1', kind: 'Service', plural: 'services', namespaced: true },
  endpointSlices: { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', plural: 'endpointslices', namespaced: true },
  events: { apiVersion: 'v1', kind: 'Event', plural: 'events', namespaced: true },
  daemonSets: { apiVersion: 'apps/v1', kind: 'DaemonSet', plural: 'daemonsets', namespaced: true },
  deployments: { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', namespaced: true },
  statefulSets: { apiVersion: 'apps/v1', kind: 'StatefulSet', plural: 'statefulsets', namespaced: true },
  replicaSets: { apiVersion: 'apps/v1', kind: 'ReplicaSet', plural: 'replicasets', namespaced: true },
  budgets: { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', plural: 'poddisruptionbudgets', namespaced: true },
  jobs: { apiVersion: 'batch/v1', kind: 'Job', plural: 'jobs', namespaced: true },
  cronJobs: { apiVersion: 'batch/v1', kind: 'CronJob', plural: 'cronjobs', namespaced: true },
  persistentVolumes: { apiVersion: 'v1', kind: 'PersistentVolume', plural: 'persistentvolumes', namespaced: false },
  persistentVolumeClaims: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', plural: 'persistentvolumeclaims', namespaced: true },
  storageClasses: { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', plural: 'storageclasses', namespaced: false },
  priorityClasses: { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', plural: 'priorityclasses', namespaced: false },
  mutatingWebhooks: {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    plural: 'mutatingwebhookconfigurations',
    namespaced: false,
  },
  validatingWebhooks: {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    plural: 'validatingwebhookconfigurations',
    namespaced: false,
  },
  eniConfigs: { apiVersion: 'crd.k8s.amazonaws.com/v1alpha1', kind: 'ENIConfig', plural: 'eniconfigs', namespaced: false },
  securityGroupPolicies: {
    apiVersion: 'vpcresources.k8s.aws/v1beta1',
    kind: 'SecurityGroupPolicy',
    plural: 'securitygrouppolicies',
    namespaced: true,
  },
  cniNodes: { apiVersion: 'vpcresources.k8s.aws/v1alpha1', kind: 'CNINode', plural: 'cninodes', namespaced: false },
  nodePools: { apiVersion: 'karpenter.sh/v1', kind: 'NodePool', plural: 'nodepools', namespaced: false },
  nodeClasses: { apiVersion: 'karpenter.k8s.aws/v1', kind: 'EC2NodeClass', plural: 'ec2nodeclasses', namespaced: false },
  kyvernoPolicies: { apiVersion: 'kyverno.io/v1', kind: 'ClusterPolicy', plural: 'clusterpolicies', namespaced: false },
  serviceAccounts: { apiVersion: 'v1', kind: 'ServiceAccount', plural: 'serviceaccounts', namespaced: true },
  definitions: {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    namespaced: false,
  },
  subjectReviews: {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    plural: 'subjectaccessreviews',
    namespaced: false,
  },
  accessReviews: {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    plural: 'selfsubjectaccessreviews',
    namespaced: false,
  },
  leases: { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', plural: 'leases', namespaced: true },
} as const satisfies Record<string, Resource>

export interface ListOptions {
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  /** Nothing but the metadata of each object. */
  readonly metadataOnly?: boolean
}

export type PatchType = 'merge' | 'strategic' | 'json'

/** The Kubernetes API in the JSON that kubectl prints. Throws SerinError with a REMOTE_* code. */
export interface Kubernetes {
  /** All pages of a list, `apiVersion` and `kind` filled into every item. */
  list<T extends KubernetesObject>(resource: Resource, options?: ListOptions): Promise<readonly T[]>
  /** Undefined when there is no such object. */
  get<T extends KubernetesObject>(resource: Resource, namespace: string | undefined, name: string): Promise<T | undefined>
  /** An access review: a POST that only asks, repeated like a read. */
  review<T extends KubernetesObject>(resource: Resource, question: T): Promise<T>
  /** `dryRun`: the API server judges it, admission too, and keeps nothing. */
  create<T extends KubernetesObject>(resource: Resource, object: T, options?: { readonly dryRun?: boolean }): Promise<T>
  /** A PUT; `metadata.resourceVersion` must be set, a stale one throws REMOTE_CONFLICT. */
  replace<T extends KubernetesObject>(resource: Resource, object: T): Promise<T>
  patch<T extends KubernetesObject>(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    type: PatchType,
    body: unknown,
  ): Promise<T>
  /** What a merge patch would be answered, as another user where that is allowed: a dry run on the server, nothing is stored. */
  tryPatch(resource: Resource, namespace: string | undefined, name: string, body: unknown, asUser?: string): Promise<void>
  /**
   * With a uid only that very object: another one of the same name throws REMOTE_CONFLICT. `propagation`: what becomes of what it
   * owns; the server's default leaves the pods of a Job behind (k8s.io/kubernetes, pkg/registry/batch/job, DefaultGarbageCollectionPolicy).
   */
  remove(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    options?: { readonly uid?: string; readonly propagation?: 'Background' },
  ): Promise<void>
  /** Asks a pod to leave, as a drain does; its budgets and webhooks decide. Throws what is no answer of theirs. */
  evict(namespace: string, pod: string, uid: string): Promise<EvictionAnswer>
  logs(namespace: string, pod: string, container: string, options: { tailLines: number; previous?: boolean }): Promise<string>
  /** What a pod answers to GET on a port, asked through the API server. */
  askPod(namespace: string, pod: string, port: number, path: string): Promise<string>
  /** The `/version` answer's gitVersion. */
  version(): Promise<string>
  /** The API server that answers: its address and the CA that is trusted, in the form of DescribeCluster. */
  readonly server?: { readonly endpoint: string; readonly certificateAuthorityData?: string }
}

/** Watch-fed copies of some kinds of object. */
export interface Caches {
  /** Lists once and starts watching. Resolves when every cache is filled; throws what the first list threw. */
  start(): Promise<void>
  /** The objects of a kind as last seen; trimmed to what checks and gates read. */
  items<T extends KubernetesObject>(resource: Resource): readonly T[]
  /** Kinds whose copy cannot be trusted now, with why and since when. Empty when all is well. */
  unavailable(): readonly { readonly resource: Resource; readonly reason: string; readonly since: Instant }[]
  /** Reads everything again, plainly, past all caches. */
  refresh(): Promise<void>
  /** Resolves when every watch has seen this resource version; a rehearsal waits for it after each step of time. */
  reached(version: number): Promise<void>
  stop(): Promise<void>
}
