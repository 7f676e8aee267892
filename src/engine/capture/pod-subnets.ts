import type { KubernetesObject } from '../../model/kubernetes.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import type { ClusterPorts } from '../../ports/ports.ts'
import type { Pass } from './pass.ts'

type Aws = ClusterSnapshot['aws']

/** Subnets that ENIConfigs name and no group does, with their interfaces and reservations: known only once Kubernetes was read. */
export async function withPodSubnets({ ec2 }: ClusterPorts, pass: Pass, aws: Aws, objects: readonly KubernetesObject[]): Promise<Aws> {
  const known = new Set((aws.subnets ?? []).map(({ SubnetId }) => SubnetId))
  const ids = [...new Set(objects.flatMap(subnetOf))].filter((id) => !known.has(id)).sort()
  if (aws.subnets === undefined || ids.length === 0) return aws
  const [subnets = [], networkInterfaces = [], reservations] = await Promise.all([
    pass.read('ec2:DescribeSubnets', () => ec2.describeSubnets(ids)),
    pass.read('ec2:DescribeNetworkInterfaces', () => ec2.describeNetworkInterfaces(ids)),
    pass.readEach('ec2:GetSubnetCidrReservations', ids, (id) => ec2.subnetCidrReservations(id)),
  ])
  return {
    ...aws,
    subnets: [...aws.subnets, ...subnets],
    ...(aws.networkInterfaces && { networkInterfaces: [...aws.networkInterfaces, ...networkInterfaces] }),
    subnetCidrReservations: [...(aws.subnetCidrReservations ?? []), ...reservations.flat()],
  }
}

function subnetOf(object: KubernetesObject & { readonly spec?: { readonly subnet?: unknown } }): readonly string[] {
  return object.kind === 'ENIConfig' && typeof object.spec?.subnet === 'string' ? [object.spec.subnet] : []
}
