import { keyedRandom } from '../../../model/keyed.ts'
import type { WorkloadSpec } from '../../contract.ts'
import { ensureNamespace } from './furnishing.ts'
import type { Ground } from './ground.ts'
import type { PodTemplate, WorkloadObject } from './objects.ts'
import type { PodDetail } from './pod-spec.ts'

/** A workload of a world file, with its namespace, budget and Service. What an add-on brought already stays as it is. */
export function createWorkload(ground: Ground, workload: WorkloadSpec): void {
  const { kind, namespace, name, behaviour } = workload
  ensureNamespace(ground, namespace)
  if (behaviour) ground.behaviours.set(`${namespace}/${name}`, behaviour)
  if (workload.service) createService(ground, workload)
  if (!ground.store.get(kind, namespace, name)) ground.create(objectOf(workload))
  if (workload.budget) createBudget(ground, workload)
}

type NewObject = Parameters<Ground['create']>[0]

function objectOf(workload: WorkloadSpec): NewObject {
  const { kind, namespace, name } = workload
  const template = templateOf(workload)
  const metadata = { name, namespace, labels: labelsOf(workload) }
  if (kind === 'Pod') return { apiVersion: 'v1', kind, metadata: { ...template.metadata, name, namespace }, spec: template.spec }
  if (kind === 'CronJob') return { apiVersion: 'batch/v1', kind, metadata, spec: cronJobSpec(workload, template) }
  if (kind === 'Job') return { apiVersion: 'batch/v1', kind, metadata, spec: { backoffLimit: 6, template, ...workload.spec } }
  return { apiVersion: 'apps/v1', kind, metadata, spec: controllerSpec(workload, template) }
}

function labelsOf({ name, labels }: WorkloadSpec): Readonly<Record<string, string>> {
  return { app: name, ...labels }
}

function controllerSpec(workload: WorkloadSpec, template: PodTemplate): Record<string, unknown> {
  const { kind, name, replicas = 1, spec } = workload
  const count = kind === 'DaemonSet' ? {} : { replicas }
  return { ...count, selector: { matchLabels: { app: name } }, template, ...strategyOf(kind, name), ...spec }
}

/** `spec` of a CronJob may bring its schedule; the pods' part stands where it belongs. */
function cronJobSpec({ spec }: WorkloadSpec, template: PodTemplate): Record<string, unknown> {
  return {
    schedule: '0 * * * *',
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
    jobTemplate: { spec: { backoffLimit: 6, template } },
    ...spec,
  }
}

function strategyOf(kind: WorkloadSpec['kind'], name: string): Record<string, unknown> {
  if (kind === 'Deployment') return { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } } }
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate: kind === 'DaemonSet' ? { maxUnavailable: 1 } : { partition: 0 } }
  return kind === 'DaemonSet' ? { updateStrategy } : { updateStrategy, serviceName: name }
}

function templateOf(workload: WorkloadSpec): PodTemplate {
  const { annotations } = workload
  return { metadata: { labels: labelsOf(workload), ...(annotations === undefined ? {} : { annotations }) }, spec: podSpecOf(workload) }
}

function podSpecOf(workload: WorkloadSpec): PodDetail {
  const { kind, name, cpu = '50m', memory = '64Mi', nodeSelector, tolerations, hostNetwork, gracePeriodSeconds } = workload
  const ends = kind === 'Job' || kind === 'CronJob'
  return {
    ...(nodeSelector === undefined ? {} : { nodeSelector }),
    ...(tolerations === undefined ? {} : { tolerations }),
    ...(hostNetwork === undefined ? {} : { hostNetwork }),
    ...(ends ? { restartPolicy: 'OnFailure' } : {}),
    terminationGracePeriodSeconds: gracePeriodSeconds ?? 30,
    containers: [{ name, image: `registry.example/${name}:1.0`, resources: { requests: { cpu, memory } }, ...workload.container }],
    ...workload.pod,
  }
}

function createBudget(ground: Ground, { kind, namespace, name, budget }: WorkloadSpec): void {
  const controller = ground.store.get(kind, namespace, name) as WorkloadObject
  ground.create({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, namespace },
    spec: { ...budget, selector: controller.spec?.selector ?? { matchLabels: { app: name } } },
  })
}

/** Cluster addresses of EKS come from 172.20.0.0/16; the first ten belong to the system. */
function createService(ground: Ground, { namespace, name, service }: WorkloadSpec): void {
  const draw = Math.floor(keyedRandom(ground.seed, 'cluster-ip', namespace, name) * 65_000) + 256
  const clusterIP = service?.headless ? 'None' : `172.20.${draw >> 8}.${draw & 255}`
  const ports = [{ port: service?.port, protocol: 'TCP', targetPort: service?.port }]
  ground.create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels: { app: name } },
    spec: { clusterIP, clusterIPs: [clusterIP], ports, selector: { app: name }, sessionAffinity: 'None', type: 'ClusterIP' },
    status: { loadBalancer: {} },
  })
}
