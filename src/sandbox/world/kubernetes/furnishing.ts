import type { KubernetesObject, PodSpec } from '../../../model/kubernetes.ts'
import type { WorkloadSpec } from '../../contract.ts'
import { createEksDefinitions } from './api/eks-definitions.ts'
import type { Ground } from './ground.ts'
import type { WorkloadObject } from './objects.ts'

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

function ensureNamespace(ground: Ground, name: string): void {
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

/** A workload of a world file, with its namespace and its budget. What an add-on brought already stays as it is. */
export function createWorkload(ground: Ground, workload: WorkloadSpec): void {
  ensureNamespace(ground, workload.namespace)
  if (!ground.store.get(workload.kind, workload.namespace, workload.name)) createController(ground, workload)
  if (workload.budget) createBudget(ground, workload)
}

function createController(ground: Ground, workload: WorkloadSpec): void {
  const { kind, namespace, name, replicas = 1 } = workload
  const labels = { app: name }
  const template = { metadata: { labels }, spec: podSpecOf(workload) }
  ground.create({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace, labels },
    spec: { ...(kind === 'DaemonSet' ? {} : { replicas }), selector: { matchLabels: labels }, template, ...strategyOf(kind, name) },
  })
}

function createBudget(ground: Ground, { kind, namespace, name, budget }: WorkloadSpec): void {
  const controller = ground.store.get(kind, namespace, name) as WorkloadObject
  ground.create({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, namespace },
    spec: { ...budget, selector: controller.spec?.selector },
  })
}

function strategyOf(kind: WorkloadSpec['kind'], name: string): Record<string, unknown> {
  if (kind === 'Deployment') return { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } } }
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate: kind === 'DaemonSet' ? { maxUnavailable: 1 } : { partition: 0 } }
  return kind === 'DaemonSet' ? { updateStrategy } : { updateStrategy, serviceName: name }
}

function podSpecOf(workload: WorkloadSpec): PodSpec {
  const { name, cpu = '50m', memory = '64Mi', nodeSelector, tolerations, hostNetwork, gracePeriodSeconds } = workload
  return {
    ...(nodeSelector === undefined ? {} : { nodeSelector }),
    ...(tolerations === undefined ? {} : { tolerations }),
    ...(hostNetwork === undefined ? {} : { hostNetwork }),
    terminationGracePeriodSeconds: gracePeriodSeconds ?? 30,
    containers: [{ name, image: `registry.example/${name}:1.0`, resources: { requests: { cpu, memory } } }],
  }
}
