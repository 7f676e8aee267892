import { branchInterfaces } from '../../../src/catalog/checks/branch-interfaces.ts'
import { cniInstanceTypes } from '../../../src/catalog/checks/cni-instance-types.ts'
import { eniconfigZone } from '../../../src/catalog/checks/eniconfig-zone.ts'
import { maxPodsFit } from '../../../src/catalog/checks/max-pods.ts'
import { prefixFragmentation } from '../../../src/catalog/checks/prefix-fragmentation.ts'
import { requestBuckets } from '../../../src/catalog/checks/request-buckets.ts'
import { vcpuQuota } from '../../../src/catalog/checks/vcpu-quota.ts'
import { warmAddresses } from '../../../src/catalog/checks/warm-addresses.ts'
import type { KubernetesObject, Node, Pod } from '../../../src/model/kubernetes.ts'
import { checkTable } from '../../support/check-table.ts'
import { GROUPS, ZONES } from '../../support/healthy-cluster.ts'
import {
  addObjects,
  awsNodeEnv,
  changeAws,
  changeCluster,
  changeGroup,
  changeNodes,
  changeObject,
  changePods,
  everyGroup,
  healthyAddonIntent,
  healthyGroupIntent,
  nodeNames,
  removeObjects,
  type SnapshotChange,
} from '../../support/snapshot-builder.ts'

const [firstOfApp = ''] = nodeNames('app-a')
const noGroupRow = { title: 'no group changes', intent: everyGroup({ changes: false }), verdict: 'pass' } as const
const noCniRow = { title: 'no aws-node', snapshot: [removeObjects('DaemonSet')], verdict: 'pass', words: ['no aws-node'] } as const

const prefixes = awsNodeEnv('ENABLE_PREFIX_DELEGATION', 'true')
const reserved = (Cidr: string, ReservationType: string) =>
  changeAws({ subnetCidrReservations: [{ SubnetId: 'subnet-0a', Cidr, ReservationType }] })
/** One address of somebody in each of the first blocks of subnet-0a. */
const strays =
  (blocks: number): SnapshotChange =>
  (snapshot) =>
    changeAws({
      networkInterfaces: [
        ...(snapshot.aws.networkInterfaces ?? []),
        ...Array.from({ length: blocks }, (_, block) => ({
          NetworkInterfaceId: `eni-stray${block}`,
          SubnetId: 'subnet-0a',
          PrivateIpAddresses: [{ PrivateIpAddress: `10.0.${Math.floor(block / 16)}.${(block % 16) * 16 + 7}` }],
        })),
      ],
    })(snapshot)

// m5.large with one pod under WARM_PREFIX_TARGET=1: two prefixes; two new nodes in each zone: four
checkTable(
  prefixFragmentation,
  [
    { title: 'blocks enough', snapshot: [prefixes], verdict: 'pass', words: ['fit every subnet', 'has the fewest'] },
    {
      title: 'a stray address in every block but three',
      snapshot: [prefixes, strays(60)],
      verdict: 'block',
      subject: 'Subnet/subnet-0a',
      words: ['2 new nodes x 2 prefixes = 4 needed', '3 whole blocks of 16 are free', 'although'],
    },
    { title: 'a stray address in every block but four', snapshot: [prefixes, strays(59)], verdict: 'pass' },
    {
      title: 'all of the subnet kept back for explicit assignment',
      snapshot: [prefixes, reserved('10.0.0.0/22', 'explicit')],
      verdict: 'block',
      subject: 'Subnet/subnet-0a',
      words: ['0 whole blocks'],
    },
    { title: 'all of it kept for prefixes', snapshot: [prefixes, reserved('10.0.0.0/22', 'prefix')], verdict: 'pass' },
    {
      title: 'enough with one pod a node, too few once nodes are as full as the old',
      snapshot: [prefixes, strays(59)],
      intent: everyGroup({ nodes: 2, pods: 40 }),
      verdict: 'warn',
      subject: 'Subnet/subnet-0a',
      words: ['x 3 prefixes = 6 needed', 'one pod a node (4)'],
    },
    { title: 'single addresses', snapshot: [strays(64)], verdict: 'pass', words: ['ENABLE_PREFIX_DELEGATION'] },
    {
      title: 'IPv6',
      snapshot: [prefixes, strays(64), changeCluster({ kubernetesNetworkConfig: { ipFamily: 'ipv6' } })],
      verdict: 'pass',
      words: ['/80'],
    },
    noGroupRow,
    noCniRow,
  ],
  { snapshot: [prefixes] },
)

