import type { KubernetesObject } from '../../../model/kubernetes.ts'
import { createEksDefinitions } from './api/eks-definitions.ts'
import type { Ground } from './ground.ts'
import { SYSTEM_CLASSES } from './priority.ts'

/** What stands in a world from its first moment. */

const SYSTEM_NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system']

export function createSystemObjects(ground: Ground): void {
  for (const name of SYSTEM_NAMESPACES) ensureNamespace(ground, name)
  if (ground.store.get('Service', 'default', 'kubernetes')) return
  const ports = [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 443 }]
  ground.create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: { clusterIP: '172.20.0.1', clusterIPs: ['172.20.0.1'], ports, type: 'ClusterIP', sessionAffinity: 'None' },
    status: { loadBalancer: {} },
  })
  createEksDefinitions(ground)
  createDnsService(ground)
  createDefaultClass(ground)
  createPriorityClasses(ground)
}

/** The address that the kubelets of EKS give every pod as its name server. */
function createDnsService(ground: Ground): void {
  const ports = ['UDP', 'TCP'].map((protocol) => ({ name: protocol === 'UDP' ? 'dns' : 'dns-tcp', port: 53, protocol, targetPort: 53 }))
  const labels = { 'k8s-app': 'kube-dns', 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' }
  ground.create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kube-dns', namespace: 'kube-system', labels },
    spec: {
      clusterIP: '172.20.0.10',
      clusterIPs: ['172.20.0.10'],
      ports,
      selector: { 'k8s-app': 'kube-dns' },
      sessionAffinity: 'None',
      type: 'ClusterIP',
    },
    status: { loadBalancer: {} },
  })
}

/** The class that EKS makes in every cluster. Source: docs.aws.amazon.com/eks/latest/userguide/create-storage-class.html. */
function createDefaultClass(ground: Ground): void {
  ground.create({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'gp2' },
    provisioner: 'kubernetes.io/aws-ebs',
    parameters: { fsType: 'ext4', type: 'gp2' },
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'WaitForFirstConsumer',
  })
}

/** The classes that the API server makes by itself. */
function createPriorityClasses(ground: Ground): void {
  for (const { name, value, description } of SYSTEM_CLASSES)
    ground.create({
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name },
      value,
      description,
      preemptionPolicy: 'PreemptLowerPriority',
    })
}

export function ensureNamespace(ground: Ground, name: string): void {
  if (ground.store.get('Namespace', undefined, name)) return
  ground.create({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  })
}

/** Any object of the beginning, in a namespace that is made for it. What the world brought already stays as it is; a ConfigMap gets the keys, a StorageClass gives way. */
export function createObject(ground: Ground, object: KubernetesObject): void {
  const { namespace, name } = object.metadata
  if (ground.store.get(object.kind, namespace, name) !== undefined) {
    if (object.kind === 'StorageClass')
      ground.store.update('StorageClass', namespace, name, (current) => ({
        ...current,
        ...object,
        metadata: { ...current.metadata, ...object.metadata },
      }))
    if (object.kind === 'ConfigMap') ground.store.update('ConfigMap', namespace, name, (current) => withKeys(current, object))
    return
  }
  if (namespace !== undefined) ensureNamespace(ground, namespace)
  ground.create(object as KubernetesObject & Record<string, unknown>)
}

function withKeys(
  current: KubernetesObject,
  { data }: KubernetesObject & { readonly data?: unknown },
): KubernetesObject & Record<string, unknown> {
  return { ...current, data: { ...(current as { readonly data?: object }).data, ...(data as object | undefined) } }
}
