import { vcpuQuotaOf } from '../../catalog/knowledge/vcpu-quotas.ts'
import type { EksNodegroup, Image } from '../../model/aws.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import type { ClusterPorts } from '../../ports/ports.ts'
import type { Pass } from './pass.ts'

type Aws = ClusterSnapshot['aws']

/** The quotas that the groups' instances count against, and everything in the account that counts against them too. */
export async function readQuotas(
  { account, ec2 }: ClusterPorts,
  pass: Pass,
  groups: readonly EksNodegroup[],
): Promise<Pick<Aws, 'quotas' | 'instanceCounts'>> {
  const codes = groups.flatMap(({ instanceTypes = [], capacityType }) =>
    instanceTypes.flatMap((type) => vcpuQuotaOf(type, capacityType === 'SPOT' ? 'spot' : 'on-demand')?.code ?? []),
  )
  const [quotas, instanceCounts] = await Promise.all([
    pass.readEach('servicequotas:GetServiceQuota', [...new Set(codes)].sort(), (code) => account.quota('ec2', code)),
    pass.read('ec2:DescribeInstances', () => ec2.countInstances()),
  ])
  return {
    quotas: quotas.filter((quota) => quota !== undefined),
    ...(instanceCounts === undefined ? {} : { instanceCounts }),
  }
}

/** AMIs that nodes run, that templates bring, and that SSM recommends: those the run launches, forwards and back. */
export async function readImages({ ec2 }: ClusterPorts, pass: Pass, aws: Aws): Promise<{ readonly images?: readonly Image[] }> {
  const ids = [
    ...(aws.nodegroups ?? []).map(({ releaseVersion }) => releaseVersion),
    ...(aws.autoScalingGroups ?? []).flatMap(({ Instances = [] }) => Instances.map(({ ImageId }) => ImageId)),
    ...(aws.launchTemplateVersions ?? []).map(({ LaunchTemplateData }) => LaunchTemplateData?.ImageId),
    ...(aws.ssmParameters ?? []).map(({ Value }) => Value),
  ].filter((id) => id?.startsWith('ami-') === true)
  const distinct = [...new Set(ids)].flatMap((id) => id ?? []).sort()
  const images = distinct.length === 0 ? [] : await pass.read('ec2:DescribeImages', () => ec2.describeImages(distinct))
  return images === undefined ? {} : { images: images.map(essentials) }
}

/** Block devices, tags and the like are of no use here. */
function essentials({ ImageId, Name, OwnerId, State, Public, DeprecationTime }: Image): Image {
  return { ImageId, Name, OwnerId, State, Public, ...(DeprecationTime === undefined ? {} : { DeprecationTime }) }
}
