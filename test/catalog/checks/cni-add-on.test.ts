import { addonBuild } from '../../../src/catalog/checks/addon-build.ts'
import { addonOlder } from '../../../src/catalog/checks/addon-older.ts'
import { addonRole } from '../../../src/catalog/checks/addon-role.ts'
import { cniKubernetesAccess } from '../../../src/catalog/checks/cni-access.ts'
import { cniChanges } from '../../../src/catalog/checks/cni-changes.ts'
import { cniFloor } from '../../../src/catalog/checks/cni-floor.ts'
import { cniImages } from '../../../src/catalog/checks/cni-images.ts'
import { cniSocket } from '../../../src/catalog/checks/cni-socket.ts'
import { companionVersion } from '../../../src/catalog/checks/companion-version.ts'
import { fieldOwners } from '../../../src/catalog/checks/field-owners.ts'
import { kubeProxyMode } from '../../../src/catalog/checks/kube-proxy-mode.ts'
import type { AddonVersionInfo } from '../../../src/model/aws.ts'
import type { AddonIntent } from '../../../src/model/intent.ts'
import type { KubernetesObject, Node } from '../../../src/model/kubernetes.ts'
import type { ClusterSnapshot } from '../../../src/model/snapshot.ts'
import { owner, setManagers, setTag, setVariable, withoutContainer } from '../../support/aws-node.ts'
import { checkTable } from '../../support/check-table.ts'
import { CNI_AFTER, CNI_BEFORE, GROUPS } from '../../support/healthy-cluster.ts'
import {
  addObjects,
  changeAddon,
  changeAws,
  changeCluster,
  changeObject,
  healthyAddonIntent,
  healthyGroupIntent,
  healthyPlan,
  nodeNames,
  type SnapshotChange,
} from '../../support/snapshot-builder.ts'

const [appNode = ''] = nodeNames('app-a')
const cni = (parts: Partial<AddonIntent>) => ({ addons: [healthyAddonIntent(parts)] })
const from = (version: string, ...hops: readonly string[]) => cni({ baseline: { version }, hops, target: hops.at(-1) ?? version })
const stays = { addons: [] }
const DAEMON_SET = { subject: 'DaemonSet/kube-system/aws-node' } as const
const ADDON = { subject: 'Addon/vpc-cni' } as const

const kubernetes =
  (parts: Partial<ClusterSnapshot['kubernetes']>): SnapshotChange =>
  (snapshot) => ({ ...snapshot, kubernetes: { ...snapshot.kubernetes, ...parts } })

const listedAs =
  (parts: Partial<AddonVersionInfo>): SnapshotChange =>
  (snapshot) =>
    changeAws({
      addonVersions: snapshot.aws.addonVersions?.map((listing) => ({
        ...listing,
        addonVersions: listing.addonVersions?.map((info) => (info.addonVersion === CNI_AFTER ? { ...info, ...parts } : info)),
      })),
    })(snapshot)
const platforms = (...platformVersions: readonly string[]) => listedAs({ compatibilities: [{ clusterVersion: '1.33', platformVersions }] })
const arm = changeObject<Node>('Node', appNode, (node) => ({
  ...node,
  status: { ...node.status, nodeInfo: { ...node.status?.nodeInfo, architecture: 'arm64' } },
}))

checkTable(addonBuild, [
  {
    title: 'a build for newer platform versions',
    snapshot: [platforms('eks.10', 'eks.11')],
    verdict: 'block',
    ...ADDON,
    words: ['eks.9', 'eks.10'],
  },
  { title: 'a build for this platform version', snapshot: [platforms('eks.9')], verdict: 'pass' },
  {
    title: 'a platform version that is not said',
    snapshot: [platforms('eks.9'), changeCluster({ platformVersion: undefined })],
    verdict: 'unknown',
    ...ADDON,
  },
  {
    title: 'a node of an architecture that the build lacks',
    snapshot: [arm, listedAs({ architecture: ['amd64'] })],
    verdict: 'block',
    ...ADDON,
    words: ['arm64', appNode],
  },
  { title: 'a node of an architecture that the build has', snapshot: [arm], verdict: 'pass' },
  { title: 'no add-on moves', snapshot: [platforms('eks.10')], intent: stays, verdict: 'pass' },
])

const wanted = (version: string) => ({
  target: { ...healthyPlan().target, addons: healthyPlan().target.addons.map((addon) => ({ ...addon, version })) },
})

