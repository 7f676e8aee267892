import { REMOVED_APIS } from '../catalog/knowledge/removed-apis.ts'
import { type ClusterSnapshot, type Unavailable, whyUnavailable } from '../model/snapshot.ts'
import { RESOURCES } from '../ports/kubernetes.ts'

/** Where the answer to each question that checks need stands in a snapshot. */
interface Evidence {
  readonly part: (snapshot: ClusterSnapshot) => unknown
  /** Other calls without which the answer is missing or not whole. */
  readonly also?: readonly string[]
}

/** Objects of all kinds stand in one list. */
const OBJECTS = [...Object.values(RESOURCES), ...REMOVED_APIS].map(({ plural }): [string, Evidence] => [
  `kubernetes:${plural}`,
  { part: ({ kubernetes }) => kubernetes.items },
])

const EVIDENCE: Readonly<Record<string, Evidence>> = {
  ...Object.fromEntries(OBJECTS),
  'aws:credentials': { part: ({ aws }) => aws.credentials },
  'aws:clock': { part: ({ aws }) => aws.clockOffset },
  'sts:GetCallerIdentity': { part: ({ aws }) => aws.callerIdentity },
  'eks:DescribeCluster': { part: ({ aws }) => aws.cluster },
  'eks:ListAddons': { part: ({ aws }) => aws.addons, also: ['eks:DescribeAddon'] },
  'eks:DescribeAddonVersions': { part: ({ aws }) => aws.addonVersions },
  'eks:DescribeAddonConfiguration': { part: ({ aws }) => aws.addonConfigurations },
  'eks:DescribeNodegroup': { part: ({ aws }) => aws.nodegroups, also: ['eks:ListNodegroups'] },
  'eks:ListUpdates': { part: ({ aws }) => aws.updates, also: ['eks:DescribeUpdate'] },
  'eks:ListInsights': { part: ({ aws }) => aws.insights, also: ['eks:StartInsightsRefresh'] },
  'eks:DescribeInsight': { part: ({ aws }) => aws.insights },
  'eks:DescribePodIdentityAssociation': { part: ({ aws }) => aws.principals },
  'iam:GetRole': { part: ({ aws }) => aws.principals },
  'iam:SimulatePrincipalPolicy': { part: ({ aws }) => aws.principals },
  'autoscaling:DescribeAutoScalingGroups': { part: ({ aws }) => aws.autoScalingGroups },
  'ec2:DescribeNetworkInterfaces': { part: ({ aws }) => aws.networkInterfaces },
  'ec2:DescribeSecurityGroups': { part: ({ aws }) => aws.securityGroups },
  'ec2:DescribeSubnets': { part: ({ aws }) => aws.subnets },
  'ec2:DescribeImages': { part: ({ aws }) => aws.images },
  'ec2:DescribeInstances': { part: ({ aws }) => aws.instanceCounts },
  'ec2:DescribeInstanceTypes': { part: ({ aws }) => aws.instanceTypes },
  'ec2:DescribeLaunchTemplateVersions': { part: ({ aws }) => aws.launchTemplateVersions },
  'ec2:GetSubnetCidrReservations': { part: ({ aws }) => aws.subnetCidrReservations },
  'autoscaling:DescribeInstanceRefreshes': { part: ({ aws }) => aws.instanceRefreshes },
  'servicequotas:GetServiceQuota': { part: ({ aws }) => aws.quotas },
  'kubernetes:selfsubjectaccessreviews': { part: ({ kubernetes }) => kubernetes.accessReviews },
  'kubernetes:subjectaccessreviews': { part: ({ kubernetes }) => kubernetes.awsNodeReviews },
  'kubernetes:customresourcedefinitions': { part: ({ kubernetes }) => kubernetes.definitions },
  'kubernetes:kube-proxy-config': { part: ({ kubernetes }) => kubernetes.kubeProxyMode },
  'kubernetes:serviceaccounts': { part: ({ kubernetes }) => kubernetes.awsNodeRole },
  'kubernetes:serin-lease': { part: ({ lease }) => lease },
  'kubernetes:server': { part: ({ kubernetes }) => kubernetes.server, also: ['kubernetes:version'] },
}

/** The calls without which a part of the snapshot is missing or not whole. */
export function sourcesOf(need: string): readonly string[] {
  return [need, ...(EVIDENCE[need]?.also ?? [])]
}

const isEmpty = (part: unknown) => Array.isArray(part) && part.length === 0

/** What a snapshot lacks of the parts that a check needs, and whether something of each part is there all the same. */
export interface Gap {
  readonly unavailable: Unavailable
  /** The list is there, but not the whole of it. */
  readonly partial: boolean
}

/**
 * Gaps in the parts a check needs: those that the snapshot names, and lists that are not there at all.
 * A Kubernetes kind that could not be listed looks just like one without objects, and so does a list of which nothing
 * could be described: they are never partial.
 * @throws Error when a check needs a part that this table does not know: a defect of the check.
 */
export function gapsIn(snapshot: ClusterSnapshot, needs: readonly string[]): readonly Gap[] {
  return needs.flatMap((need) => {
    const evidence = EVIDENCE[need]
    if (!evidence) throw new Error(`no part of a snapshot is called ${need}`)
    const part = evidence.part(snapshot)
    const absent = part === undefined
    const named = sourcesOf(need).flatMap((source) => whyUnavailable(snapshot, source) ?? [])[0]
    if (named) return [{ unavailable: named, partial: !absent && !isEmpty(part) && !need.startsWith('kubernetes:') }]
    return absent ? [{ unavailable: { source: need, reason: 'not in the snapshot' }, partial: false }] : []
  })
}
