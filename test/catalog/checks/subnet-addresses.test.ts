import { subnetAddresses } from '../../../src/catalog/checks/subnet-addresses.ts'
import type { GroupIntent } from '../../../src/model/intent.ts'
import type { Workload } from '../../../src/model/kubernetes.ts'
import { checkTable } from '../../support/check-table.ts'
import { GROUPS } from '../../support/healthy-cluster.ts'
import {
  changeAws,
  changeCluster,
  changeObject,
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

const env = (name: string, value: string) =>
  changeObject<Workload>('DaemonSet', 'aws-node', (set) => {
    const spec = set.spec?.template?.spec
    const containers = spec?.containers?.map((each) =>
      each.name === 'aws-node' ? { ...each, env: [...(each.env ?? []).filter((entry) => entry.name !== name), { name, value }] } : each,
    )
    return { ...set, spec: { ...set.spec, template: { ...set.spec?.template, spec: { ...spec, containers } } } }
  })

const secondSubnetInA =
  (count: number): SnapshotChange =>
  (snapshot) =>
    changeAws({
      subnets: [
        ...(snapshot.aws.subnets ?? []),
        { SubnetId: 'subnet-1a', AvailabilityZone: 'eu-central-1a', CidrBlock: '10.0.12.0/22', AvailableIpAddressCount: count },
      ],
    })(snapshot)

const groups = (parts: Partial<GroupIntent>) => ({ groups: GROUPS.map((group) => healthyGroupIntent(group, parts)) })
const bothSubnets = groups({ subnets: ['subnet-0a', 'subnet-1a', 'subnet-0b', 'subnet-0c'] })
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
    words: ['subnet-0a'],
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
    intent: groups({ surge: 0, updateStrategy: 'MINIMAL' }),
    verdict: 'pass',
  },
  {
    title: 'enough at first, too few once the new nodes are as full as the old',
    snapshot: [free('subnet-0a', 45)],
    intent: groups({ nodes: 4, pods: 48 }),
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
    snapshot: [free('subnet-0a', 65), env('ENABLE_PREFIX_DELEGATION', 'true')],
    verdict: 'block',
    subject: 'Subnet/subnet-0a',
    words: ['2 new nodes x 33 addresses = 66 needed'],
  },
  {
    title: 'a small warm target takes less',
    snapshot: [free('subnet-0a', 25), env('WARM_IP_TARGET', '2'), env('MINIMUM_IP_TARGET', '5')],
    verdict: 'pass',
  },
  {
    title: 'a warm target of nought is none',
    snapshot: [free('subnet-0a', 25), env('WARM_IP_TARGET', '0')],
    verdict: 'block',
    subject: 'Subnet/subnet-0a',
  },
  {
    title: 'IPv6 takes one a node',
    snapshot: [free('subnet-0a', 2), changeCluster({ kubernetesNetworkConfig: { ipFamily: 'ipv6' } })],
    verdict: 'pass',
  },
  {
    title: 'custom networking: the subnets of the pods were not read',
    snapshot: [env('AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG', 'true')],
    verdict: 'unknown',
    words: ['ENIConfig'],
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
    intent: groups({ instanceTypes: ['m5.large', 'm5.xlarge'] }),
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
  { title: 'no group changes', snapshot: [free('subnet-0a', 0)], intent: groups({ changes: false }), verdict: 'pass' },
])
