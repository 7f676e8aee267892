import { clusterActive } from '../../../src/catalog/checks/cluster-active.ts'
import { identity } from '../../../src/catalog/checks/identity.ts'
import { nodegroupActive } from '../../../src/catalog/checks/nodegroup-active.ts'
import { nodegroupUpdate } from '../../../src/catalog/checks/nodegroup-update.ts'
import { openRun } from '../../../src/catalog/checks/open-run.ts'
import { planResolved } from '../../../src/catalog/checks/plan-resolved.ts'
import { serinOnNode } from '../../../src/catalog/checks/serin-on-node.ts'
import type { EksUpdate } from '../../../src/model/aws.ts'
import type { ClusterSnapshot } from '../../../src/model/snapshot.ts'
import { checkTable } from '../../support/check-table.ts'
import { ACCOUNT, CERTIFICATE, ENDPOINT, GROUPS } from '../../support/healthy-cluster.ts'
import { appPod } from '../../support/healthy-kubernetes.ts'
import {
  addObjects,
  changeAddon,
  changeAws,
  changeCluster,
  changeGroup,
  healthyAddonIntent,
  healthyGroupIntent,
  healthyPlan,
  nodeNames,
  removeObjects,
  type SnapshotChange,
  unreadable,
} from '../../support/snapshot-builder.ts'

const cluster = healthyPlan().cluster
const unchanged = GROUPS.map((group) => healthyGroupIntent(group, { changes: false }))

const server =
  (parts: NonNullable<ClusterSnapshot['kubernetes']['server']>): SnapshotChange =>
  (snapshot) => ({ ...snapshot, kubernetes: { ...snapshot.kubernetes, server: parts } })

const OTHER = 'https://FFFFFFFF.gr7.eu-central-1.eks.amazonaws.com'
const otherServer = server({ endpoint: OTHER, certificateAuthorityData: 'b3RoZXI=' })
const noInstances = changeAws({ autoScalingGroups: [{ AutoScalingGroupName: 'x', Instances: [{ InstanceId: 'i-0ffffffffffffffff' }] }] })

checkTable(identity, [
  {
    title: 'the plan is for another account',
    plan: { cluster: { ...cluster, accountId: '999999999999' } },
    verdict: 'block',
    words: ['accountId', '999999999999', ACCOUNT],
    findings: 2,
  },
  {
    title: 'the plan is for another Region',
    plan: { cluster: { ...cluster, region: 'eu-west-1' } },
    verdict: 'block',
    words: ['region', 'eu-west-1', 'eu-central-1'],
  },
  {
    title: 'another cluster answered',
    snapshot: [changeCluster({ arn: `arn:aws:eks:eu-central-1:${ACCOUNT}:cluster/shop-2` })],
    verdict: 'block',
    words: ['name', 'shop-2'],
  },
  {
    title: 'a cluster of another partition is recognised all the same',
    snapshot: [changeCluster({ arn: `arn:aws-cn:eks:eu-central-1:${ACCOUNT}:cluster/shop` })],
    verdict: 'pass',
  },
  { title: 'an ARN that is none', snapshot: [changeCluster({ arn: 'shop' })], verdict: 'unknown', words: ['no usable ARN'] },
  {
    title: 'credentials of another account',
    snapshot: [changeAws({ callerIdentity: { Account: '999999999999', Arn: 'arn:aws:sts::999999999999:assumed-role/x/y' } })],
    verdict: 'block',
    words: ['999999999999', ACCOUNT],
  },
  { title: 'credentials of nobody', snapshot: [changeAws({ callerIdentity: {} })], verdict: 'unknown', words: ['not said'] },
  {
    title: 'the API server of another cluster, with other nodes',
    snapshot: [otherServer, noInstances],
    verdict: 'block',
    words: [OTHER, ENDPOINT],
  },
  { title: 'another address and certificate, but its nodes are ours (a terminating proxy)', snapshot: [otherServer], verdict: 'pass' },
  {
    title: 'another address and certificate, and no nodes to compare',
    snapshot: [otherServer, changeAws({ autoScalingGroups: [] })],
    verdict: 'unknown',
    words: ['no node could be compared'],
  },
  {
    title: 'another address with our certificate (a tunnel)',
    snapshot: [server({ endpoint: 'https://localhost:8443', certificateAuthorityData: CERTIFICATE }), noInstances],
    verdict: 'pass',
  },
  {
    title: 'our address with another certificate, and other nodes',
    snapshot: [server({ endpoint: ENDPOINT, certificateAuthorityData: 'b3RoZXI=' }), noInstances],
    verdict: 'block',
  },
  { title: 'our address, certificate not said', snapshot: [server({ endpoint: `${ENDPOINT}/` }), noInstances], verdict: 'pass' },
])

