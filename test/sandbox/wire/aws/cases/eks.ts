import { call, eks } from '../../../aws/world-driver.ts'
import { type Cases, CLUSTER } from './case.ts'

export const EKS_CASES: Cases = {
  ListClusters: () => ({}),
  DescribeCluster: () => ({ name: 'shop' }),
  DescribeClusterVersions: () => ({}),
  ListFargateProfiles: () => CLUSTER,
  ListNodegroups: () => CLUSTER,
  DescribeNodegroup: () => ({ ...CLUSTER, nodegroupName: 'data' }),
  UpdateNodegroupVersion: () => ({ ...CLUSTER, nodegroupName: 'canary', version: '1.33' }),
  UpdateNodegroupConfig: () => ({ ...CLUSTER, nodegroupName: 'canary', scalingConfig: { maxSize: 5 } }),
  ListAddons: () => CLUSTER,
  DescribeAddon: () => ({ ...CLUSTER, addonName: 'vpc-cni' }),
  DescribeAddonVersions: () => ({ addonName: 'vpc-cni' }),
  DescribeAddonConfiguration: () => ({ addonName: 'vpc-cni', addonVersion: 'v1.21.1-eksbuild.7' }),
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