checkTable(addonOlder, [
  {
    title: 'a default that is older than what is installed',
    intent: from(CNI_AFTER, CNI_BEFORE),
    verdict: 'block',
    ...ADDON,
    words: [`from ${CNI_AFTER} down to ${CNI_BEFORE}`, 'recommended'],
  },
  {
    title: 'an older build of the same version',
    intent: from('v1.20.4-eksbuild.10', 'v1.20.4-eksbuild.3'),
    verdict: 'block',
    ...ADDON,
  },
  {
    title: 'an older version that the plan names',
    intent: from(CNI_AFTER, CNI_BEFORE),
    plan: wanted(CNI_BEFORE.slice(1)),
    verdict: 'warn',
    ...ADDON,
    words: ['the plan names'],
  },
  { title: 'a newer build, though lower as text', intent: from('v1.20.4-eksbuild.3', 'v1.20.4-eksbuild.10'), verdict: 'pass' },
])

const MULTI_NIC = setVariable('ENABLE_MULTI_NIC', 'true')

checkTable(cniFloor, [
  {
    title: 'down over 1.20 with several network cards in use',
    snapshot: [MULTI_NIC],
    intent: from('v1.20.4-eksbuild.2', 'v1.19.6-eksbuild.7'),
    verdict: 'block',
    ...ADDON,
    words: ['below 1.20.0', 'network cards'],
  },
  { title: 'the same way with one card', intent: from('v1.20.4-eksbuild.2', 'v1.19.6-eksbuild.7'), verdict: 'pass' },
  {
    title: 'up over 1.20 with several cards: the way back',
    snapshot: [MULTI_NIC],
    intent: from('v1.19.6-eksbuild.7', 'v1.20.4-eksbuild.2'),
    verdict: 'warn',
    ...ADDON,
    words: ['The way back'],
  },
  { title: 'above 1.20 with several cards', snapshot: [MULTI_NIC], verdict: 'pass' },
  {
    title: 'down over 1.12.1, whatever is in use',
    intent: from('v1.13.4-eksbuild.1', 'v1.12.0-eksbuild.1'),
    verdict: 'block',
    ...ADDON,
    words: ['cannot be deleted'],
  },
  { title: 'vpc-cni stays', snapshot: [MULTI_NIC], intent: stays, verdict: 'pass' },
])

checkTable(cniImages, [
  {
    title: 'the image alone was set by hand',
    snapshot: [setTag('aws-node', 'v1.21.2'), setTag('aws-vpc-cni-init', 'v1.21.2')],
    verdict: 'block',
    ...DAEMON_SET,
    words: ['v1.21.2', CNI_BEFORE, 'the image alone'],
  },
  {
    title: 'the init container is of another version',
    snapshot: [setTag('aws-vpc-cni-init', 'v1.20.4-eksbuild.1')],
    verdict: 'block',
    ...DAEMON_SET,
    words: ['wrong client version'],
  },
  {
    title: 'a node agent that asks on a socket that is not there',
    snapshot: [setTag('aws-eks-nodeagent', 'v1.4.1-eksbuild.1')],
    verdict: 'block',
    ...DAEMON_SET,
    words: ['socket'],
  },
  { title: 'the last node agent that asks TCP', snapshot: [setTag('aws-eks-nodeagent', 'v1.4.0-eksbuild.1')], verdict: 'pass' },
  { title: 'no node agent at all', snapshot: [withoutContainer('aws-eks-nodeagent')], verdict: 'pass' },
])

const toSocket = from('v1.22.4-eksbuild.3', 'v1.23.1-eksbuild.1')
const byHelm = (container: string, setting: string) => setManagers(owner('Helm', container, setting))

checkTable(
  cniSocket,
  [
    {
      title: 'a probe that Helm owns',
      snapshot: [byHelm('aws-node', 'livenessProbe')],
      intent: toSocket,
      verdict: 'block',
      ...DAEMON_SET,
      words: ['Helm owns', 'livenessProbe', 'TCP 50051'],
    },
    {
      title: 'the image of the node agent',
      snapshot: [byHelm('aws-eks-nodeagent', 'image')],
      intent: toSocket,
      verdict: 'block',
      ...DAEMON_SET,
    },
    { title: 'another setting', snapshot: [byHelm('aws-node', 'resources')], intent: toSocket, verdict: 'pass' },
    {
      title: 'a probe that EKS owns',
      snapshot: [setManagers(owner('eks', 'aws-node', 'livenessProbe'))],
      intent: toSocket,
      verdict: 'pass',
    },
    {
      title: 'a probe that OVERWRITE takes back',
      snapshot: [byHelm('aws-node', 'livenessProbe')],
      intent: { addons: toSocket.addons.map((addon) => ({ ...addon, resolveConflicts: 'OVERWRITE' as const })) },
      verdict: 'pass',
    },
    { title: 'a probe on the way to 1.22', snapshot: [byHelm('aws-node', 'livenessProbe')], verdict: 'pass', words: ['goes on listening'] },
  ],
  { intent: toSocket },
)

