import { type Minor, minorsAhead, parseMinor } from '../../../../model/kubernetes-minor.ts'
import { dateOf } from '../answers.ts'
import { type Finding, type InsightCheck, type InsightFacts, type InsightResource, type InsightStatus, PASSING } from './facts.ts'

/**
 * The checks of https://docs.aws.amazon.com/eks/latest/userguide/cluster-insights.html and rollback-cluster.html. For the next minor a
 * finding is an ERROR, for later ones a WARNING (view-cluster-insights.html).
 */

/** A kubelet may be three minors older than the API server, never newer (https://kubernetes.io/releases/version-skew-policy/). */
const SKEW = 3

function ahead(newer: string, older: string): number | undefined {
  const [a, b] = [parseMinor(newer), parseMinor(older)] as const
  return a === undefined || b === undefined ? undefined : minorsAhead(a as Minor, b as Minor)
}

/** Nodes too far from a control plane of this minor: older than the skew allows, or newer. */
function skewedNodes({ nodes }: InsightFacts, minor: string, status: InsightStatus): readonly InsightResource[] {
  return nodes.flatMap(({ name, kubeletVersion }) => {
    const distance = ahead(minor, kubeletVersion)
    if (distance === undefined || (distance >= 0 && distance <= SKEW)) return []
    return [{ status, reason: `The kubelet is ${kubeletVersion}.`, kubernetesResourceUri: `/api/v1/nodes/${name}` }]
  })
}

function ofResources(resources: readonly InsightResource[], status: InsightStatus, reason: string, recommendation: string): Finding {
  return resources.length === 0 ? PASSING : { status, reason, recommendation, resources }
}

function kubeletSkew(facts: InsightFacts, minor: string, grave: InsightStatus): Finding {
  const found = skewedNodes(facts, minor, grave)
  return ofResources(
    found,
    grave,
    `Node(s) ${found.length} of ${facts.nodes.length} would not be within the version skew of Kubernetes ${minor}.`,
    'Bring the nodes to a version that the skew policy allows.',
  )
}

function kubeProxySkew({ kubeProxyVersion }: InsightFacts, minor: string, grave: InsightStatus): Finding {
  const distance = kubeProxyVersion === undefined ? undefined : ahead(minor, kubeProxyVersion)
  if (distance === undefined || (distance >= 0 && distance <= SKEW)) return PASSING
  const resource = { status: grave, reason: `kube-proxy is ${kubeProxyVersion}.`, kubernetesResourceUri: KUBE_PROXY }
  return ofResources(
    [resource],
    grave,
    `kube-proxy would not be within the version skew of Kubernetes ${minor}.`,
    'Update kube-proxy to a version that the skew policy allows.',
  )
}

const KUBE_PROXY = '/apis/apps/v1/namespaces/kube-system/daemonsets/kube-proxy'

function addonCompatibility(facts: InsightFacts, minor: string, grave: InsightStatus): Finding {
  const { addons, listedFor, versionsFor } = facts
  const unfit = addons.filter(({ name, version }) => listedFor(name, version)?.includes(minor) === false)
  if (unfit.length === 0) return PASSING
  return {
    status: grave,
    reason: `Installed EKS add-on(s) not compatible with Kubernetes ${minor}: ${unfit.map(({ name }) => name).join(', ')}.`,
    recommendation: 'Update the add-ons to a compatible version.',
    resources: unfit.map(({ arn, version }) => ({ status: grave, reason: `The add-on version is ${version}.`, arn })),
    summary: { addonCompatibilityDetails: unfit.map(({ name }) => ({ name, compatibleVersions: versionsFor(name, minor) })) },
  }
}

function clusterHealth({ controlPlane }: InsightFacts, _minor: string, grave: InsightStatus): Finding {
  const { issues } = controlPlane.spec
  if (issues.length === 0) return PASSING
  return {
    status: grave,
    reason: `The cluster has health issues: ${issues.map(({ code }) => code).join(', ')}.`,
    recommendation: 'Resolve the issues that DescribeCluster names.',
  }
}

