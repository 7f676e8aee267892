import { type AddonVersion, compareAddonVersions, parseAddonVersion } from '../../model/addon-version.ts'
import { compareMinors, parseMinor } from '../../model/kubernetes-minor.ts'

/** What is known against versions of the Amazon VPC CNI. Read from the sources of each row on 2026-11-20. */
export interface CautionRow {
  /** First and last version concerned, all builds; without `to` every later version too. */
  readonly from: string
  readonly to?: string
  readonly problem: string
  readonly fixedIn?: string
  readonly source: string
  /** `withdrawn`: AWS took it back, nobody should run it. */
  readonly severity: 'caution' | 'withdrawn'
  /** Clusters concerned; without it all. */
  readonly only?: { readonly ipFamily?: 'ipv6'; readonly kubernetesUpTo?: string }
}

const REPOSITORY = 'https://github.com/aws/amazon-vpc-cni-k8s'
const POLICY_AGENT = 'https://github.com/aws/aws-network-policy-agent'

/** Newest first. */
export const CNI_CAUTIONS: readonly CautionRow[] = [
  {
    from: '1.23.0',
    to: '1.23.0',
    problem:
      'ipamd no longer listens on TCP 50051 and needs a network policy agent of 1.4.1 or later; probes and scrapers of that port break',
    fixedIn: '1.23.1, which ships the fitting pair',
    source: `${REPOSITORY}/blob/master/CHANGELOG.md`,
    severity: 'caution',
  },
  {
    from: '1.22.0',
    problem: 'aws-node calls ec2:DescribeSubnets while it sets up interfaces; an IPv6 role without that action keeps it from starting',
    fixedIn: 'the role: allow ec2:DescribeSubnets, or set ENABLE_SUBNET_DISCOVERY to "false"',
    source: `${REPOSITORY}/blob/master/docs/iam-policy.md`,
    severity: 'caution',
    only: { ipFamily: 'ipv6' },
  },
  {
    from: '1.22.0',
    to: '1.22.1',
    problem:
      'aws-node does not start without ec2:DescribeSecurityGroups, and calls it every 30 s on every node (over 10,000 calls in 15 min were reported)',
    fixedIn: '1.22.2',
    source: `${REPOSITORY}/issues/3704`,
    severity: 'caution',
  },
  {
    from: '1.22.0',
    to: '1.22.0',
    problem: 'the EC2 client has no HTTP time-out: aws-node may hang for ever at its start',
    fixedIn: '1.22.1',
    source: `${REPOSITORY}/pull/3677`,
    severity: 'caution',
  },
  {
    from: '1.21.1',
    to: '1.21.1',
    problem: 'with network policy agent 1.3.2 pods were reported to lose traffic without any policy (AL2023, kernel 6.12)',
    source: `${POLICY_AGENT}/issues/553`,
    severity: 'caution',
  },
  {
    from: '1.21.0',
    to: '1.21.0',
    problem: 'the policy agent looks for ClusterPolicyEndpoint objects that the ClusterRole does not allow',
    fixedIn: '1.21.1',
    source: `${REPOSITORY}/pull/3550`,
    severity: 'caution',
  },
  {
    from: '1.20.0',
    to: '1.20.1',
    problem: 'the policy agent may fail to bind port 50052',
    fixedIn: '1.20.2',
    source: `${REPOSITORY}/pull/3442`,
    severity: 'caution',
  },
  {
    from: '1.19.4',
    to: '1.21.1',
    problem: 'the EC2 client has no HTTP time-out: aws-node may hang for ever at its start',
    fixedIn: '1.21.2',
    source: `${REPOSITORY}/pull/3677`,
    severity: 'caution',
  },
  {
    from: '1.19.4',
    to: '1.19.4',
    problem: 'nodes do not initialise with custom networking and security groups for pods together; failed add-on updates were reported',
    fixedIn: '1.19.5',
    source: `${REPOSITORY}/issues/3271`,
    severity: 'caution',
  },
  {
    from: '1.18.3',
    to: '1.18.3',
    problem: 'aws-node was reported to hang at "Checking for IPAM connectivity" on some nodes; it waits for the API server without limit',
    fixedIn: '1.18.5, better 1.19.5 or later',
    source: `${REPOSITORY}/issues/3224`,
    severity: 'caution',
  },
  {
    from: '1.17.1',
    to: '1.18.0',
    problem: 'the network policy agent 1.1.0 panics',
    fixedIn: 'a later 1.18',
    source: `${POLICY_AGENT}/issues/258`,
    severity: 'caution',
  },
  {
    from: '1.16.0',
    to: '1.16.1',
    problem: 'writes a CNI configuration of version 1.0.0, which Kubernetes 1.23 and older cannot read',
    fixedIn: '1.16.2',
    source: 'https://docs.aws.amazon.com/eks/latest/userguide/managing-vpc-cni.html',
    severity: 'caution',
    only: { kubernetesUpTo: '1.23' },
  },
  {
    from: '1.15.0',
    to: '1.15.1',
    problem: 'the network policy agent panics (configureeBPFProbes)',
    fixedIn: 'a later build; which one is not known',
    source: `${POLICY_AGENT}/issues/97`,
    severity: 'caution',
  },
  {
    from: '1.14.0',
    to: '1.14.1',
    problem: 'the network policy agent crashes on kernels before 5.10 and on GPU images',
    fixedIn: 'a newer image',
    source: `${REPOSITORY}/issues/2540`,
    severity: 'caution',
  },
  {
    from: '1.12.0',
    to: '1.12.0',
    problem: 'aws-node needs the right to update nodes, which the former ClusterRole lacks',
    fixedIn: '1.12.1',
    source: `${REPOSITORY}/issues/2218`,
    severity: 'caution',
  },
  {
    from: '1.10.0',
    to: '1.10.0',
    problem: 'needs IMDSv1 and new environment variables; an update of the image alone crashes ipamd',
    fixedIn: '1.10.1',
    source: `${REPOSITORY}/blob/master/docs/troubleshooting.md`,
    severity: 'caution',
  },
]

export interface CautionScope {
  readonly ipFamily?: string
  /** The cluster's minor, `1.33`. */
  readonly kubernetes?: string
}

/**
 * Rows about a version. A row for some clusters only is left out when the scope says that this cluster is another;
 * without a scope every row counts.
 */
export function knownBad(version: AddonVersion, scope: CautionScope = {}, rows = CNI_CAUTIONS): readonly CautionRow[] {
  return rows.filter((row) => concerns(row, version) && appliesIn(row, scope))
}

function concerns(row: CautionRow, version: AddonVersion): boolean {
  const from = parseAddonVersion(row.from)
  const to = parseAddonVersion(row.to)
  return from !== undefined && compareAddonVersions(version, from) >= 0 && (to === undefined || compareAddonVersions(version, to) <= 0)
}

function appliesIn({ only }: CautionRow, scope: CautionScope): boolean {
  if (only?.ipFamily !== undefined && scope.ipFamily !== undefined && scope.ipFamily !== only.ipFamily) return false
  const limit = parseMinor(only?.kubernetesUpTo)
  const minor = parseMinor(scope.kubernetes)
  return limit === undefined || minor === undefined || compareMinors(minor, limit) <= 0
}
