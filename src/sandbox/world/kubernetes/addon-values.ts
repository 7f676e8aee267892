import { parse } from 'yaml'
import type { PodSpec } from '../../../model/kubernetes.ts'
import { isRecord } from '../../record.ts'
import type { Ground } from './ground.ts'
import type { PodDetail } from './pod-spec.ts'

/** What of an add-on's configuration values the world acts on. Names: the add-ons' configuration schemas. */
export interface AddonValues {
  readonly env: Readonly<Record<string, string>>
  /** `affinity` and `tolerations` of the pods, instead of the add-on's own. */
  readonly pod: Pick<PodDetail, 'affinity' | 'tolerations'>
  /** vpc-cni: the node agent is there, and told to enforce policies. */
  readonly nodeAgent: boolean
  readonly networkPolicy: boolean
  /** vpc-cni: the VPC resource controller gives pods of Windows nodes their addresses. */
  readonly windows: boolean
  /** kube-proxy: `iptables`, `ipvs`, `nftables`. */
  readonly mode: string
}

export const NO_VALUES: AddonValues = { env: {}, pod: {}, nodeAgent: true, networkPolicy: false, windows: false, mode: 'iptables' }

/** Reads configuration values, JSON or YAML as EKS takes both. */
export function valuesOf(text: string): AddonValues {
  const values: unknown = parse(text)
  if (!isRecord(values)) return NO_VALUES
  const { env, nodeAgent, enableNetworkPolicy, enableWindowsIpam, mode, affinity, tolerations } = values
  return {
    env: Object.fromEntries(Object.entries(isRecord(env) ? env : {}).map(([name, value]) => [name, String(value)])),
    pod: { ...(isRecord(affinity) ? { affinity } : {}), ...(Array.isArray(tolerations) ? { tolerations } : {}) },
    nodeAgent: !(isRecord(nodeAgent) && String(nodeAgent.enabled) === 'false'),
    networkPolicy: String(enableNetworkPolicy) === 'true',
    windows: String(enableWindowsIpam) === 'true',
    mode: typeof mode === 'string' ? mode : NO_VALUES.mode,
  }
}

/** A pod of an add-on as its values make it. */
export function withValues(spec: PodSpec, { pod, nodeAgent, networkPolicy }: AddonValues): PodSpec {
  const containers = (spec.containers ?? [])
    .filter(({ name }) => nodeAgent || name !== 'aws-eks-nodeagent')
    .map((container) => {
      if (!networkPolicy || container.name !== 'aws-eks-nodeagent') return container
      const args = (container.args ?? []).map((arg) => (arg === '--enable-network-policy=false' ? '--enable-network-policy=true' : arg))
      return { ...container, args }
    })
  return { ...spec, containers, ...pod }
}

/** The ConfigMap that the VPC resource controller reads; what users wrote into it besides stays (charts/aws-vpc-cni of amazon-vpc-cni-k8s). */
export function writeCniConfig(ground: Ground, { windows, networkPolicy } = NO_VALUES): void {
  const data = {
    'enable-network-policy-controller': String(networkPolicy),
    'enable-windows-ipam': String(windows),
  }
  writeConfigMap(ground, 'amazon-vpc-cni', { 'app.kubernetes.io/name': 'aws-node' }, data)
}

/** The ConfigMap that kube-proxy reads at its start; only what differs between modes matters here. */
export function writeProxyConfig(ground: Ground, { mode } = NO_VALUES): void {
  const lines = ['apiVersion: kubeproxy.config.k8s.io/v1alpha1', 'bindAddress: 0.0.0.0', 'kind: KubeProxyConfiguration', `mode: "${mode}"`]
  writeConfigMap(ground, 'kube-proxy-config', { 'k8s-app': 'kube-proxy' }, { config: `${lines.join('\n')}\n` })
}

type Texts = Readonly<Record<string, string>>

function writeConfigMap({ store, create }: Ground, name: string, labels: Texts, data: Texts): void {
  const namespace = 'kube-system'
  if (!store.get('ConfigMap', namespace, name)) create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels }, data })
  else store.update('ConfigMap', namespace, name, (current) => ({ ...current, data: { ...(current.data as Texts | undefined), ...data } }))
}