const withMaxPods = (pods: string) =>
  changeObject<Node>('Node', firstOfApp, (node) => ({ ...node, status: { ...node.status, capacity: { ...node.status?.capacity, pods } } }))

checkTable(maxPodsFit, [
  { title: 'what the type carries', snapshot: [withMaxPods('29')], verdict: 'pass', words: ['20 nodes'] },
  {
    title: '110 on an m5.large without prefixes',
    snapshot: [withMaxPods('110')],
    verdict: 'warn',
    subject: 'NodeGroup/app-a',
    words: ['addresses for 27 pods', 'max-pods of 110 admits 108', '81 pods without an address'],
  },
  { title: '110 with prefixes', snapshot: [withMaxPods('110'), prefixes], verdict: 'pass' },
  {
    title: 'the trunk takes an interface',
    snapshot: [withMaxPods('29'), awsNodeEnv('ENABLE_POD_ENI', 'true')],
    intent: { groups: [healthyGroupIntent({ name: 'app-a', nodes: 5 })] },
    verdict: 'warn',
    subject: 'NodeGroup/app-a',
    words: ['addresses for 18 pods, one interface being the trunk', 'admits 27'],
  },
  {
    title: 'custom networking takes the first interface',
    snapshot: [awsNodeEnv('AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG', 'true')],
    intent: { groups: [healthyGroupIntent({ name: 'app-a', nodes: 5 })] },
    verdict: 'warn',
    subject: 'NodeGroup/app-a',
    words: ['addresses for 18 pods', 'the first interface carrying none'],
  },
  {
    title: 'IPv6',
    snapshot: [withMaxPods('110'), changeCluster({ kubernetesNetworkConfig: { ipFamily: 'ipv6' } })],
    verdict: 'pass',
  },
  noGroupRow,
  noCniRow,
])

const podEni = awsNodeEnv('ENABLE_POD_ENI', 'true')
const allocatable = (branches: string) =>
  changeNodes((node) => ({
    ...node,
    status: { ...node.status, allocatable: { ...node.status?.allocatable, 'vpc.amazonaws.com/pod-eni': branches } },
  }))
const branched = changePods('worker', (pod: Pod) => ({
  ...pod,
  spec: { ...pod.spec, containers: [{ name: 'w', resources: { limits: { 'vpc.amazonaws.com/pod-eni': '1' } } }] },
}))
const onlyBatch = (instanceTypes: readonly string[]) => ({
  groups: [healthyGroupIntent({ name: 'batch', nodes: 4 }, { instanceTypes })],
})

checkTable(
  branchInterfaces,
  [
    { title: 'nobody uses them', snapshot: [branched], verdict: 'pass', words: ['ENABLE_POD_ENI'] },
    { title: 'room enough', snapshot: [podEni, allocatable('9'), branched], verdict: 'pass', words: ['5 node groups'] },
    {
      title: 'a type without a trunk',
      snapshot: [podEni, allocatable('9'), branched],
      intent: onlyBatch(['t3.large']),
      verdict: 'block',
      subject: 'NodeGroup/batch',
      words: ['1 pod with a branch interface', 't3.large has no trunk'],
    },
    {
      title: 'a type that nobody knows',
      snapshot: [podEni, allocatable('9'), branched],
      intent: onlyBatch(['zz9.large']),
      verdict: 'unknown',
      subject: 'NodeGroup/batch',
      words: ['zz9.large'],
    },
    {
      title: 'nodes whose trunk never came',
      snapshot: [podEni, allocatable('0')],
      intent: onlyBatch(['m5.large']),
      verdict: 'warn',
      subject: 'NodeGroup/batch',
      words: ['4 of 4 nodes', 'their trunk never came'],
    },
    noGroupRow,
  ],
  { snapshot: [podEni] },
)

const custom = awsNodeEnv('AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG', 'true')
const byZone = awsNodeEnv('ENI_CONFIG_LABEL_DEF', 'topology.kubernetes.io/zone')
const eniConfig = (name: string, subnet: string) =>
  ({
    apiVersion: 'crd.k8s.amazonaws.com/v1alpha1',
    kind: 'ENIConfig',
    metadata: { name },
    spec: { subnet },
  }) as KubernetesObject