const variable = (manager: string, name: string) => ({
  manager,
  operation: 'Update',
  fieldsV1: {
    'f:spec': {
      'f:template': {
        'f:spec': {
          'f:containers': { 'k:{"name":"aws-node"}': { 'f:env': { [`k:{"name":"${name}"}`]: { '.': {}, 'f:name': {}, 'f:value': {} } } } },
        },
      },
    },
  },
})
const WARM = 'template.spec.containers[aws-node].env[WARM_IP_TARGET]'
const mode = (resolveConflicts: AddonIntent['resolveConflicts']) => cni({ resolveConflicts })

checkTable(fieldOwners, [
  {
    title: 'a variable set with kubectl, and NONE',
    snapshot: [setManagers(variable('kubectl-set', 'WARM_IP_TARGET'))],
    intent: mode('NONE'),
    verdict: 'block',
    ...DAEMON_SET,
    words: ['kubectl-set owns 1 of', WARM, 'ConfigurationConflict'],
  },
  {
    title: 'the same, and OVERWRITE',
    snapshot: [setManagers(variable('kubectl-set', 'WARM_IP_TARGET'))],
    intent: mode('OVERWRITE'),
    verdict: 'warn',
    ...DAEMON_SET,
    words: [WARM, 'takes back'],
  },
  {
    title: 'the same, and PRESERVE',
    snapshot: [setManagers(variable('kubectl-set', 'WARM_IP_TARGET'))],
    verdict: 'pass',
    words: [WARM, 'PRESERVE keeps'],
  },
  { title: 'a variable of EKS', snapshot: [setManagers(variable('eks', 'WARM_IP_TARGET'))], intent: mode('NONE'), verdict: 'pass' },
  {
    title: 'the status, which nobody wipes',
    snapshot: [setManagers({ ...variable('someone', 'X'), subresource: 'status' })],
    intent: mode('NONE'),
    verdict: 'pass',
  },
  {
    title: 'labels only',
    snapshot: [setManagers({ manager: 'argocd', operation: 'Apply', fieldsV1: { 'f:metadata': { 'f:labels': { 'f:x': {} } } } })],
    intent: mode('NONE'),
    verdict: 'pass',
  },
  {
    title: 'two managers',
    snapshot: [setManagers(variable('Helm', 'A'), owner('argocd-controller', 'aws-node', 'resources'))],
    intent: mode('NONE'),
    verdict: 'block',
    ...DAEMON_SET,
    findings: 2,
  },
])

checkTable(addonRole, [
  {
    title: 'a role that the add-on does not know',
    snapshot: [changeAddon('vpc-cni', { serviceAccountRoleArn: undefined })],
    verdict: 'block',
    subject: 'ServiceAccount/kube-system/aws-node',
    words: ['shop-cni', 'no role'],
  },
  {
    title: 'another role than the one of the add-on',
    snapshot: [kubernetes({ awsNodeRole: 'arn:aws:iam::111122223333:role/other' })],
    verdict: 'block',
    subject: 'ServiceAccount/kube-system/aws-node',
    words: ['role/other'],
  },
  {
    title: 'no role at all: the nodes have it',
    snapshot: [kubernetes({ awsNodeRole: null }), changeAddon('vpc-cni', { serviceAccountRoleArn: undefined })],
    verdict: 'pass',
    words: ['role of its nodes'],
  },
  { title: 'vpc-cni stays', snapshot: [kubernetes({ awsNodeRole: 'arn:other' })], intent: stays, verdict: 'pass' },
])

const lacks =
  (verb: string, resource: string): SnapshotChange =>
  (snapshot) =>
    kubernetes({
      awsNodeReviews: snapshot.kubernetes.awsNodeReviews?.map((review) =>
        review.verb === verb && review.resource === resource ? { ...review, allowed: false } : review,
      ),
    })(snapshot)
const without =
  (name: string): SnapshotChange =>
  (snapshot) =>
    kubernetes({ definitions: snapshot.kubernetes.definitions?.filter((each) => each !== name) })(snapshot)
