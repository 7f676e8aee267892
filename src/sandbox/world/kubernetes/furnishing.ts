import type { KubernetesObject } from '../../../model/kubernetes.ts'
import { createEksDefinitions } from './api/eks-definitions.ts'
import type { Ground } from './ground.ts'

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

/** Any object of the beginning, in a namespace that is made for it. */
export function createObject(ground: Ground, object: KubernetesObject): void {
  const { namespace } = object.metadata
  if (namespace !== undefined) ensureNamespace(ground, namespace)
  ground.create(object as KubernetesObject & Record<string, unknown>)
}