const everyZone = ZONES.map((zone) => eniConfig(zone, `subnet-0${zone.at(-1)}`))
const onlyCanary = { groups: [healthyGroupIntent({ name: 'canary', nodes: 2 })] }

checkTable(
  eniconfigZone,
  [
    { title: 'off', verdict: 'pass', words: ['Custom networking is off'] },
    { title: 'one for each zone, by its name', snapshot: [custom, byZone, addObjects(...everyZone)], verdict: 'pass' },
    {
      title: 'a zone without one',
      snapshot: [custom, byZone, addObjects(...everyZone.slice(0, 2))],
      intent: onlyCanary,
      verdict: 'block',
      subject: 'NodeGroup/canary',
      words: ['in eu-central-1c', 'ENIConfig eu-central-1c, and there is none'],
    },
    {
      title: 'one whose subnet is in another zone',
      snapshot: [custom, byZone, addObjects(...everyZone.slice(0, 2), eniConfig('eu-central-1c', 'subnet-0a'))],
      intent: onlyCanary,
      verdict: 'block',
      subject: 'NodeGroup/canary',
      words: ['names subnet-0a in eu-central-1a'],
    },
    {
      title: 'one whose subnet was not found',
      snapshot: [custom, byZone, addObjects(...everyZone.slice(0, 2), eniConfig('eu-central-1c', 'subnet-gone'))],
      intent: onlyCanary,
      verdict: 'unknown',
      subject: 'NodeGroup/canary',
      words: ['subnet-gone'],
    },
    {
      title: 'the one named default is in one zone only',
      snapshot: [custom, addObjects(eniConfig('default', 'subnet-0a'))],
      intent: onlyCanary,
      verdict: 'block',
      subject: 'NodeGroup/canary',
      words: ['ENIConfig default'],
      findings: 2,
    },
    {
      title: 'a label of the group names it',
      snapshot: [
        custom,
        changeGroup('canary', { labels: { 'k8s.amazonaws.com/eniConfig': 'mine' } }),
        addObjects(eniConfig('mine', 'subnet-0a')),
      ],
      intent: { groups: [healthyGroupIntent({ name: 'canary', nodes: 2 }, { zones: ['eu-central-1a'] })] },
      verdict: 'pass',
    },
    noGroupRow,
  ],
  { snapshot: [custom, byZone, addObjects(...everyZone)] },
)

const quota = (Value: number | undefined) =>
  changeAws({ quotas: Value === undefined ? [] : [{ ServiceCode: 'ec2', QuotaCode: 'L-1216C47A', Value }] })

// 20 nodes of 2 vCPUs run; six surge nodes of 2 beside them: 52
checkTable(vcpuQuota, [
  { title: 'exactly enough', snapshot: [quota(52)], verdict: 'pass', words: ['40 vCPUs run', '6 surge nodes x 2 = 52 of 52'] },
  {
    title: 'one too few',
    snapshot: [quota(51)],
    verdict: 'warn',
    subject: 'Quota/L-1216C47A',
    words: ['= 52 of 51', '1 too many'],
  },
  {
    title: 'what others of the account run counts too',
    snapshot: [
      quota(60),
      changeAws({ instanceCounts: [{ InstanceType: 'c7g.4xlarge', InstanceLifecycle: 'on-demand', Count: 4, VCpus: 64 }] }),
    ],
    verdict: 'warn',
    subject: 'Quota/L-1216C47A',
    words: ['64 vCPUs run in the account'],
  },
  {
    title: 'Spot counts against another quota',
    snapshot: [quota(20), changeAws({ instanceCounts: [{ InstanceType: 'm5.large', InstanceLifecycle: 'spot', VCpus: 400 }] })],
    verdict: 'pass',
  },
  {
    title: 'MINIMAL launches nothing beside',
    snapshot: [quota(40)],
    intent: everyGroup({ surge: 0, updateStrategy: 'MINIMAL' }),
    verdict: 'pass',
  },
  { title: 'a quota that was not told', snapshot: [quota(undefined)], verdict: 'unknown', subject: 'Quota/L-1216C47A' },
  noGroupRow,
])

