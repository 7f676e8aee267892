import { parse } from 'yaml'
import type { ContainerStatus, PodSpec } from '../../../model/kubernetes.ts'
import { formatMinor, parseMinor } from '../../../model/kubernetes-minor.ts'
import type { ClusterSide } from '../../contract.ts'
import { awsNodePod, corednsPod, hostAgentPod, kubeProxyPod, unknownAddonPod } from './addon-templates.ts'
import type { Ground } from './ground.ts'
import type { PodObject, WorkloadObject } from './objects.ts'
import { isTerminating } from './objects.ts'
import type { Ownership } from './ownership.ts'

/** Where an add-on's workload stands in kube-system. */
interface Place {
  readonly kind: 'DaemonSet' | 'Deployment'
  readonly name: string
  readonly label: Readonly<Record<string, string>>
  pod(region: string, version: string, env: Readonly<Record<string, string>>, ipFamily: 'ipv4' | 'ipv6'): PodSpec
}

const PLACES: Readonly<Record<string, Place>> = {
  'vpc-cni': { kind: 'DaemonSet', name: 'aws-node', label: { 'k8s-app': 'aws-node' }, pod: awsNodePod },
  'kube-proxy': { kind: 'DaemonSet', name: 'kube-proxy', label: { 'k8s-app': 'kube-proxy' }, pod: kubeProxyPod },
  coredns: { kind: 'Deployment', name: 'coredns', label: { 'k8s-app': 'kube-dns' }, pod: corednsPod },
}

/** DaemonSets on the host's network: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-agent-setup.html and …/node-health-nma.html */
const HOST_AGENTS = new Set(['eks-pod-identity-agent', 'eks-node-monitoring-agent'])

/** An add-on the sandbox does not know in detail: agents run on every node, the rest as two replicas. */
function placeOf(addon: string): Place {
  const kind = /agent$/.test(addon) ? 'DaemonSet' : 'Deployment'
  const template = HOST_AGENTS.has(addon) ? hostAgentPod : unknownAddonPod
  const pod: Place['pod'] = (region, version) => template(region, addon, version)
  return PLACES[addon] ?? { kind, name: addon, label: { 'app.kubernetes.io/name': addon }, pod }
}

export interface Addons {
  apply: ClusterSide['applyAddon']
  health: ClusterSide['addonHealth']
  /** aws-node and kube-proxy, where nobody applied them before. */
  ensureAgents(): void
  /** The same, and coredns. */
  ensureBasics(): void
}

/** What EKS does to the objects of its add-ons. Configuration values that are not sent again stay as they were. */
export function createAddons(ground: Ground, ownership: Ownership): Addons {
  const { store } = ground
  const environments = new Map<string, Readonly<Record<string, string>>>()

  function apply(addon: string, version: string, configurationValues: string | undefined): void {
    const place = placeOf(addon)
    if (configurationValues !== undefined) environments.set(addon, environmentOf(configurationValues))
    const spec = place.pod(ground.region, version, environments.get(addon) ?? {}, ground.ipFamily ?? 'ipv4')
    const template = { metadata: { labels: { ...place.label, 'app.kubernetes.io/name': place.name } }, spec }
    const existing = store.get(place.kind, 'kube-system', place.name) as WorkloadObject | undefined
    if (!existing) return void ground.create(newWorkload(place, template))
    store.update(place.kind, 'kube-system', place.name, (current) => ({
      ...current,
      spec: { ...(current as WorkloadObject).spec, template },
    }))
  }

  function ensure(addon: string, version: () => string): void {
    const { kind, name } = placeOf(addon)
    if (!store.get(kind, 'kube-system', name)) apply(addon, version(), undefined)
  }

  function ensureAgents(): void {
    const minor = parseMinor(ground.kubernetesVersion())
    ensure('vpc-cni', ground.cniVersion)
    ensure('kube-proxy', () => `v${minor ? formatMinor(minor) : '1.33'}.0-eksbuild.2`)
  }

  function ensureBasics(): void {
    ensureAgents()
    ensure('coredns', () => 'v1.11.4-eksbuild.2')
  }

  function health(addon: string): ReturnType<ClusterSide['addonHealth']> {
    const { kind, name } = placeOf(addon)
    const workload = store.get(kind, 'kube-system', name) as WorkloadObject | undefined
    if (!workload) return { desired: 0, updated: 0, available: 0, waiting: [] }
    const status = workload.status ?? {}
    const observed = status.observedGeneration === workload.metadata.generation
    return {
      desired: status.desiredNumberScheduled ?? workload.spec?.replicas ?? 0,
      // Before the controller has seen the new template its counts speak of the old one.
      updated: observed ? (status.updatedNumberScheduled ?? status.updatedReplicas ?? 0) : 0,
      available: status.numberAvailable ?? status.availableReplicas ?? 0,
      waiting: waitingReasons(podsOf(workload)),
    }
  }

  function podsOf({ metadata }: WorkloadObject): readonly PodObject[] {
    const own = ownership.pods(metadata.uid)
    return [...own, ...ownership.replicaSets(metadata.uid).flatMap((set) => ownership.pods(set.metadata.uid))]
  }

  return { apply, health, ensureAgents, ensureBasics }
}

/** Why containers wait, each reason once: what EKS quotes in `Pods are waiting because: …`. */
function waitingReasons(pods: readonly PodObject[]): readonly string[] {
  const reasonOf = ({ state }: ContainerStatus) => state?.waiting?.reason ?? []
  const statuses = pods.filter((pod) => !isTerminating(pod)).flatMap((pod) => pod.status?.containerStatuses ?? [])
  return [...new Set(statuses.flatMap(reasonOf))].sort()
}

/** `env` of the configuration values, JSON or YAML as EKS takes both. */
function environmentOf(configurationValues: string): Readonly<Record<string, string>> {
  const values: unknown = parse(configurationValues)
  const env = isRecord(values) && isRecord(values.env) ? values.env : {}
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)]))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function newWorkload({ kind, name, label }: Place, template: object) {
  const spec = {
    selector: { matchLabels: label },
    template,
    ...(kind === 'Deployment'
      ? { replicas: 2, strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: '25%' } } }
      : { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%', maxSurge: 0 } }, revisionHistoryLimit: 10 }),
  }
  const fieldsV1 = { 'f:spec': { 'f:template': {}, ...(kind === 'DaemonSet' ? { 'f:updateStrategy': {} } : {}) } }
  const managedFields = [{ manager: 'eks', operation: 'Apply', apiVersion: 'apps/v1', fieldsType: 'FieldsV1', fieldsV1 }]
  const labels = { ...label, 'app.kubernetes.io/name': name }
  return { apiVersion: 'apps/v1', kind, metadata: { name, namespace: 'kube-system', labels, managedFields }, spec }
}
