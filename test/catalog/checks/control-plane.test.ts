import { controlPlaneAddresses } from '../../../src/catalog/checks/control-plane-addresses.ts'
import { controlPlaneNetwork } from '../../../src/catalog/checks/control-plane-network.ts'
import { endpointAccess } from '../../../src/catalog/checks/endpoint-access.ts'
import { knownRiskyTarget } from '../../../src/catalog/checks/known-risky-target.ts'
import { removedApiObjects } from '../../../src/catalog/checks/removed-api-objects.ts'
import { removedApis } from '../../../src/catalog/checks/removed-apis.ts'
import { supportDates } from '../../../src/catalog/checks/support-dates.ts'
import { webhookAlone } from '../../../src/catalog/checks/webhook-alone.ts'
import type { DeprecatedClient, EksCluster } from '../../../src/model/aws.ts'
import type { ManagedFields, Node } from '../../../src/model/kubernetes.ts'
import { checkTable } from '../../support/check-table.ts'
import { aStep } from '../../support/control-plane.ts'
import { GROUPS } from '../../support/healthy-cluster.ts'
import {
  addObjects,
  changeAws,
  changeCluster,
  changeObject,
  healthyGroupIntent,
  nodeNames,
  type SnapshotChange,
} from '../../support/snapshot-builder.ts'
import { aWebhook } from '../../support/webhooks.ts'

const [appNode = '', otherNode = ''] = nodeNames('app-a')
const noGroups = { groups: GROUPS.map((group) => healthyGroupIntent(group, { changes: false })) }

type VpcConfig = NonNullable<EksCluster['resourcesVpcConfig']>

const network =
  (parts: Partial<VpcConfig>): SnapshotChange =>
  (snapshot) =>
    changeCluster({ resourcesVpcConfig: { ...snapshot.aws.cluster?.resourcesVpcConfig, ...parts } })(snapshot)

checkTable(supportDates, [
  {
    title: 'standard support has ended, and the cluster is not to be kept beyond it',
    snapshot: [changeCluster({ upgradePolicy: { supportType: 'STANDARD' } })],
    verdict: 'warn',
    words: ['2026-07-29', 'any day now'],
  },
  { title: 'extended support ends in three days', snapshot: [changeCluster({ version: '1.31' })], verdict: 'warn', words: ['in 3 days'] },
  { title: 'extended support has ended', snapshot: [changeCluster({ version: '1.30' })], verdict: 'warn', words: ['any day now'] },
  { title: 'extended support goes on for four months', snapshot: [changeCluster({ version: '1.32' })], verdict: 'pass' },
  { title: 'a minor that the table does not know', snapshot: [changeCluster({ version: '1.99' })], verdict: 'unknown', words: ['1.99'] },
])

const free =
  (...counts: readonly number[]): SnapshotChange =>
  (snapshot) =>
    changeAws({
      subnets: snapshot.aws.subnets?.map((subnet, place) => ({ ...subnet, AvailableIpAddressCount: counts[place] ?? 0 })),
    })(snapshot)

checkTable(controlPlaneAddresses, [
  {
    title: 'only one zone has five',
    snapshot: [free(900, 4, 0)],
    verdict: 'warn',
    words: ['subnet-0b (eu-central-1b) 4', '1 of the zones'],
  },
  { title: 'two zones have five, the third none', snapshot: [free(5, 5, 0)], verdict: 'pass' },
  {
    title: 'the sum would do, but it is in subnets of nodes only',
    snapshot: [network({ subnetIds: ['subnet-0a'] })],
    verdict: 'warn',
  },
])

checkTable(controlPlaneNetwork, [
  {
    title: 'a subnet is gone',
    snapshot: [network({ subnetIds: ['subnet-0a', 'subnet-0b', 'subnet-0z'] })],
    verdict: 'block',
    subject: 'Subnet/subnet-0z',
  },
  {
    title: 'a security group is gone',
    snapshot: [network({ securityGroupIds: ['sg-0gone'] })],
    verdict: 'block',
    subject: 'SecurityGroup/sg-0gone',
  },
  {
    title: 'that of the cluster is gone',
    snapshot: [changeAws({ securityGroups: [{ GroupId: 'sg-0control' }] })],
    verdict: 'block',
    subject: 'SecurityGroup/sg-0cluster',
  },
])

const silentServer: SnapshotChange = (snapshot) => ({ ...snapshot, kubernetes: { ...snapshot.kubernetes, server: undefined } })
const office = { endpointPrivateAccess: false, publicAccessCidrs: ['203.0.113.0/24'] }