checkTable(requestBuckets, [
  { title: 'as many nodes as half a bucket serves', intent: everyGroup({ surge: 25 }), verdict: 'pass', words: ['5 batches'] },
  {
    title: 'one more',
    intent: { groups: [healthyGroupIntent({ name: 'app-a', nodes: 5 }, { surge: 26 })] },
    verdict: 'warn',
    subject: 'NodeGroup/app-a',
    words: ['app-a: 26 new nodes x 1 = 26 times AttachNetworkInterface', '50 at once and 5 a second'],
  },
  {
    title: 'more than the bucket holds',
    intent: { groups: [healthyGroupIntent({ name: 'app-a', nodes: 5 }, { surge: 100 })] },
    verdict: 'warn',
    subject: 'NodeGroup/app-a',
    words: ['answered 10s late'],
  },
  { title: 'prefixes need no second interface', snapshot: [prefixes], intent: everyGroup({ surge: 25 }), verdict: 'pass' },
  {
    title: 'pods with branch interfaces that are drained together',
    snapshot: [podEni, branched],
    intent: { groups: [healthyGroupIntent({ name: 'batch', nodes: 4 }, { maxUnavailable: 51 })] },
    verdict: 'warn',
    subject: 'NodeGroup/batch',
    words: ['batch: 51 branch interfaces = 51 times CreateNetworkInterface'],
  },
  noGroupRow,
  noCniRow,
])

const typed = (...instanceTypes: readonly string[]) => changeGroup('app-a', { instanceTypes })
const hops = (...versions: readonly string[]) => ({ addons: [healthyAddonIntent({ hops: versions, target: versions.at(-1) ?? '' })] })

checkTable(cniInstanceTypes, [
  {
    title: 'a family that a hop does not know',
    snapshot: [typed('m9g.large')],
    verdict: 'warn',
    subject: 'InstanceFamily/m9g',
    words: ['since v1.23.0'],
  },
  {
    title: 'a family that panics on the way',
    snapshot: [typed('m8i.large', 'm8i.xlarge')],
    intent: hops('v1.20.1-eksbuild.1', 'v1.21.2-eksbuild.2'),
    verdict: 'block',
    subject: 'InstanceFamily/m8i',
    words: ['v1.20.1-eksbuild.1 does not know m8i.large, m8i.xlarge', 'panics'],
  },
  { title: 'the patch that learnt it', snapshot: [typed('m8i.large')], intent: hops('v1.20.2-eksbuild.1'), verdict: 'pass' },
  {
    title: 'a version that has forgotten one',
    snapshot: [typed('c8in.large')],
    intent: hops('v1.21.2-eksbuild.2', 'v1.22.0-eksbuild.1'),
    verdict: 'warn',
    subject: 'InstanceFamily/c8in',
    words: ['v1.22.0-eksbuild.1 does not know'],
  },
  {
    title: 'the add-on stays: what is installed counts',
    snapshot: [typed('m8a.large')],
    intent: { addons: [] },
    verdict: 'block',
    subject: 'InstanceFamily/m8a',
    words: ['v1.20.4-eksbuild.2'],
  },
  { title: 'a family that nobody knows', snapshot: [typed('zz9.large')], verdict: 'unknown', subject: 'InstanceFamily/zz9' },
  {
    title: 'nothing changes',
    snapshot: [typed('m9g.large')],
    intent: { addons: [], groups: GROUPS.map((group) => healthyGroupIntent(group, { changes: false })) },
    verdict: 'pass',
  },
])

checkTable(warmAddresses, [
  { title: 'an interface ahead', verdict: 'pass', words: ['WARM_ENI_TARGET=1: 20 nodes keep', 'MINIMUM_IP_TARGET='] },
  { title: 'some addresses ahead', snapshot: [awsNodeEnv('WARM_IP_TARGET', '5')], verdict: 'pass', words: ['WARM_IP_TARGET=5'] },
  { title: 'a prefix ahead', snapshot: [prefixes], verdict: 'pass', words: ['WARM_PREFIX_TARGET=1'] },
  {
    title: 'one address ahead',
    snapshot: [awsNodeEnv('WARM_IP_TARGET', '1')],
    verdict: 'warn',
    words: ['WARM_IP_TARGET=1', 'each pod of a new node waits for a call to EC2'],
  },
  { title: 'no interface ahead', snapshot: [awsNodeEnv('WARM_ENI_TARGET', '0')], verdict: 'warn', words: ['WARM_ENI_TARGET=0'] },
  {
    title: 'one address ahead, and as many as pods at the least',
    snapshot: [awsNodeEnv('WARM_IP_TARGET', '1'), awsNodeEnv('MINIMUM_IP_TARGET', '10')],
    verdict: 'pass',
    words: ['WARM_IP_TARGET=1, MINIMUM_IP_TARGET=10'],
  },
  noCniRow,
])
