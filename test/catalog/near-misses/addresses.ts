import { branchInterfaces } from '../../../src/catalog/checks/branch-interfaces.ts'
import { cniInstanceTypes } from '../../../src/catalog/checks/cni-instance-types.ts'
import { eniconfigZone } from '../../../src/catalog/checks/eniconfig-zone.ts'
import { leakedInterfaces } from '../../../src/catalog/checks/leaked-interfaces.ts'
import { maxPodsFit } from '../../../src/catalog/checks/max-pods.ts'
import { prefixFragmentation } from '../../../src/catalog/checks/prefix-fragmentation.ts'
import { requestBuckets } from '../../../src/catalog/checks/request-buckets.ts'
import { subnetAddresses } from '../../../src/catalog/checks/subnet-addresses.ts'
import { vcpuQuota } from '../../../src/catalog/checks/vcpu-quota.ts'
import { warmAddresses } from '../../../src/catalog/checks/warm-addresses.ts'
import type { KubernetesObject, Node } from '../../../src/model/kubernetes.ts'
import { GROUPS, ZONES } from '../../support/healthy-cluster.ts'
import type { NearMiss } from '../../support/near-miss.ts'
import {
  addObjects,
  awsNodeEnv,
  changeAws,
  changeGroup,
  changeNodes,
  changeObject,
  healthyGroupIntent,
  nodeNames,
  type SnapshotChange,
} from '../../support/snapshot-builder.ts'

const [appNode = ''] = nodeNames('app-a')

const free =
  (AvailableIpAddressCount: number): SnapshotChange =>
  (snapshot) =>
    changeAws({
      subnets: snapshot.aws.subnets?.map((each) => (each.SubnetId === 'subnet-0a' ? { ...each, AvailableIpAddressCount } : each)),
    })(snapshot)

const reserved = (ReservationType: string) => [
  awsNodeEnv('ENABLE_PREFIX_DELEGATION', 'true'),
  changeAws({ subnetCidrReservations: [{ SubnetId: 'subnet-0a', Cidr: '10.0.0.0/22', ReservationType }] }),
]

const left =
  (Status: string): SnapshotChange =>
  (snapshot) => {
    const TagSet = [{ Key: 'node.k8s.amazonaws.com/instance_id', Value: 'i-gone' }]
    const another = { NetworkInterfaceId: 'eni-0left', SubnetId: 'subnet-0a', Status, TagSet }
    return changeAws({ networkInterfaces: [...(snapshot.aws.networkInterfaces ?? []), another] })(snapshot)
  }

const maxPods = (pods: string) =>
  changeObject<Node>('Node', appNode, (node) => ({ ...node, status: { ...node.status, capacity: { ...node.status?.capacity, pods } } }))

const branches = (node: Node, number: string): Node => ({
  ...node,
  status: { ...node.status, allocatable: { ...node.status?.allocatable, 'vpc.amazonaws.com/pod-eni': number } },
})
const trunks = (onOne: string) => [
  awsNodeEnv('ENABLE_POD_ENI', 'true'),
  changeNodes((node) => branches(node, '9')),
  changeObject<Node>('Node', appNode, (node) => branches(node, onOne)),
]

const eniConfigs = (last: string) => [
  awsNodeEnv('AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG', 'true'),
  awsNodeEnv('ENI_CONFIG_LABEL_DEF', 'topology.kubernetes.io/zone'),
  addObjects(
    ...[...ZONES.slice(0, 2), last].map((name) => {
      const spec = { subnet: `subnet-0${ZONES.find((zone) => zone === name)?.at(-1) ?? 'c'}` }
      return { apiVersion: 'crd.k8s.amazonaws.com/v1alpha1', kind: 'ENIConfig', metadata: { name }, spec } as KubernetesObject
    }),
  ),
]

const quota = (Value: number) => changeAws({ quotas: [{ ServiceCode: 'ec2', QuotaCode: 'L-1216C47A', Value }] })
const surge = (number: number) => ({ groups: GROUPS.map((group) => healthyGroupIntent(group, { surge: number })) })

/** Addresses and limits. */
export const ADDRESSES: readonly NearMiss[] = [
  {
    check: subnetAddresses,
    title: 'one address fewer than the surge takes, though the other zones have plenty',
    fires: { snapshot: [free(39)] },
    silent: { snapshot: [free(40)] },
  },
  {
    check: warmAddresses,
    title: 'one address is kept ready, not two',
    fires: { snapshot: [awsNodeEnv('WARM_IP_TARGET', '1')] },
    silent: { snapshot: [awsNodeEnv('WARM_IP_TARGET', '2')] },
  },
  {
    check: prefixFragmentation,
    title: 'the range is kept for explicit assignment, not for prefixes',
    fires: { snapshot: reserved('explicit') },
    silent: { snapshot: reserved('prefix') },
  },
  {
    check: leakedInterfaces,
    title: 'the interface is attached to nothing',
    fires: { snapshot: [left('available')] },
    silent: { snapshot: [left('in-use')] },
  },
  {
    check: maxPodsFit,
    title: 'max-pods is one above the addresses',
    fires: { snapshot: [maxPods('30')] },
    silent: { snapshot: [maxPods('29')] },
  },
  {
    check: branchInterfaces,
    title: 'one node never showed its trunk',
    fires: { snapshot: trunks('0') },
    silent: { snapshot: trunks('9') },
  },
  {
    check: eniconfigZone,
    title: 'the third ENIConfig is named after another zone',
    fires: { snapshot: eniConfigs('eu-central-1d') },
    silent: { snapshot: eniConfigs('eu-central-1c') },
  },
  { check: vcpuQuota, title: 'one vCPU too few', fires: { snapshot: [quota(51)] }, silent: { snapshot: [quota(52)] } },
  {
    check: requestBuckets,
    title: 'one group starts 26 nodes together, not 25',
    fires: { intent: { groups: surge(25).groups.map((group) => (group.name === 'data' ? { ...group, surge: 26 } : group)) } },
    silent: { intent: surge(25) },
  },
  {
    check: cniInstanceTypes,
    title: 'a family that is newer than the version',
    fires: { snapshot: [changeGroup('app-a', { instanceTypes: ['m9g.large'] })] },
    silent: { snapshot: [changeGroup('app-a', { instanceTypes: ['m8g.large'] })] },
  },
]
