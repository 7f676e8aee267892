import { type AddonVersion, compareAddonVersions, parseAddonVersion } from '../../model/addon-version.ts'

/**
 * EC2 actions that aws-node calls with its own credentials. Read on 2026-11-20 from
 * https://github.com/aws/amazon-vpc-cni-k8s/blob/master/docs/iam-policy.md and, for the versions, from the code of each release.
 */
interface ActionRow {
  readonly action: string
  readonly ipFamily?: 'ipv4' | 'ipv6'
  /** First and last version that calls it; every one without. */
  readonly from?: string
  readonly to?: string
  /** Not called where ENABLE_SUBNET_DISCOVERY is off. */
  readonly discovery?: true
}

const ROWS: readonly ActionRow[] = [
  ...[
    'AssignPrivateIpAddresses',
    'AttachNetworkInterface',
    'CreateNetworkInterface',
    'DeleteNetworkInterface',
    'DetachNetworkInterface',
    'ModifyNetworkInterfaceAttribute',
    'UnassignPrivateIpAddresses',
  ].map((name): ActionRow => ({ action: `ec2:${name}`, ipFamily: 'ipv4' })),
  { action: 'ec2:AssignIpv6Addresses', ipFamily: 'ipv6' },
  ...['CreateTags', 'DescribeInstances', 'DescribeInstanceTypes', 'DescribeNetworkInterfaces', 'DescribeTags'].map((name) => ({
    action: `ec2:${name}`,
  })),
  { action: 'ec2:DescribeSubnets', from: '1.18.0', ipFamily: 'ipv4', discovery: true },
  { action: 'ec2:DescribeSubnets', from: '1.22.0', ipFamily: 'ipv6', discovery: true },
  // taken back in 1.22.2; the published policy goes on listing it
  { action: 'ec2:DescribeSecurityGroups', from: '1.22.0', to: '1.22.1' },
]

/** Every action that any version asks for: what a snapshot has simulated. */
export const CNI_ACTIONS: readonly string[] = [...new Set(ROWS.map(({ action }) => action))].sort()

/** Actions that a version needs on a cluster. */
export function cniActions(version: AddonVersion, cluster: { readonly ipv6: boolean; readonly discovery: boolean }): readonly string[] {
  const family = cluster.ipv6 ? 'ipv6' : 'ipv4'
  return ROWS.filter(
    (row) => (row.ipFamily ?? family) === family && (row.discovery === undefined || cluster.discovery) && isCalledBy(row, version),
  ).map(({ action }) => action)
}

function isCalledBy({ from, to }: ActionRow, version: AddonVersion): boolean {
  const [first, last] = [parseAddonVersion(from), parseAddonVersion(to)]
  return (
    (first === undefined || compareAddonVersions(version, first) >= 0) && (last === undefined || compareAddonVersions(version, last) <= 0)
  )
}