/** Only for minors in which something that this cluster's clients use stops being served. */
function deprecatedApis({ controlPlane, now }: InsightFacts, minor: string, grave: InsightStatus): Finding | undefined {
  const removed = controlPlane.spec.deprecatedApis.filter(({ stopServingVersion }) => stopServingVersion === minor)
  if (removed.length === 0) return undefined
  const used = removed.filter(({ clients }) => clients.length > 0)
  const deprecationDetails = removed.map(({ clients, ...api }) => ({
    ...api,
    clientStats: clients.map(({ userAgent, requests, lastBefore }) => ({
      userAgent,
      numberOfRequestsLast30Days: requests,
      lastRequestTime: dateOf(now - lastBefore),
    })),
  }))
  const summary = { deprecationDetails }
  if (used.length === 0) return { ...PASSING, summary }
  return {
    status: grave,
    reason: `Deprecated API usage detected within last 30 days and your cluster is on Kubernetes v${controlPlane.version}.`,
    recommendation: `Update manifests and API clients to use newer Kubernetes APIs if applicable before upgrading to Kubernetes v${minor}.`,
    summary,
  }
}

/** EKS builds no AL2 image for 1.33 and later (EKS user guide, "eks-ami-deprecation-faqs"). */
function amazonLinux2({ nodes }: InsightFacts, minor: string, grave: InsightStatus): Finding {
  const old = nodes.filter(({ osImage }) => /^Amazon Linux 2$/.test(osImage))
  if (old.length === 0 || (ahead(minor, '1.33') ?? -1) < 0) return PASSING
  const resources = old.map(({ name }) => ({
    status: grave,
    reason: 'The node runs Amazon Linux 2.',
    kubernetesResourceUri: `/api/v1/nodes/${name}`,
  }))
  return ofResources(resources, grave, `${old.length} node(s) run Amazon Linux 2.`, 'Move to Amazon Linux 2023 or Bottlerocket.')
}

const fixed = (name: string) => () => name

const UPGRADE = { category: 'UPGRADE_READINESS' } as const
const ROLLBACK = { category: 'ROLLBACK_READINESS' } as const

/** Every check, one row each. */
export const CHECKS: readonly InsightCheck[] = [
  {
    ...UPGRADE,
    name: fixed('Cluster health issues'),
    description: 'Checks for any cluster health issues that prevent successful upgrades.',
    find: clusterHealth,
  },
  {
    ...UPGRADE,
    name: fixed('EKS add-on version compatibility'),
    description: 'Checks version of installed EKS add-ons to ensure they are compatible with the next version of Kubernetes.',
    find: addonCompatibility,
  },
  {
    ...UPGRADE,
    name: fixed('Kubelet version skew'),
    description: 'Checks for kubelet versions of worker nodes in the cluster to see if upgrade would cause noncompliance.',
    find: kubeletSkew,
  },
  {
    ...UPGRADE,
    name: fixed('kube-proxy version skew'),
    description: 'Checks version of kube-proxy in cluster to see if upgrade would cause noncompliance.',
    find: kubeProxySkew,
  },
  {
    ...UPGRADE,
    name: fixed('Amazon Linux 2 compatibility'),
    description: 'Checks if any nodes are running Amazon Linux 2.',
    find: amazonLinux2,
  },
  {
    ...UPGRADE,
    name: (minor) => `Deprecated APIs removed in Kubernetes v${minor}`,
    description: 'Checks for usage of deprecated APIs that are scheduled for removal.',
    find: deprecatedApis,
  },
  {
    ...ROLLBACK,
    name: fixed('Cluster health issues'),
    description: 'Checks for any cluster health issues that prevent a successful rollback.',
    find: clusterHealth,
  },
  {
    ...ROLLBACK,
    name: fixed('EKS add-on version compatibility'),
    description: 'Checks that installed EKS add-ons are compatible with the version to go back to.',
    find: addonCompatibility,
  },
  {
    ...ROLLBACK,
    name: fixed('Kubelet version skew'),
    description: 'Checks that no node is newer than the version to go back to.',
    find: kubeletSkew,
  },
  {
    ...ROLLBACK,
    name: fixed('kube-proxy version skew'),
    description: 'Checks that kube-proxy is not newer than the version to go back to.',
    find: kubeProxySkew,
  },
]