const CNI_NODES = 'cninodes.vpcresources.k8s.aws'
const ENI_CONFIGS = 'eniconfigs.crd.k8s.amazonaws.com'

checkTable(cniKubernetesAccess, [
  {
    title: 'it may not patch CNINodes',
    snapshot: [lacks('patch', 'cninodes')],
    verdict: 'block',
    subject: 'ClusterRole/aws-node',
    words: ['patch cninodes', CNI_BEFORE],
  },
  { title: 'what only later versions need comes with the update', snapshot: [lacks('list', 'clusterpolicyendpoints')], verdict: 'pass' },
  {
    title: 'the same, once such a version is installed',
    snapshot: [lacks('list', 'clusterpolicyendpoints'), changeAddon('vpc-cni', { addonVersion: CNI_AFTER })],
    verdict: 'block',
    subject: 'ClusterRole/aws-node',
  },
  { title: 'it may not patch pods, and does not have to', snapshot: [lacks('patch', 'pods')], verdict: 'pass' },
  {
    title: 'it may not patch pods, and has to',
    snapshot: [lacks('patch', 'pods'), setVariable('ANNOTATE_POD_IP', 'true')],
    verdict: 'block',
    subject: 'ClusterRole/aws-node',
  },
  {
    title: 'a kind of EKS is gone',
    snapshot: [without(CNI_NODES)],
    verdict: 'block',
    subject: `CustomResourceDefinition/${CNI_NODES}`,
  },
  { title: 'the kind that the update brings', snapshot: [without(ENI_CONFIGS)], verdict: 'pass' },
  {
    title: 'the same kind, and there is no update',
    snapshot: [without(ENI_CONFIGS)],
    intent: stays,
    verdict: 'block',
    subject: `CustomResourceDefinition/${ENI_CONFIGS}`,
  },
])

const tagged =
  (Value: string): SnapshotChange =>
  (snapshot) =>
    changeAws({
      subnets: snapshot.aws.subnets?.map((subnet) =>
        subnet.SubnetId === 'subnet-0a' ? { ...subnet, Tags: [{ Key: 'kubernetes.io/role/cni', Value }] } : subnet,
      ),
    })(snapshot)
const noAgent = [setVariable('NETWORK_POLICY_ENFORCING_MODE', 'standard'), withoutContainer('aws-eks-nodeagent')]

checkTable(cniChanges, [
  {
    title: 'a variable that begins to count',
    snapshot: [setVariable('IP_COOLDOWN_PERIOD', '60')],
    intent: from('v1.14.1-eksbuild.1', 'v1.15.5-eksbuild.1'),
    verdict: 'warn',
    ...DAEMON_SET,
    words: ['IP_COOLDOWN_PERIOD is "60"', 'v1.15.0'],
  },
  {
    title: 'the same at its default',
    snapshot: [setVariable('IP_COOLDOWN_PERIOD', '30')],
    intent: from('v1.14.1-eksbuild.1', 'v1.15.5-eksbuild.1'),
    verdict: 'pass',
  },
  { title: 'the same, counted before already', snapshot: [setVariable('IP_COOLDOWN_PERIOD', '60')], verdict: 'pass' },
  {
    title: 'a variable that ceases to count, on the way down',
    snapshot: [setVariable('ENABLE_MULTI_NIC', 'true')],
    intent: from('v1.20.4-eksbuild.2', 'v1.19.6-eksbuild.7'),
    verdict: 'warn',
    ...DAEMON_SET,
    words: ['goes below'],
  },
  {
    title: 'variables that 1.10 cannot do without',
    intent: from('v1.9.3-eksbuild.1', 'v1.10.4-eksbuild.1'),
    verdict: 'block',
    ...DAEMON_SET,
    words: ['ENABLE_IPv4 and ENABLE_IPv6'],
  },
  {
    title: 'an enforcing mode without a node agent, to 1.20',
    snapshot: noAgent,
    intent: from('v1.19.2-eksbuild.1', 'v1.20.4-eksbuild.2'),
    verdict: 'block',
    ...DAEMON_SET,
    words: ['failed to setup network policy'],
  },
  { title: 'an enforcing mode without a node agent, since 1.20', snapshot: noAgent, verdict: 'pass' },
  {
    title: 'a subnet of nodes that 1.22 takes out',
    snapshot: [tagged('0')],
    verdict: 'warn',
    subject: 'Subnet/subnet-0a',
    words: ['v1.22.0'],
  },
  { title: 'a subnet of nodes that 1.22 takes', snapshot: [tagged('1')], verdict: 'pass' },
  {
    title: 'a subnet of nodes that 1.22 takes out, without discovery',
    snapshot: [tagged('0'), setVariable('ENABLE_SUBNET_DISCOVERY', 'false')],
    verdict: 'pass',
  },
  { title: 'vpc-cni stays', snapshot: [tagged('0')], intent: stays, verdict: 'pass' },
])

