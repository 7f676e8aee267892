import { subnetAddresses } from '../../../src/catalog/checks/subnet-addresses.ts'
import type { KubernetesObject, Pod } from '../../../src/model/kubernetes.ts'
import { checkTable } from '../../support/check-table.ts'
import { ZONES } from '../../support/healthy-cluster.ts'
import {
  addObjects,
  awsNodeEnv,
  changeAws,
  changeCluster,
  changePods,
  everyGroup,
  healthyGroupIntent,
  healthyPlan,
  removeObjects,
  type SnapshotChange,
} from '../../support/snapshot-builder.ts'

const free =
  (subnet: string, AvailableIpAddressCount: number | undefined): SnapshotChange =>
  (snapshot) =>
    changeAws({
      subnets: snapshot.aws.subnets?.map((each) => (each.SubnetId === subnet ? { ...each, AvailableIpAddressCount } : each)),
    })(snapshot)

const secondSubnetInA =
  (count: number): SnapshotChange =>
  (snapshot) =>
    changeAws({
      subnets: [
        ...(snapshot.aws.subnets ?? []),
        { SubnetId: 'subnet-1a', AvailabilityZone: 'eu-central-1a', CidrBlock: '10.0.12.0/22', AvailableIpAddressCount: count },
      ],
    })(snapshot)

const withBranch = (pod: Pod): Pod => ({
  ...pod,
  spec: { ...pod.spec, containers: [{ name: 'w', resources: { limits: { 'vpc.amazonaws.com/pod-eni': '1' } } }] },
})

const eniConfig = (zone: string): KubernetesObject & { readonly spec: object } => ({
  apiVersion: 'crd.k8s.amazonaws.com/v1alpha1',
  kind: 'ENIConfig',
  metadata: { name: zone },
  spec: { subnet: `subnet-pods-${zone.at(-1)}`, securityGroups: ['sg-pods'] },
})

const customNetworking = [
  awsNodeEnv('AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG', 'true'),
  awsNodeEnv('ENI_CONFIG_LABEL_DEF', 'topology.kubernetes.io/zone'),
  addObjects(...ZONES.map(eniConfig)),
]

const podSubnets =
  (AvailableIpAddressCount: number): SnapshotChange =>
  (snapshot) =>
    changeAws({
      subnets: [
        ...(snapshot.aws.subnets ?? []),
        ...ZONES.map((AvailabilityZone, place) => ({
          SubnetId: `subnet-pods-${AvailabilityZone.at(-1)}`,
          AvailabilityZone,
          CidrBlock: `100.64.${place}.0/24`,
          AvailableIpAddressCount,
        })),
      ],
    })(snapshot)

const bothSubnets = everyGroup({ subnets: ['subnet-0a', 'subnet-1a', 'subnet-0b', 'subnet-0c'] })
const together = { waves: healthyPlan().waves.map((wave) => ({ ...wave, batch: 2 })) }
const halfTogether = { waves: healthyPlan().waves.map((wave) => ({ ...wave, batch: '50%' as const })) }

