import type { AddonIssue, CniFacts } from '../catalog/signatures/facts.ts'
import type { EksUpdate } from '../model/aws.ts'
import { isAwsNodeDaemonSet } from '../model/aws-node.ts'
import type { Workload } from '../model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from '../model/snapshot.ts'
import { versionOf } from './agents.ts'

const AGENT = 'aws-eks-nodeagent'

/** Labels by which the CNI's own manifest keeps to nodes that it can serve. */
const ORDINARY = new Set(['kubernetes.io/os', 'kubernetes.io/arch', 'eks.amazonaws.com/compute-type'])

export function cniFacts(snapshot: ClusterSnapshot): CniFacts {
  const daemonSet = objectsOf<Workload>(snapshot, 'DaemonSet').find(isAwsNodeDaemonSet)
  const template = daemonSet?.spec?.template?.spec
  const addon = snapshot.aws.addons?.find(({ addonName }) => addonName === 'vpc-cni')
  const container = template?.containers?.find(({ name }) => name === 'aws-node')
  const env = Object.fromEntries((container?.env ?? []).map(({ name, value = '' }) => [name, value]))
  const terms = template?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  const demanded = terms.flatMap(({ matchExpressions = [] }) => matchExpressions.filter(({ key }) => !ORDINARY.has(key)))
  const values = parsed(addon?.configurationValues)
  return {
    version: template && versionOf({ spec: template }, 'aws-node'),
    agentVersion: template && versionOf({ spec: template }, AGENT),
    hasAgent: template?.containers?.some(({ name }) => name === AGENT) === true,
    env,
    ipFamily:
      snapshot.aws.cluster?.kubernetesNetworkConfig?.ipFamily === 'ipv6' || (env.ENABLE_IPv6 === 'true' && env.ENABLE_IPv4 !== 'true')
        ? 'ipv6'
        : 'ipv4',
    podIdentity: (addon?.podIdentityAssociations ?? []).length > 0 || env.AWS_CONTAINER_CREDENTIALS_FULL_URI !== undefined,
    networkPolicy: enablesPolicies(values, template),
    kubeProxyMode: String(
      parsed(snapshot.aws.addons?.find(({ addonName }) => addonName === 'kube-proxy')?.configurationValues).mode ?? 'iptables',
    ),
    demands: demanded.map(({ key, operator, values: wanted = [] }) => `${key} ${operator} ${wanted.join(', ')}`.trim()),
    addonStatus: addon?.status,
  }
}

function enablesPolicies(
  values: Readonly<Record<string, unknown>>,
  template: NonNullable<NonNullable<Workload['spec']>['template']>['spec'],
): boolean {
  const args = template?.containers?.find(({ name }) => name === AGENT)?.args ?? []
  return String(values.enableNetworkPolicy) === 'true' || args.includes('--enable-network-policy=true')
}

/** Configuration values are JSON or YAML; what is neither of the first says nothing here. */
function parsed(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? '{}')
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** What EKS says against the add-on: its health, and its newest update if that failed. */
export function addonIssues({ aws }: ClusterSnapshot): readonly AddonIssue[] {
  const addon = aws.addons?.find(({ addonName }) => addonName === 'vpc-cni')
  const health = (addon?.health?.issues ?? []).map(({ code = '', message = '' }): AddonIssue => ({ code, message, from: 'health' }))
  const updates = (aws.updates ?? []).filter(({ addonName }) => addonName === 'vpc-cni')
  const newest = updates.reduce<EksUpdate | undefined>(
    (one, other) => ((one?.createdAt ?? '') >= (other.createdAt ?? '') ? one : other),
    undefined,
  )
  const errors = newest?.status === 'Failed' ? (newest.errors ?? []) : []
  return [
    ...errors.map(({ errorCode = '', errorMessage = '' }): AddonIssue => ({ code: errorCode, message: errorMessage, from: 'update' })),
    ...health,
  ]
}
