import type { Instant } from '../../../model/instant.ts'
import { keyedId } from '../../../model/keyed.ts'
import type { AwsHandlers } from '../../contract.ts'
import { dateOf, type Input, numberOf, pageOf, required, textOf } from './answers.ts'
import { updateClusterConfig } from './cluster-config.ts'
import { type ClusterUpdateDeps, cancelUpdate, updateClusterVersion } from './cluster-update.ts'
import { describeClusterVersions } from './cluster-versions.ts'
import { invalidParameter, notFound } from './eks-errors.ts'
import type { ShownEks } from './shown-eks.ts'
import { describeUpdate, type Update } from './updates.ts'

/** Where the API server listens and whose certificate it shows; set when the wire server is up. */
export interface ApiServer {
  endpoint: string
  certificateAuthorityData: string
}

export interface ClusterApiDeps extends ClusterUpdateDeps {
  readonly vpcId: string
  readonly securityGroupId: string
  readonly createdAt: Instant
  readonly endpoint: ApiServer
  readonly shown: Pick<ShownEks, 'updates'>
}

/** The operations of EKS on the cluster itself and on updates, in SDK shapes. */
export function clusterHandlers(deps: ClusterApiDeps): AwsHandlers {
  return {
    ListClusters: () => ({ clusters: [deps.cluster.name] }),
    DescribeCluster: () => ({ cluster: describeCluster(deps) }),
    DescribeClusterVersions: (input) => describeClusterVersions(input, deps.timeline.now()),
    UpdateClusterVersion: (input) => updateClusterVersion(deps, input),
    UpdateClusterConfig: (input) => updateClusterConfig(deps, input),
    CancelUpdate: (input) => cancelUpdate(deps, updateOf(deps, 'cluster', input)),
    DescribeUpdate: (input) => ({ update: describeUpdate(updateOf(deps, subjectOf(input), input)) }),
    ListUpdates(input) {
      const heard = new Set(deps.shown.updates.all())
      const ids = deps.updates.list(subjectOf(input)).flatMap((update) => (heard.has(update) ? [update.id] : []))
      const page = pageOf(ids, textOf(input, 'nextToken'), numberOf(input, 'maxResults') ?? 100, () => invalidParameter('Invalid token'))
      return { updateIds: page.items, nextToken: page.next }
    },
  }
}

function updateOf(deps: ClusterApiDeps, subject: string, input: Input): Update {
  const id = required(input, 'updateId', invalidParameter)
  const update = deps.updates.find(subject, id)
  if (update === undefined) throw notFound(`No update found for ID: ${id}`, { clusterName: deps.cluster.name })
  return update
}

function subjectOf(input: Input): string {
  const [nodegroup, addon] = [textOf(input, 'nodegroupName'), textOf(input, 'addonName')]
  if (nodegroup !== undefined && addon !== undefined) throw invalidParameter('Only one of nodegroupName and addonName may be given.')
  if (nodegroup !== undefined) return `nodegroup/${nodegroup}`
  return addon === undefined ? 'cluster' : `addon/${addon}`
}

function describeCluster(deps: ClusterApiDeps): Record<string, unknown> {
  const { name, region, accountId, ipFamily = 'ipv4' } = deps.cluster
  const { version, platformVersion, spec, settings } = deps.controlPlane
  return {
    name,
    arn: `arn:aws:eks:${region}:${accountId}:cluster/${name}`,
    createdAt: dateOf(deps.createdAt),
    version,
    platformVersion,
    status: statusOf(deps),
    endpoint: deps.endpoint.endpoint,
    certificateAuthority: { data: deps.endpoint.certificateAuthorityData },
    roleArn: `arn:aws:iam::${accountId}:role/${name}-cluster`,
    identity: { oidc: { issuer: issuerOf(deps) } },
    resourcesVpcConfig: {
      subnetIds: settings.subnetIds,
      securityGroupIds: settings.securityGroupIds,
      clusterSecurityGroupId: deps.securityGroupId,
      vpcId: deps.vpcId,
      endpointPublicAccess: settings.endpointPublicAccess,
      endpointPrivateAccess: settings.endpointPrivateAccess,
      publicAccessCidrs: settings.publicAccessCidrs,
    },
    kubernetesNetworkConfig: { ...serviceRange(ipFamily), elasticLoadBalancing: { enabled: spec.autoMode !== undefined } },
    logging: loggingOf(settings.logging),
    accessConfig: { authenticationMode: settings.authenticationMode },
    upgradePolicy: { supportType: settings.supportType },
    zonalShiftConfig: { enabled: settings.zonalShift },
    computeConfig: computeOf(deps),
    storageConfig: { blockStorage: { enabled: spec.autoMode !== undefined } },
    deletionProtection: settings.deletionProtection,
    health: { issues: spec.issues },
    tags: spec.tags,
  }
}

/** What the status was may still be read for some seconds. */
function statusOf({ controlPlane, timeline }: ClusterApiDeps): string {
  const { status, statusShowsAt } = controlPlane
  if (timeline.now() >= statusShowsAt) return status
  return status === 'ACTIVE' ? 'UPDATING' : 'ACTIVE'
}

function issuerOf({ cluster, seed }: ClusterApiDeps): string {
  return `https://oidc.eks.${cluster.region}.amazonaws.com/id/${keyedId(32, seed, 'issuer', cluster.name).toUpperCase()}`
}

function serviceRange(ipFamily: 'ipv4' | 'ipv6'): Record<string, unknown> {
  return ipFamily === 'ipv6' ? { ipFamily, serviceIpv6Cidr: 'fd30:1c4e:5f10::/108' } : { ipFamily, serviceIpv4Cidr: '172.20.0.0/16' }
}

const LOG_TYPES = ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler']

function loggingOf(enabled: readonly string[]): Record<string, unknown> {
  const off = LOG_TYPES.filter((type) => !enabled.includes(type))
  const setups = [
    { types: enabled, enabled: true },
    { types: off, enabled: false },
  ]
  return { clusterLogging: setups.filter(({ types }) => types.length > 0) }
}

function computeOf({ cluster, controlPlane }: ClusterApiDeps): Record<string, unknown> {
  if (controlPlane.spec.autoMode === undefined) return { enabled: false }
  const nodeRoleArn = `arn:aws:iam::${cluster.accountId}:role/${cluster.name}-auto-nodes`
  return { enabled: true, nodePools: ['general-purpose', 'system'], nodeRoleArn }
}