// m5.large with one pod: two interfaces of ten addresses, 20; surge 6 over three zones: two new nodes in each, 40
checkTable(subnetAddresses, [
  {
    title: 'one zone has 25 addresses',
    snapshot: [free('subnet-0a', 25)],
    verdict: 'block',
    subject: 'Subnet/subnet-0a',
    words: ['eu-central-1a', '10.0.0.0/22', '2 new nodes x 20 addresses = 40 needed', '25 are free', '15 too few'],
  },
  { title: 'exactly enough', snapshot: [free('subnet-0a', 40)], verdict: 'pass' },
  { title: 'one too few', snapshot: [free('subnet-0a', 39)], verdict: 'block', subject: 'Subnet/subnet-0a', words: ['1 too few'] },
  {
    title: 'plenty in the other zones does not help',
    snapshot: [free('subnet-0a', 25), free('subnet-0b', 5000)],
    verdict: 'block',
    subject: 'Subnet/subnet-0a',
  },
  {
    title: 'two zones',
    snapshot: [free('subnet-0a', 25), free('subnet-0c', 0)],
    verdict: 'block',
    subject: 'Subnet/subnet-0c',
    words: ['subnet-0c', '40 too few'],
    findings: 2,
  },
  {
    title: 'two groups together need twice as many',
    snapshot: [free('subnet-0a', 79)],
    plan: together,
    verdict: 'block',
    subject: 'Subnet/subnet-0a',
    words: ['app-a: 2 new nodes x 20 addresses + app-b: 2 new nodes x 20 addresses = 80 needed'],
  },
  { title: 'the same groups one after the other', snapshot: [free('subnet-0a', 79)], verdict: 'pass' },
  { title: 'half of two groups is one', snapshot: [free('subnet-0a', 79)], plan: halfTogether, verdict: 'pass' },
  {
    title: 'MINIMAL launches nothing beside',
    snapshot: [free('subnet-0a', 5)],
    intent: everyGroup({ surge: 0, updateStrategy: 'MINIMAL' }),
    verdict: 'pass',
  },
  {
    title: 'enough at first, too few once the new nodes are as full as the old',
    snapshot: [free('subnet-0a', 45)],
    intent: everyGroup({ nodes: 4, pods: 48 }),
    verdict: 'warn',
    subject: 'Subnet/subnet-0a',
    words: ['2 new nodes x 30 addresses = 60 needed', '45 are free', '15 too few', 'one pod a node (40)'],
  },
  {
    title: 'a second subnet of the zone would do',
    snapshot: [free('subnet-0a', 25), secondSubnetInA(500)],
    intent: bothSubnets,
    verdict: 'warn',
    subject: 'Subnet/subnet-0a',
    words: ['subnet-1a of the same zone would do'],
  },
  {
    title: 'a second subnet of the zone is as small',
    snapshot: [free('subnet-0a', 25), secondSubnetInA(25)],
    intent: bothSubnets,
    verdict: 'block',
    subject: 'Subnet/subnet-1a',
    findings: 2,
  },
  {
    title: 'prefixes take 33 a node',
    snapshot: [free('subnet-0a', 65), awsNodeEnv('ENABLE_PREFIX_DELEGATION', 'true')],
    verdict: 'block',
    subject: 'Subnet/subnet-0a',
    words: ['2 new nodes x 33 addresses = 66 needed'],
  },
  {
    title: 'a small warm target takes less',
    snapshot: [free('subnet-0a', 25), awsNodeEnv('WARM_IP_TARGET', '2'), awsNodeEnv('MINIMUM_IP_TARGET', '5')],
    verdict: 'pass',
  },
  {
    title: 'a warm target of nought is none',
    snapshot: [free('subnet-0a', 25), awsNodeEnv('WARM_IP_TARGET', '0')],
    verdict: 'block',
    subject: 'Subnet/subnet-0a',
  },
  {
    title: 'IPv6 takes one a node',
    snapshot: [free('subnet-0a', 2), changeCluster({ kubernetesNetworkConfig: { ipFamily: 'ipv6' } })],
    verdict: 'pass',
  },
  {
    title: 'custom networking: nodes take one of their own subnet, and their pods 20 of another',
    snapshot: [...customNetworking, podSubnets(39), free('subnet-0a', 2)],
    verdict: 'block',
    subject: 'Subnet/subnet-pods-a',
    words: ['2 new nodes x 20 addresses = 40 needed', '39 are free'],
    findings: 3,
  },
  { title: 'custom networking, exactly enough', snapshot: [...customNetworking, podSubnets(40), free('subnet-0a', 2)], verdict: 'pass' },
  {
    title: 'custom networking: too few for the nodes themselves',
    snapshot: [...customNetworking, podSubnets(400), free('subnet-0a', 1)],
    verdict: 'block',
    subject: 'Subnet/subnet-0a',
    words: ['2 new nodes x 1 addresses = 2 needed'],
  },
  {
    title: 'custom networking: the subnets of the pods were not read',
    snapshot: customNetworking,
    intent: { groups: [healthyGroupIntent({ name: 'canary', nodes: 2 })] },
    verdict: 'unknown',
    subject: 'NodeGroup/canary',
    words: ['subnet-pods-a of ENIConfig eu-central-1a'],
    findings: 3,
  },
  {
    title: 'custom networking without an ENIConfig for a zone',
    snapshot: [awsNodeEnv('AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG', 'true')],
    intent: { groups: [healthyGroupIntent({ name: 'canary', nodes: 2 })] },
    verdict: 'unknown',
    subject: 'NodeGroup/canary',
    words: ['no ENIConfig default'],
    findings: 3,
  },
  {
    title: 'branch interfaces: one trunk a node',
    snapshot: [free('subnet-0a', 41), awsNodeEnv('ENABLE_POD_ENI', 'true')],
    verdict: 'block',
    subject: 'Subnet/subnet-0a',
    words: ['2 new nodes x 21 addresses = 42 needed'],
  },
  {
    title: 'branch interfaces: one more for each pod that has one',
    snapshot: [free('subnet-0a', 43), awsNodeEnv('ENABLE_POD_ENI', 'true'), changePods('worker', withBranch)],
    verdict: 'warn',
    subject: 'Subnet/subnet-0a',
    words: ['batch: 2 new nodes x 22 addresses = 44 needed', 'one pod a node (42)'],
  },
  { title: 'a known type without DescribeInstanceTypes', snapshot: [changeAws({ instanceTypes: undefined })], verdict: 'pass' },
  {
    title: 'a type that nobody knows',
    snapshot: [changeAws({ instanceTypes: [] })],
    intent: { groups: [healthyGroupIntent({ name: 'canary', nodes: 2 }, { instanceTypes: ['zz9.large'] })] },
    verdict: 'unknown',
    subject: 'NodeGroup/canary',
    words: ['zz9.large'],
  },
  {
    title: 'of several types the hungriest counts',
    snapshot: [free('subnet-0a', 59)],
    intent: everyGroup({ instanceTypes: ['m5.large', 'm5.xlarge'] }),
    verdict: 'block',
    subject: 'Subnet/subnet-0a',
    words: ['x 30 addresses = 60 needed'],
  },
  {
    title: 'a zone without a subnet that was read',
    intent: { groups: [healthyGroupIntent({ name: 'canary', nodes: 2 }, { subnets: ['subnet-0a', 'subnet-0b'] })] },
    verdict: 'unknown',
    subject: 'NodeGroup/canary',
    words: ['eu-central-1c'],
  },
  { title: 'a subnet that does not say', snapshot: [free('subnet-0a', undefined)], verdict: 'unknown', subject: 'Subnet/subnet-0a' },
  { title: 'no aws-node', snapshot: [removeObjects('DaemonSet')], verdict: 'unknown', words: ['no aws-node'] },
  { title: 'no group changes', snapshot: [free('subnet-0a', 0)], intent: everyGroup({ changes: false }), verdict: 'pass' },
])
