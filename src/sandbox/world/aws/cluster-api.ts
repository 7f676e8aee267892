import type { Instant } from '../../../model/instant.ts'
import { instantOf } from '../../../model/instant.ts'
import type { AwsHandlers } from '../../contract.ts'
import type { ClusterSpec } from '../world-spec.ts'
import { dateOf, type Input, numberOf, pageOf, required, textOf, textsOf } from './answers.ts'
import { invalidParameter, notFound } from './eks-errors.ts'
import { describeUpdate, type Updates } from './updates.ts'

/** Where the API server listens and whose certificate it shows; set when the wire server is up. */
export interface ApiServer {
  endpoint: string
  certificateAuthorityData: string
}

export interface ClusterApiDeps {
  readonly cluster: ClusterSpec
  readonly vpcId: string
  readonly subnetIds: readonly string[]
  readonly securityGroupId: string
  readonly createdAt: Instant
  readonly start: Instant
  readonly apiServer: ApiServer
  readonly updates: Updates
}

/** The operations of EKS on the cluster itself and on updates, in SDK shapes. */
export function clusterHandlers(deps: ClusterApiDeps): AwsHandlers {
  return {
    ListClusters: () => ({ clusters: [deps.cluster.name] }),
    DescribeCluster: () => ({ cluster: describeCluster(deps) }),
    DescribeClusterVersions: (input) => describeClusterVersions(deps, input),
    ListFargateProfiles: () => ({ fargateProfileNames: [] }),
    DescribeUpdate: (input) => {
      const id = required(input, 'updateId', invalidParameter)
      const update = deps.updates.find(subjectOf(input), id)
      if (update === undefined) throw notFound(`No update found for ID: ${id}`, { clusterName: deps.cluster.name })
      return { update: describeUpdate(update) }
    },
    ListUpdates(input) {
      const ids = deps.updates.list(subjectOf(input)).map(({ id }) => id)
      const page = pageOf(ids, textOf(input, 'nextToken'), numberOf(input, 'maxResults') ?? 100, () => invalidParameter('Invalid token'))
      return { updateIds: page.items, nextToken: page.next }
    },
  }
}

function subjectOf(input: Input): string {
  const [nodegroup, addon] = [textOf(input, 'nodegroupName'), textOf(input, 'addonName')]
  if (nodegroup !== undefined && addon !== undefined) throw invalidParameter('Only one of nodegroupName and addonName may be given.')
  if (nodegroup !== undefined) return `nodegroup/${nodegroup}`
  return addon === undefined ? 'cluster' : `addon/${addon}`
}

function describeCluster(deps: ClusterApiDeps): Record<string, unknown> {
  const { name, region, accountId, kubernetesVersion, platformVersion, ipFamily = 'ipv4' } = deps.cluster
  return {
    name,
    arn: `arn:aws:eks:${region}:${accountId}:cluster/${name}`,
    createdAt: dateOf(deps.createdAt),
    version: kubernetesVersion,
    platformVersion,
    status: 'ACTIVE',
    endpoint: deps.apiServer.endpoint,
    certificateAuthority: { data: deps.apiServer.certificateAuthorityData },
    roleArn: `arn:aws:iam::${accountId}:role/${name}-cluster`,
    resourcesVpcConfig: {
      subnetIds: deps.subnetIds,
      securityGroupIds: [],
      clusterSecurityGroupId: deps.securityGroupId,
      vpcId: deps.vpcId,
      endpointPublicAccess: true,
      endpointPrivateAccess: true,
      publicAccessCidrs: ['0.0.0.0/0'],
    },
    kubernetesNetworkConfig: {
      ipFamily,
      ...(ipFamily === 'ipv4' ? { serviceIpv4Cidr: '172.20.0.0/16' } : { serviceIpv6Cidr: 'fd30:1c53:5f8a::/108' }),
    },
    accessConfig: { authenticationMode: 'API_AND_CONFIG_MAP' },
    upgradePolicy: { supportType: 'EXTENDED' },
    health: { issues: [] },
    tags: {},
  }
}

/** Release and end dates from https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html. Later minors: their dates are not answered. */
const CLUSTER_VERSIONS: readonly (readonly [minor: string, released: string, standardEnds?: string, extendedEnds?: string])[] = [
  ['1.28', '2023-09-26', '2024-11-26', '2025-11-26'],
  ['1.29', '2024-01-23', '2025-03-23', '2026-03-23'],
  ['1.30', '2024-05-23', '2025-07-23', '2026-07-23'],
  ['1.31', '2024-09-26', '2025-11-26', '2026-11-26'],
  ['1.32', '2025-01-23', '2026-03-23', '2027-03-23'],
  ['1.33', '2025-05-29', '2026-07-29', '2027-07-29'],
  ['1.34', '2025-10-02', '2026-12-02', '2027-12-02'],
]

function describeClusterVersions(deps: ClusterApiDeps, input: Input): Record<string, unknown> {
  const wanted = textsOf(input, 'clusterVersions')
  const out = CLUSTER_VERSIONS.filter(([, released]) => (instantOf(released) ?? 0) <= deps.start)
  const rows = out.filter(([minor]) => wanted.length === 0 || wanted.includes(minor))
  return {
    clusterVersions: rows.map(([clusterVersion, released, standardEnds, extendedEnds]) => ({
      clusterVersion,
      clusterType: 'eks',
      releaseDate: dayOf(released),
      endOfStandardSupportDate: dayOf(standardEnds),
      endOfExtendedSupportDate: dayOf(extendedEnds),
      versionStatus: supportAt(deps.start, standardEnds, extendedEnds),
    })),
  }
}

function dayOf(text: string | undefined): Date | undefined {
  const instant = instantOf(text)
  return instant === undefined ? undefined : dateOf(instant)
}

function supportAt(now: Instant, standardEnds: string | undefined, extendedEnds: string | undefined): string {
  if (now < (instantOf(standardEnds) ?? Number.POSITIVE_INFINITY)) return 'STANDARD_SUPPORT'
  return now < (instantOf(extendedEnds) ?? Number.POSITIVE_INFINITY) ? 'EXTENDED_SUPPORT' : 'UNSUPPORTED'
}