const selfManaged =
  (version: string): SnapshotChange =>
  (snapshot) =>
    addObjects({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'ebs-csi-controller', namespace: 'kube-system' },
      spec: {
        template: { spec: { containers: [{ name: 'ebs-plugin', image: `public.ecr.aws/ebs-csi-driver/aws-ebs-csi-driver:${version}` }] } },
      },
    } as KubernetesObject)(snapshot)

checkTable(companionVersion, [
  {
    title: 'a CoreDNS of three minors ago',
    snapshot: [changeAddon('coredns', { addonVersion: 'v1.10.1-eksbuild.38' })],
    verdict: 'warn',
    subject: 'Addon/coredns',
    words: ['v1.10.1-eksbuild.38', '1.33', 'v1.11.1-eksbuild.3'],
  },
  {
    title: 'a kube-proxy that EKS lists for older minors only',
    snapshot: [
      changeAws({
        addonVersions: [
          {
            addonName: 'kube-proxy',
            addonVersions: [{ addonVersion: 'v1.32.6-eksbuild.12', compatibilities: [{ clusterVersion: '1.32' }] }],
          },
        ],
      }),
    ],
    verdict: 'warn',
    subject: 'Addon/kube-proxy',
    words: ['listed for 1.32'],
  },
  {
    title: 'an EBS CSI driver of its own, too old',
    snapshot: [selfManaged('v1.28.0')],
    verdict: 'warn',
    subject: 'Addon/aws-ebs-csi-driver',
  },
  { title: 'an EBS CSI driver of its own, recent', snapshot: [selfManaged('v1.35.0')], verdict: 'pass' },
  {
    title: 'a CoreDNS that this run moves',
    snapshot: [changeAddon('coredns', { addonVersion: 'v1.10.1-eksbuild.38' })],
    intent: { addons: [healthyAddonIntent({ name: 'coredns', hops: ['v1.12.1-eksbuild.2'] })] },
    verdict: 'pass',
  },
])

const info = (nodeInfo: NonNullable<NonNullable<Node['status']>['nodeInfo']>) =>
  changeObject<Node>('Node', appNode, (node) => ({
    ...node,
    status: { ...node.status, nodeInfo: { ...node.status?.nodeInfo, ...nodeInfo } },
  }))
const proxy = { subject: 'DaemonSet/kube-system/kube-proxy' } as const
const unmoved = { groups: GROUPS.map((group) => healthyGroupIntent(group, { changes: false })) }

checkTable(kubeProxyMode, [
  {
    title: 'ipvs on a minor that deprecates it',
    snapshot: [kubernetes({ kubeProxyMode: 'ipvs' }), changeCluster({ version: '1.35' })],
    verdict: 'warn',
    ...proxy,
    words: ['deprecated since 1.35'],
  },
  {
    title: 'ipvs on a minor before',
    snapshot: [kubernetes({ kubeProxyMode: 'ipvs' }), changeCluster({ version: '1.34' })],
    verdict: 'pass',
  },
  {
    title: 'nftables on a kernel that lacks it',
    snapshot: [kubernetes({ kubeProxyMode: 'nftables' }), info({ kernelVersion: '5.10.245-241.976.amzn2.x86_64' })],
    verdict: 'warn',
    ...proxy,
    words: ['5.13', appNode],
  },
  {
    title: 'nftables on such a kernel that stays',
    snapshot: [kubernetes({ kubeProxyMode: 'nftables' }), info({ kernelVersion: '5.10.245-241.976.amzn2.x86_64' })],
    intent: unmoved,
    verdict: 'pass',
  },
  {
    title: 'nftables with network policies on Bottlerocket',
    snapshot: [
      kubernetes({ kubeProxyMode: 'nftables' }),
      setVariable('NETWORK_POLICY_ENFORCING_MODE', 'standard'),
      info({ osImage: 'Bottlerocket OS 1.49.0 (aws-k8s-1.34)' }),
    ],
    verdict: 'warn',
    ...proxy,
    words: ['Bottlerocket'],
  },
  { title: 'no configuration of kube-proxy', snapshot: [kubernetes({ kubeProxyMode: null })], verdict: 'pass', words: ['something else'] },
])