const openedRun =
  (openRun: ClusterSnapshot['openRun']): SnapshotChange =>
  (snapshot) => ({ ...snapshot, openRun })

checkTable(openRun, [
  {
    title: 'a run of somebody else is open',
    snapshot: [openedRun({ run: 'r-7', openedBy: 'mira', openedAt: '2026-11-23T10:00:00.000Z' })],
    verdict: 'block',
    words: ['r-7', 'mira', '2026-11-23T10:00:00'],
  },
  { title: 'nobody looked when the snapshot was taken', snapshot: [openedRun(undefined)], verdict: 'warn', words: ['does not stand'] },
  { title: 'the record could not be read', snapshot: [openedRun(undefined), unreadable('kubernetes:serin-run')], verdict: 'unknown' },
])

const update = (parts: Partial<EksUpdate>): SnapshotChange =>
  changeAws({ updates: [{ id: 'u-1', status: 'InProgress', type: 'VersionUpdate', createdAt: '2026-11-23T09:40:00Z', ...parts }] })

checkTable(clusterActive, [
  { title: 'the cluster is UPDATING', snapshot: [changeCluster({ status: 'UPDATING' })], verdict: 'block', words: ['UPDATING', '409'] },
  { title: 'a status that is not named', snapshot: [changeCluster({ status: undefined })], verdict: 'unknown' },
  { title: 'an update of the cluster is in progress', snapshot: [update({})], verdict: 'block', words: ['u-1', 'VersionUpdate', '09:40'] },
  { title: 'the same update has ended', snapshot: [update({ status: 'Successful' })], verdict: 'pass' },
  { title: 'the same update has failed', snapshot: [update({ status: 'Failed' })], verdict: 'pass' },
  { title: 'an update in a status nobody knows', snapshot: [update({ status: 'Cancelling' })], verdict: 'block', words: ['Cancelling'] },
  {
    title: 'an update of an add-on is in progress',
    snapshot: [update({ addonName: 'vpc-cni', type: 'AddonUpdate' })],
    verdict: 'block',
    subject: 'Addon/vpc-cni',
  },
  { title: 'an update of a node group is not its business', snapshot: [update({ nodegroupName: 'app-a' })], verdict: 'pass' },
  {
    title: 'the add-on of the plan is not at rest',
    snapshot: [changeAddon('vpc-cni', { status: 'UPDATE_FAILED' })],
    verdict: 'block',
    subject: 'Addon/vpc-cni',
    words: ['UPDATE_FAILED'],
  },
  {
    title: 'the add-on of the plan is degraded, with the reason',
    snapshot: [
      changeAddon('vpc-cni', {
        status: 'DEGRADED',
        health: { issues: [{ code: 'InsufficientNumberOfReplicas', message: '19/20 available' }] },
      }),
    ],
    verdict: 'warn',
    subject: 'Addon/vpc-cni',
    words: ['InsufficientNumberOfReplicas', '19/20'],
  },
  { title: 'another add-on is not at rest', snapshot: [changeAddon('coredns', { status: 'UPDATE_FAILED' })], verdict: 'pass' },
  {
    title: 'the same add-on when the plan leaves it alone',
    snapshot: [changeAddon('vpc-cni', { status: 'UPDATE_FAILED' })],
    intent: { addons: [healthyAddonIntent({ hops: [] })] },
    verdict: 'pass',
  },
  {
    title: 'EKS reports a health issue of the cluster',
    snapshot: [changeCluster({ health: { issues: [{ code: 'Ec2SubnetNotFound', message: 'subnet-0z is gone' }] } })],
    verdict: 'warn',
    words: ['Ec2SubnetNotFound', 'subnet-0z'],
  },
])

