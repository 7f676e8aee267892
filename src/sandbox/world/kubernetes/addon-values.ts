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
  /** kube-proxy: `iptables`, `ipvs`, `nftables`. */
  readonly mode: string
}

export const NO_VALUES: AddonValues = { env: {}, pod: {}, nodeAgent: true, networkPolicy: false, mode: 'iptables' }

/** Reads configuration values, JSON or YAML as EKS takes both. */
export function valuesOf(text: string): AddonValues {
  const values: unknown = parse(text)
  if (!isRecord(values)) return NO_VALUES
  const { env, nodeAgent, enableNetworkPolicy, mode, affinity, tolerations } = values
  return {
    env: Object.fromEntries(Object.entries(isRecord(env) ? env : {}).map(([name, value]) => [name, String(value)])),
    pod: { ...(isRecord(affinity) ? { affinity } : {}), ...(Array.isArray(tolerations) ? { tolerations } : {}) },
    nodeAgent: !(isRecord(nodeAgent) && String(nodeAgent.enabled) === 'false'),
    networkPolicy: String(enableNetworkPolicy) === 'true',
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

/** The ConfigMap that kube-proxy reads at its start; only what differs between modes matters here. */
export function writeProxyConfig(ground: Ground, { mode } = NO_VALUES): void {
  const [namespace, name] = ['kube-system', 'kube-proxy-config']
  const lines = ['apiVersion: kubeproxy.config.k8s.io/v1alpha1', 'bindAddress: 0.0.0.0', 'kind: KubeProxyConfiguration', `mode: "${mode}"`]
  const data = { config: `${lines.join('\n')}\n` }
  if (!ground.store.get('ConfigMap', namespace, name))
    ground.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels: { 'k8s-app': 'kube-proxy' } }, data })
  else ground.store.update('ConfigMap', namespace, name, (current) => ({ ...current, data }))
}