checkTable(endpointAccess, [
  { title: 'no private access, public access limited', snapshot: [network(office)], verdict: 'warn', words: ['203.0.113.0/24'] },
  { title: 'no private access, public access from everywhere', snapshot: [network({ endpointPrivateAccess: false })], verdict: 'pass' },
  { title: 'private access, public access limited', snapshot: [network({ ...office, endpointPrivateAccess: true })], verdict: 'pass' },
  {
    title: 'private access only, and it did not answer',
    snapshot: [network({ endpointPublicAccess: false }), silentServer],
    verdict: 'unknown',
    words: ['private endpoint only'],
  },
  { title: 'private access only, and it answers from here', snapshot: [network({ endpointPublicAccess: false })], verdict: 'pass' },
  { title: 'no group changes', snapshot: [network(office)], intent: noGroups, verdict: 'pass' },
])

const onNode = (info: NonNullable<NonNullable<Node['status']>['nodeInfo']>) =>
  changeObject<Node>('Node', appNode, (node) => ({ ...node, status: { ...node.status, nodeInfo: { ...node.status?.nodeInfo, ...info } } }))
const custom = (version: string, from = '1.34') => ({
  groups: GROUPS.map((group) =>
    healthyGroupIntent(group, group.name === 'app-a' ? { form: 'custom-ami', target: { version }, baseline: { version: from } } : {}),
  ),
})
const ubuntu = [onNode({ osImage: 'Ubuntu 20.04.6 LTS' })]

checkTable(knownRiskyTarget, [
  {
    title: 'an image with cgroup v1 to 1.35',
    snapshot: ubuntu,
    intent: custom('1.35'),
    verdict: 'warn',
    subject: 'NodeGroup/app-a',
    words: ['cgroup v1', '1.35'],
  },
  { title: 'the same image to 1.34', snapshot: ubuntu, intent: custom('1.34', '1.33'), verdict: 'pass' },
  { title: 'the same image, already at 1.35', snapshot: ubuntu, intent: custom('1.35', '1.35'), verdict: 'pass' },
  { title: 'an image with cgroup v2', snapshot: [onNode({ osImage: 'Ubuntu 22.04.4 LTS' })], intent: custom('1.35'), verdict: 'pass' },
  { title: "EKS's own image", snapshot: ubuntu, verdict: 'pass' },
  {
    title: 'an image with containerd 1 to 1.36',
    intent: custom('1.36', '1.35'),
    verdict: 'warn',
    subject: 'NodeGroup/app-a',
    words: ['containerd 1'],
  },
])

const used = (...clientStats: readonly DeprecatedClient[]) =>
  changeAws({
    insights: [
      {
        id: '0001',
        insightStatus: { status: 'ERROR' },
        categorySpecificSummary: {
          deprecationDetails: [
            {
              usage: '/apis/flowcontrol.apiserver.k8s.io/v1beta3/flowschemas',
              replacedWith: '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas',
              stopServingVersion: '1.32',
              clientStats,
            },
          ],
        },
      },
    ],
  })
const client = (userAgent: string, lastRequestTime: string) => ({ userAgent, lastRequestTime, numberOfRequestsLast30Days: 7 })

checkTable(removedApis, [
  {
    title: 'two clients, the latest first',
    snapshot: [used(client('old/1', '2026-10-30T00:00:00Z'), client('new/2', '2026-11-22T00:00:00Z'))],
    verdict: 'warn',
    subject: 'API/apis/flowcontrol.apiserver.k8s.io/v1beta3/flowschemas',
    words: ['new/2 (last at 2026-11-22T00:00:00Z, 7 requests in 30 days); old/1', '1.32'],
  },
  {
    title: 'more clients than are named',
    snapshot: [used(...['a', 'b', 'c', 'd', 'e'].map((name) => client(name, '2026-11-22T00:00:00Z')))],
    verdict: 'warn',
    subject: 'API/apis/flowcontrol.apiserver.k8s.io/v1beta3/flowschemas',
    words: ['2 other clients'],
  },
  { title: 'nobody asks for it', snapshot: [used()], verdict: 'pass' },
])

const OLD = 'flowcontrol.apiserver.k8s.io/v1beta3'
const NEW = 'flowcontrol.apiserver.k8s.io/v1'
const before132 = { intent: { clusterMinor: '1.31' } } as const
const found = { ...before132, verdict: 'warn', subject: `API/${OLD}/FlowSchema` } as const
const helm = (apiVersion: string, time: string): ManagedFields => ({ manager: 'helm', operation: 'Update', apiVersion, time })
const byKubectl: ManagedFields = {
  manager: 'kubectl-client-side-apply',
  operation: 'Update',
  apiVersion: OLD,
  time: '2025-03-01T08:00:00Z',
}
const stepTo = (target: string) => aStep({ baseline: '1.31', target })
const lastApplied = (apiVersion: string) => ({ 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ apiVersion }) })
const tenant = (managedFields: readonly ManagedFields[], annotations: Readonly<Record<string, string>> = {}, name = 'tenant') => [
  addObjects({ apiVersion: NEW, kind: 'FlowSchema', metadata: { name, managedFields, annotations } }),
]

