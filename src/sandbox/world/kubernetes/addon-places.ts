import type { PodSpec } from '../../../model/kubernetes.ts'
import { awsNodePod, corednsPod, hostAgentPod, kubeProxyPod, unknownAddonPod } from './addon-templates.ts'

/** Where an add-on's workload stands in kube-system. */
export interface Place {
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
export function placeOf(addon: string): Place {
  const kind = /agent$/.test(addon) ? 'DaemonSet' : 'Deployment'
  const template = HOST_AGENTS.has(addon) ? hostAgentPod : unknownAddonPod
  const pod: Place['pod'] = (region, version) => template(region, addon, version)
  return PLACES[addon] ?? { kind, name: addon, label: { 'app.kubernetes.io/name': addon }, pod }
}

/** The workload of an add-on, as EKS creates it. */
export function newWorkload({ kind, name, label }: Place, template: object) {
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