checkTable(nodegroupActive, [
  {
    title: 'a group is DEGRADED',
    snapshot: [changeGroup('app-a', { status: 'DEGRADED' })],
    verdict: 'block',
    subject: 'NodeGroup/app-a',
    words: ['DEGRADED'],
  },
  {
    title: 'the same group is not in the run',
    snapshot: [changeGroup('app-a', { status: 'DEGRADED' })],
    intent: { groups: GROUPS.map((group) => healthyGroupIntent(group, { changes: group.name !== 'app-a' })) },
    verdict: 'pass',
  },
  {
    title: 'an ACTIVE group with a health issue',
    snapshot: [
      changeGroup('data', {
        health: { issues: [{ code: 'AsgInstanceLaunchFailures', message: 'no capacity', resourceIds: ['eks-data'] }] },
      }),
    ],
    verdict: 'block',
    subject: 'NodeGroup/data',
    words: ['AsgInstanceLaunchFailures', 'eks-data', 'no capacity'],
  },
  {
    title: 'a group that was not described',
    snapshot: [changeAws({ nodegroups: [] })],
    verdict: 'unknown',
    subject: 'NodeGroup/batch',
    findings: 5,
  },
  { title: 'no group changes', snapshot: [changeGroup('app-a', { status: 'DEGRADED' })], intent: { groups: unchanged }, verdict: 'pass' },
  { title: 'the groups were not read: nobody knows which change', snapshot: [changeAws({ nodegroups: undefined })], verdict: 'unknown' },
])

checkTable(nodegroupUpdate, [
  {
    title: 'EKS updates a group of the run',
    snapshot: [update({ nodegroupName: 'app-a' })],
    verdict: 'block',
    subject: 'NodeGroup/app-a',
    words: ['u-1', '409'],
  },
  {
    title: 'EKS updates a group that the run leaves alone',
    snapshot: [update({ nodegroupName: 'forensics' })],
    verdict: 'warn',
    subject: 'NodeGroup/forensics',
    words: ['steady control'],
  },
  { title: 'the update has ended', snapshot: [update({ nodegroupName: 'app-a', status: 'Cancelled' })], verdict: 'pass' },
  { title: 'an update of an add-on is not its business', snapshot: [update({ addonName: 'vpc-cni' })], verdict: 'pass' },
])

const problem = { subject: 'NodeGroup/app-a', message: 'The image could not be resolved.', remedy: 'Name a release version.' }

checkTable(planResolved, [
  {
    title: 'something could not be resolved',
    intent: { problems: [{ ...problem, verdict: 'block' }] },
    verdict: 'block',
    subject: 'NodeGroup/app-a',
    words: ['image'],
  },
  {
    title: 'something could not be read',
    intent: { problems: [{ ...problem, verdict: 'unknown' }] },
    verdict: 'unknown',
    subject: 'NodeGroup/app-a',
  },
])

const runsOn = (node: string | undefined): SnapshotChange[] => [
  (snapshot) => ({ ...snapshot, takenFrom: { namespace: 'ops', pod: 'serin-0', ...(node !== undefined && { node }) } }),
]
const [appNode = ''] = nodeNames('app-a')

const withoutAppA = { groups: GROUPS.map((group) => healthyGroupIntent(group, { changes: group.name !== 'app-a' })) }

checkTable(
  serinOnNode,
  [
    {
      title: 'it runs on a node of the plan',
      snapshot: runsOn(appNode),
      verdict: 'block',
      subject: 'Pod/ops/serin-0',
      words: [appNode, 'app-a', 'evict itself'],
    },
    { title: 'it runs on the same node, which the plan leaves alone', snapshot: runsOn(appNode), intent: withoutAppA, verdict: 'pass' },
    {
      title: 'its pod says on which node it runs',
      snapshot: [...runsOn(undefined), addObjects(appPod('ops', 'serin-0', {}, appNode))],
      verdict: 'block',
      subject: 'Pod/ops/serin-0',
    },
    {
      title: 'nobody says on which node it runs',
      snapshot: runsOn(undefined),
      verdict: 'unknown',
      subject: 'Pod/ops/serin-0',
      words: ['which node is not known'],
    },
    {
      title: 'its node was not read',
      snapshot: [...runsOn(appNode), removeObjects('Node')],
      verdict: 'unknown',
      subject: 'Pod/ops/serin-0',
      words: [appNode],
    },
    { title: 'no group changes', snapshot: runsOn(appNode), intent: { groups: unchanged }, verdict: 'pass' },
  ],
  { snapshot: runsOn(appNode) },
)