checkTable(removedApiObjects, [
  {
    title: 'a chart that writes a version which the next minor removes',
    snapshot: tenant([helm(OLD, '2025-03-01T08:00:00Z')]),
    ...found,
    words: [
      `1 FlowSchema still written as ${OLD}, gone with Kubernetes 1.32: tenant (by helm, last 2025-03-01)`,
      'leaves the control plane at 1.31',
    ],
  },
  {
    title: 'a run that takes the control plane to that minor is told so',
    snapshot: tenant([helm(OLD, '2025-03-01T08:00:00Z')]),
    ...found,
    intent: { clusterMinor: '1.31', controlPlane: stepTo('1.32') },
    words: ['This run takes the control plane to 1.32'],
  },
  {
    title: 'four objects: one finding that names three',
    snapshot: ['a', 'b', 'c', 'd'].flatMap((name) => tenant([helm(OLD, '2025-03-01T08:00:00Z')], {}, name)),
    ...found,
    words: ['4 FlowSchemas', 'a (by helm', 'and 1 more'],
  },
  {
    title: 'a manifest that kubectl applied, as it notes itself',
    snapshot: tenant([], lastApplied(OLD)),
    ...found,
    words: ['tenant (by kubectl apply)'],
  },
  {
    title: 'a policy, two minors ahead',
    snapshot: [
      addObjects({
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingAdmissionPolicy',
        metadata: { name: 'p', managedFields: [{ ...helm('admissionregistration.k8s.io/v1beta1', '2025-03-01T08:00:00Z') }] },
      }),
    ],
    intent: { clusterMinor: '1.32' },
    verdict: 'warn',
    subject: 'API/admissionregistration.k8s.io/v1beta1/ValidatingAdmissionPolicy',
    words: ['gone with Kubernetes 1.34'],
  },
  {
    title: 'the control plane no longer serves it: what breaks by that has broken',
    snapshot: tenant([helm(OLD, '2025-03-01T08:00:00Z')]),
    verdict: 'pass',
  },
  {
    title: 'the chart has moved since, but for fields that never changed',
    snapshot: tenant([helm(OLD, '2025-03-01T08:00:00Z'), helm(NEW, '2026-03-01T08:00:00Z')]),
    ...before132,
    verdict: 'pass',
  },
  {
    title: 'the manifest has moved since, but for fields that never changed',
    snapshot: tenant([byKubectl], lastApplied(NEW)),
    ...before132,
    verdict: 'pass',
  },
  {
    title: 'an object that the API server keeps at its own default',
    snapshot: tenant([helm(OLD, '2025-03-01T08:00:00Z')], { 'apf.kubernetes.io/autoupdate-spec': 'true' }),
    ...before132,
    verdict: 'pass',
  },
  {
    title: 'an object of EKS itself',
    snapshot: tenant([{ ...helm(OLD, '2025-03-01T08:00:00Z'), manager: 'eks-internal' }], {}, 'eks-exempt'),
    ...before132,
    verdict: 'pass',
  },
])

const alone = { subject: 'ValidatingWebhookConfiguration/policy' } as const

checkTable(webhookAlone, [
  {
    title: 'its only pod is drained, and it is asked about that pod',
    snapshot: aWebhook({ nodes: [appNode] }),
    verdict: 'block',
    ...alone,
    words: ['policy/hook-0', appNode, 'that very pod'],
  },
  {
    title: 'its only pod is drained, and its own namespace is left out',
    snapshot: aWebhook({
      nodes: [appNode],
      namespaceSelector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['policy'] }] },
    }),
    verdict: 'warn',
    ...alone,
    words: ['until it runs again'],
  },
  { title: 'it has a second pod', snapshot: aWebhook({ nodes: [appNode, otherNode] }), verdict: 'pass' },
  { title: 'it fails open', snapshot: aWebhook({ nodes: [appNode], failurePolicy: 'Ignore' }), verdict: 'pass' },
  { title: 'it has no pod: not this check', snapshot: aWebhook({ nodes: [] }), verdict: 'pass' },
  { title: 'its node stays', snapshot: aWebhook({ nodes: ['elsewhere'] }), verdict: 'pass' },
  { title: 'no group changes', snapshot: aWebhook({ nodes: [appNode] }), intent: noGroups, verdict: 'pass' },
])
