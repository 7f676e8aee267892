import type { OpenedWorld } from '../../../../../src/sandbox/world/open.ts'
import { call, eks, openWith } from '../../../aws/world-driver.ts'
import { type Cases, CLUSTER } from './case.ts'

/** The quickstart world with something of everything that EKS describes. */
export function openFurnished(): OpenedWorld {
  return openWith('quickstart', FURNISHED)
}

const FURNISHED = `controlPlane:
  upgradedBefore: 1d
  autoMode: {}
  logging: [api]
  tags: { team: shop }
  issues: [{ code: Ec2SubnetNotFound, message: gone, resourceIds: [subnet-1] }]
  fargateProfiles: [{ name: jobs, namespace: jobs, labels: { runs: fargate } }]
  podIdentityAssociations: [{ namespace: shop, serviceAccount: web, roleArn: "arn:aws:iam::111122223333:role/web" }]
  accessEntries: [{ principalArn: "arn:aws:iam::111122223333:role/ops", groups: [ops], policies: ["arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"] }]
  identityProviders: [{ name: dex, issuerUrl: "https://dex.example.com", clientId: kubernetes }]`

const PRINCIPAL = { principalArn: 'arn:aws:iam::111122223333:role/ops' }

function association(world: OpenedWorld): string | undefined {
  return call<{ associations: { associationId: string }[] }>(world.eks, 'ListPodIdentityAssociations', CLUSTER).associations[0]
    ?.associationId
}

export const EKS_CASES: Cases = {
  ListClusters: () => ({}),
  DescribeCluster: () => ({ name: 'shop' }),
  DescribeClusterVersions: () => ({ includeAll: true }),
  UpdateClusterVersion: () => ({ name: 'shop', version: '1.34', force: true }),
  UpdateClusterConfig: () => ({ name: 'shop', deletionProtection: true }),
  CancelUpdate: (world) => ({ name: 'shop', updateId: eks(world, 'UpdateClusterVersion', { version: '1.32', force: true }).update.id }),
  ListFargateProfiles: () => CLUSTER,
  DescribeFargateProfile: () => ({ ...CLUSTER, fargateProfileName: 'jobs' }),
  ListPodIdentityAssociations: () => CLUSTER,
  DescribePodIdentityAssociation: (world) => ({ ...CLUSTER, associationId: association(world) }),
  ListAccessEntries: () => CLUSTER,
  DescribeAccessEntry: () => ({ ...CLUSTER, ...PRINCIPAL }),
  ListAssociatedAccessPolicies: () => ({ ...CLUSTER, ...PRINCIPAL }),
  ListIdentityProviderConfigs: () => CLUSTER,
  DescribeIdentityProviderConfig: () => ({ ...CLUSTER, identityProviderConfig: { type: 'oidc', name: 'dex' } }),
  ListNodegroups: () => CLUSTER,
  DescribeNodegroup: () => ({ ...CLUSTER, nodegroupName: 'data' }),
  CreateNodegroup: (world) => ({
    ...CLUSTER,
    nodegroupName: 'blue',
    nodeRole: 'arn:aws:iam::111122223333:role/nodes',
    subnets: eks(world, 'DescribeNodegroup', { nodegroupName: 'data' }).nodegroup.subnets,
    nodeRepairConfig: { enabled: true },
  }),
  DeleteNodegroup: () => ({ ...CLUSTER, nodegroupName: 'data' }),
  UpdateNodegroupVersion: () => ({ ...CLUSTER, nodegroupName: 'canary', version: '1.33' }),
  UpdateNodegroupConfig: () => ({ ...CLUSTER, nodegroupName: 'canary', scalingConfig: { maxSize: 5 } }),
  ListAddons: () => CLUSTER,
  DescribeAddon: () => ({ ...CLUSTER, addonName: 'vpc-cni' }),
  DescribeAddonVersions: () => ({ addonName: 'vpc-cni' }),
  DescribeAddonConfiguration: () => ({ addonName: 'vpc-cni', addonVersion: 'v1.21.1-eksbuild.7' }),
  CreateAddon: () => ({ ...CLUSTER, addonName: 'aws-ebs-csi-driver', tags: { team: 'shop' } }),
  DeleteAddon: () => ({ ...CLUSTER, addonName: 'coredns' }),
  UpdateAddon: () => ({ ...CLUSTER, addonName: 'vpc-cni', addonVersion: 'v1.21.1-eksbuild.7' }),
  ListUpdates: () => ({ name: 'shop', nodegroupName: 'canary' }),
  DescribeUpdate: (world) => ({
    name: 'shop',
    nodegroupName: 'canary',
    updateId: eks(world, 'UpdateNodegroupVersion', { nodegroupName: 'canary' }).update.id,
  }),
  ListInsights: () => CLUSTER,
  DescribeInsight: (world) => ({
    ...CLUSTER,
    id: call<{ insights: { id: string }[] }>(world.eks, 'ListInsights', CLUSTER).insights[0]?.id,
  }),
  StartInsightsRefresh: () => CLUSTER,
  DescribeInsightsRefresh: () => CLUSTER,
}
