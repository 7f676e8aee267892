import { addonConfiguration } from '../../../src/catalog/checks/addon-configuration.ts'
import { addonListed } from '../../../src/catalog/checks/addon-listed.ts'
import { al2Image } from '../../../src/catalog/checks/al2-image.ts'
import { groupTarget } from '../../../src/catalog/checks/group-target.ts'
import { hopPath } from '../../../src/catalog/checks/hop-path.ts'
import { insights } from '../../../src/catalog/checks/insights.ts'
import { installedListed } from '../../../src/catalog/checks/installed-listed.ts'
import { knownBadVersion, knownBadVersionOver } from '../../../src/catalog/checks/known-bad-version.ts'
import { kubeletSkew } from '../../../src/catalog/checks/kubelet-skew.ts'
import { selfManagedCni } from '../../../src/catalog/checks/self-managed-cni.ts'
import { wayBack } from '../../../src/catalog/checks/way-back.ts'
import { wayBackOpen } from '../../../src/catalog/checks/way-back-open.ts'
import type { AddonIntent, GroupIntent } from '../../../src/model/intent.ts'
import type { Node } from '../../../src/model/kubernetes.ts'
import { owner, setManagers } from '../../support/aws-node.ts'
import { checkTable } from '../../support/check-table.ts'
import { cniConfiguration, listed } from '../../support/healthy-aws.ts'
import { CNI_AFTER, CNI_BEFORE, CNI_BETWEEN, GROUPS } from '../../support/healthy-cluster.ts'
import {
  changeAddon,
  changeAws,
  changeCluster,
  changeGroup,
  changeNodes,
  changeObject,
  healthyAddonIntent,
  healthyGroupIntent,
  healthyPlan,
  nodeNames,
  removeObjects,
  type SnapshotChange,
} from '../../support/snapshot-builder.ts'

const [appNode = ''] = nodeNames('app-a')
const cni = (parts: Partial<AddonIntent>) => ({ addons: [healthyAddonIntent(parts)] })
const appA = (parts: Partial<GroupIntent>) => ({
  groups: GROUPS.map((group) => healthyGroupIntent(group, group.name === 'app-a' ? parts : {})),
})
const noGroups = { groups: GROUPS.map((group) => healthyGroupIntent(group, { changes: false })) }
const noAddons = { target: { ...healthyPlan().target, addons: [] } }

checkTable(groupTarget, [
  {
    title: 'one minor ahead of the control plane',
    intent: appA({ target: { version: '1.34' } }),
    verdict: 'block',
    subject: 'NodeGroup/app-a',
    words: ['1.34', '1.33'],
  },
  { title: 'the same group does not change', intent: appA({ target: { version: '1.34' }, changes: false }), verdict: 'pass' },
  { title: '1.4 is older than 1.33, not newer', intent: appA({ target: { version: '1.4' } }), verdict: 'pass' },
  { title: 'a target that is no version', intent: appA({ target: { version: 'next' } }), verdict: 'unknown', subject: 'NodeGroup/app-a' },
  { title: 'an image of its own is judged by the minor that the plan names', intent: appA({ target: {} }), verdict: 'pass' },
  {
    title: 'an image of its own, and the plan names a newer minor',
    intent: appA({ target: {} }),
    plan: { target: { ...healthyPlan().target, kubernetesVersion: '1.34' } },
    verdict: 'block',
    subject: 'NodeGroup/app-a',
  },
  { title: 'no group changes', intent: noGroups, verdict: 'pass', words: ['No node group changes'] },
])

checkTable(al2Image, [
  {
    title: 'an Amazon Linux 2 group to 1.33',
    intent: appA({ amiType: 'AL2_x86_64' }),
    verdict: 'block',
    subject: 'NodeGroup/app-a',
    words: ['AL2_x86_64', '1.33', '1.32 is the last'],
  },
  { title: 'the same group to 1.32', intent: appA({ amiType: 'AL2_x86_64', target: { version: '1.32' } }), verdict: 'pass' },
  { title: 'Amazon Linux 2023 to 1.33', intent: appA({ amiType: 'AL2023_ARM_64_STANDARD' }), verdict: 'pass' },
  { title: 'a GPU image', intent: appA({ amiType: 'AL2_x86_64_GPU' }), verdict: 'block', subject: 'NodeGroup/app-a' },
  { title: 'the same group does not change', intent: appA({ amiType: 'AL2_x86_64', changes: false }), verdict: 'pass' },
])

const kubelet = (version: string | undefined) =>
  changeObject<Node>('Node', appNode, (node) => ({
    ...node,
    status: { ...node.status, nodeInfo: { ...node.status?.nodeInfo, kubeletVersion: version } },
  }))

checkTable(kubeletSkew, [
  {
    title: 'a kubelet four minors behind',
    snapshot: [kubelet('v1.29.9-eks-1')],
    verdict: 'block',
    subject: 'NodeGroup/app-a',
    words: ['v1.29.9-eks-1, 4 minors behind', `1 node of app-a (${appNode})`],
  },
  {
    title: 'the whole cluster: one finding a group',
    snapshot: [changeNodes((node) => ({ ...node, status: { ...node.status, nodeInfo: { kubeletVersion: 'v1.29.9-eks-1' } } }))],
    verdict: 'block',
    subject: 'NodeGroup/app-a',
    words: ['5 nodes of app-a (', 'v1.29.9-eks-1, 4 minors behind'],
    findings: GROUPS.length,
  },
  { title: 'a kubelet three minors behind', snapshot: [kubelet('v1.30.9-eks-1')], verdict: 'pass' },
  {
    title: 'a kubelet ahead',
    snapshot: [kubelet('v1.34.0-eks-1')],
    verdict: 'block',
    subject: 'NodeGroup/app-a',
    words: ['v1.34.0-eks-1'],
  },
  { title: 'a kubelet at the same minor', snapshot: [kubelet('v1.33.0-eks-1')], verdict: 'pass' },
  { title: 'a kubelet that does not say', snapshot: [kubelet(undefined)], verdict: 'unknown', subject: 'NodeGroup/app-a' },
  { title: 'a control plane that does not say', snapshot: [changeCluster({ version: undefined })], verdict: 'unknown' },
])

const noCniAddon: SnapshotChange = (snapshot) =>
  changeAws({ addons: snapshot.aws.addons?.filter((addon) => addon.addonName !== 'vpc-cni') })(snapshot)

checkTable(selfManagedCni, [
  {
    title: 'aws-node is self-managed and the plan moves it',
    snapshot: [noCniAddon],
    verdict: 'block',
    subject: 'Addon/vpc-cni',
    words: ['self-managed', `amazon-k8s-cni:${CNI_BEFORE}`, 'ResourceNotFound'],
  },
  {
    title: 'aws-node is self-managed, and Argo CD owns it',
    snapshot: [noCniAddon, setManagers(owner('argocd-controller', 'aws-node', 'image'))],
    verdict: 'block',
    subject: 'Addon/vpc-cni',
    words: ['owned by argocd-controller'],
  },
  {
    title: 'aws-node is self-managed and the plan leaves it alone',
    snapshot: [noCniAddon],
    plan: noAddons,
    verdict: 'warn',
    subject: 'Addon/vpc-cni',
    words: ['self-managed', 'cannot take it back'],
  },
  { title: 'aws-node is an add-on and the plan leaves it alone', plan: noAddons, verdict: 'pass', subject: 'Addon/vpc-cni' },
  {
    title: 'there is no aws-node at all',
    snapshot: [noCniAddon, removeObjects('DaemonSet')],
    verdict: 'block',
    subject: 'Addon/vpc-cni',
    words: ['no aws-node DaemonSet'],
  },
])

const cniListing = (...versions: readonly (readonly [string, number, number])[]): SnapshotChange =>
  changeAws({
    addonVersions: [{ addonName: 'vpc-cni', addonVersions: versions.map(([version, from, to]) => listed(version, from, to)) }],
  })

checkTable(addonListed, [
  {
    title: 'a hop is listed for older minors only',
    snapshot: [cniListing([CNI_BEFORE, 28, 36], [CNI_BETWEEN, 30, 36], [CNI_AFTER, 30, 32])],
    verdict: 'block',
    subject: 'Addon/vpc-cni',
    words: [CNI_AFTER, '1.32, 1.31, 1.30', '1.33'],
  },
  {
    title: 'the same hop is listed up to this minor',
    snapshot: [cniListing([CNI_BEFORE, 28, 36], [CNI_BETWEEN, 30, 36], [CNI_AFTER, 30, 33])],
    verdict: 'pass',
  },
  {
    title: 'a hop is not listed at all',
    snapshot: [cniListing([CNI_BEFORE, 28, 36], [CNI_BETWEEN, 30, 36])],
    verdict: 'block',
    subject: 'Addon/vpc-cni',
    words: [CNI_AFTER, 'not listed at all'],
  },
  {
    title: 'the installed version is not for this minor, and the run moves on',
    snapshot: [cniListing([CNI_BEFORE, 28, 32], [CNI_BETWEEN, 30, 36], [CNI_AFTER, 30, 36])],
    verdict: 'warn',
    subject: 'Addon/vpc-cni',
    words: [CNI_BEFORE, 'moves it on'],
  },
  {
    title: 'the installed version is not for this minor, and the run keeps it',
    snapshot: [cniListing([CNI_BEFORE, 28, 32])],
    intent: { addons: [] },
    verdict: 'block',
    subject: 'Addon/vpc-cni',
    words: [CNI_BEFORE, 'every new node'],
  },
  {
    title: 'the installed version is missing from the listing: not this check',
    snapshot: [cniListing([CNI_BETWEEN, 30, 36], [CNI_AFTER, 30, 36])],
    verdict: 'pass',
  },
  { title: 'the listing was not read', snapshot: [changeAws({ addonVersions: [] })], verdict: 'unknown', subject: 'Addon/vpc-cni' },
])

checkTable(installedListed, [
  {
    title: 'the installed version is no longer listed',
    snapshot: [cniListing([CNI_BETWEEN, 30, 36], [CNI_AFTER, 30, 36])],
    verdict: 'warn',
    subject: 'Addon/vpc-cni',
    words: [CNI_BEFORE, 'no longer lists'],
  },
  { title: 'it is listed, though for another minor', snapshot: [cniListing([CNI_BEFORE, 28, 29])], verdict: 'pass' },
  {
    title: 'another build of it is listed',
    snapshot: [cniListing(['v1.20.4-eksbuild.3', 28, 36])],
    verdict: 'warn',
    subject: 'Addon/vpc-cni',
  },
  { title: 'vpc-cni is no add-on', snapshot: [noCniAddon], verdict: 'pass' },
])

checkTable(hopPath, [
  {
    title: 'two minors in one hop',
    intent: cni({ hops: [CNI_AFTER] }),
    verdict: 'block',
    subject: 'Addon/vpc-cni',
    words: [`${CNI_BEFORE} -> ${CNI_AFTER}`, 'more than one minor'],
  },
  { title: 'one minor in one hop', intent: cni({ hops: [CNI_BETWEEN], target: CNI_BETWEEN }), verdict: 'pass', subject: 'Addon/vpc-cni' },
  {
    title: 'patch and build within one minor',
    intent: cni({ hops: ['v1.20.5-eksbuild.1'], target: 'v1.20.5-eksbuild.1' }),
    verdict: 'pass',
    subject: 'Addon/vpc-cni',
  },
  {
    title: 'two minors down',
    intent: cni({ hops: ['v1.18.3-eksbuild.3'], target: 'v1.18.3-eksbuild.3' }),
    verdict: 'block',
    subject: 'Addon/vpc-cni',
  },
  {
    title: 'one minor down',
    intent: cni({ hops: ['v1.19.6-eksbuild.7'], target: 'v1.19.6-eksbuild.7' }),
    verdict: 'pass',
    subject: 'Addon/vpc-cni',
  },
  {
    title: 'another major',
    intent: cni({ hops: ['v2.20.4-eksbuild.1'], target: 'v2.20.4-eksbuild.1' }),
    verdict: 'block',
    subject: 'Addon/vpc-cni',
  },
  {
    title: 'the path ends before the target',
    intent: cni({ hops: [CNI_BETWEEN] }),
    verdict: 'block',
    subject: 'Addon/vpc-cni',
    words: ['ends at', CNI_AFTER],
  },
  {
    title: 'a version that cannot be read',
    intent: cni({ hops: ['latest'], target: 'latest' }),
    verdict: 'unknown',
    subject: 'Addon/vpc-cni',
  },
  { title: 'vpc-cni stays', intent: cni({ hops: [] }), verdict: 'pass', words: ['does not move'] },
])

checkTable(knownBadVersion, [
  {
    title: 'a hop stops on a version with a known defect',
    intent: cni({ hops: [CNI_BETWEEN, 'v1.22.1-eksbuild.2'], target: 'v1.22.1-eksbuild.2' }),
    verdict: 'warn',
    subject: 'Addon/vpc-cni',
    words: ['v1.22.1-eksbuild.2', 'DescribeSecurityGroups', '1.22.2'],
  },
  {
    title: 'a row for IPv6 clusters',
    snapshot: [changeCluster({ kubernetesNetworkConfig: { ipFamily: 'ipv6' } })],
    verdict: 'warn',
    subject: 'Addon/vpc-cni',
    words: ['DescribeSubnets'],
  },
  {
    title: 'the CNI stays at a version with a known defect: new nodes start with it',
    intent: { addons: [] },
    verdict: 'warn',
    subject: 'Addon/vpc-cni',
    words: [CNI_BEFORE, 'time-out'],
  },
  {
    title: 'the CNI stays at a version without one',
    snapshot: [changeAddon('vpc-cni', { addonVersion: CNI_AFTER })],
    intent: { addons: [] },
    verdict: 'pass',
    subject: 'Addon/vpc-cni',
  },
  {
    title: 'a version that cannot be read',
    snapshot: [changeAddon('vpc-cni', { addonVersion: 'custom' })],
    intent: { addons: [] },
    verdict: 'unknown',
    subject: 'Addon/vpc-cni',
  },
])

const row = { from: '1.22.4', to: '1.22.4', problem: 'taken back by AWS', source: 'https://example.com/1', severity: 'withdrawn' } as const

checkTable(knownBadVersionOver([{ ...row, from: '1.99.0', to: '1.99.0' }]), [
  { title: 'no row about these versions', verdict: 'pass', subject: 'Addon/vpc-cni' },
])
checkTable(knownBadVersionOver([{ ...row, only: { ipFamily: 'ipv6' } }]), [
  {
    title: 'a withdrawn version blocks',
    snapshot: [changeCluster({ kubernetesNetworkConfig: { ipFamily: 'ipv6' } })],
    verdict: 'block',
    subject: 'Addon/vpc-cni',
    words: ['taken back', 'No fix is known'],
  },
])

const values = (configurationValues: string | undefined, hops?: readonly string[]) =>
  cni({ baseline: { version: CNI_BEFORE, configurationValues }, ...(hops && { hops }) })

const schemas = (change: (schema: string, version: string) => string | undefined): SnapshotChange =>
  changeAws({
    addonConfigurations: [CNI_BEFORE, CNI_BETWEEN, CNI_AFTER].map((version) => {
      const configuration = cniConfiguration(version)
      return { ...configuration, configurationSchema: change(configuration.configurationSchema ?? '', version) }
    }),
  })

const withoutWarmTargetIn = (wanted: string) =>
  schemas((schema, version) => (version === wanted ? schema.replace('WARM_ENI_TARGET', 'WARM_OTHER_TARGET') : schema))

checkTable(addonConfiguration, [
  {
    title: 'a key that the last hop no longer knows',
    snapshot: [withoutWarmTargetIn(CNI_AFTER)],
    verdict: 'block',
    subject: 'Addon/vpc-cni',
    words: [CNI_AFTER, '$.env.WARM_ENI_TARGET is not defined in the schema', 'UpdateAddon would be refused'],
  },
  {
    title: 'a key that a hop in between does not know',
    snapshot: [withoutWarmTargetIn(CNI_BETWEEN)],
    verdict: 'block',
    subject: 'Addon/vpc-cni',
    words: [CNI_BETWEEN],
  },
  {
    title: 'a key that the installed version does not know',
    snapshot: [withoutWarmTargetIn(CNI_BEFORE)],
    verdict: 'block',
    subject: 'Addon/vpc-cni',
    words: [CNI_BEFORE, 'way back'],
  },
  { title: 'a key that nobody uses went', snapshot: [schemas((text) => text.replace('WARM_IP_TARGET', 'X'))], verdict: 'pass' },
  {
    title: 'a number where a text is wanted',
    intent: values('{"env":{"WARM_ENI_TARGET":1}}'),
    verdict: 'block',
    subject: 'Addon/vpc-cni',
    words: ['$.env.WARM_ENI_TARGET must be string'],
    findings: 3,
  },
  { title: 'the same values as YAML', intent: values('env:\n  WARM_ENI_TARGET: "1"\n'), verdict: 'pass' },
  {
    title: 'values that cannot be read',
    intent: values('{"env":'),
    verdict: 'block',
    subject: 'Addon/vpc-cni',
    words: ['neither JSON nor YAML'],
  },
  { title: 'no values', intent: values(undefined), verdict: 'pass', words: ['No add-on of this run'] },
  { title: 'no hops', intent: values('{"nonsense":1}', []), verdict: 'pass' },
  {
    title: 'the schema of a hop was not read',
    snapshot: [schemas((schema, version) => (version === CNI_AFTER ? undefined : schema))],
    verdict: 'unknown',
    subject: 'Addon/vpc-cni',
    words: [CNI_AFTER, 'was not read'],
  },
  {
    title: 'a schema that is none',
    snapshot: [schemas((schema, version) => (version === CNI_AFTER ? '<html>' : schema))],
    verdict: 'unknown',
    subject: 'Addon/vpc-cni',
    words: ['cannot be used'],
  },
])

const none = { exists: 'none', how: 'v1.20.4-eksbuild.2 is not listed.', acceptToken: 'no-way-back/vpc-cni' } as const

checkTable(wayBackOpen, [
  {
    title: 'the AMI of a custom template was deregistered',
    snapshot: [changeAws({ images: [{ ImageId: 'ami-new', State: 'available' }] })],
    intent: appA({ baseline: { imageId: 'ami-old' } }),
    verdict: 'block',
    subject: 'NodeGroup/app-a',
    words: ['AMI ami-old'],
  },
  {
    title: 'the run has changed the group already: what it came from still counts',
    snapshot: [changeAws({ launchTemplateVersions: [{ LaunchTemplateId: 'lt-1', VersionNumber: 7 }] })],
    intent: appA({ changes: false, changedByRun: true, baseline: { launchTemplate: { id: 'lt-1', version: '6' } } }),
    verdict: 'block',
    subject: 'NodeGroup/app-a',
    words: ['version 6 of launch template lt-1'],
  },
  {
    title: 'a group that gives way is gone, with the nodes that would take their workloads back',
    intent: appA({ arn: 'arn:gone', replacement: { group: 'app-c' } as never, baseline: { launchTemplate: { id: 'lt-1', version: '6' } } }),
    verdict: 'block',
    subject: 'NodeGroup/app-a',
    words: ['the old group app-a with its nodes'],
  },
  {
    title: 'a group that gives way is there, and what it launched from is not: nothing has to be launched',
    snapshot: [
      changeGroup('app-a', { nodegroupArn: 'arn:a' }),
      changeAws({ launchTemplateVersions: [{ LaunchTemplateId: 'lt-1', VersionNumber: 7 }] }),
    ],
    intent: appA({ arn: 'arn:a', replacement: { group: 'app-c' } as never, baseline: { launchTemplate: { id: 'lt-1', version: '6' } } }),
    verdict: 'pass',
  },
  {
    title: 'a group that gave way was deleted with consent',
    intent: appA({ changes: false, arn: 'arn:gone', replacement: { group: 'app-c' } as never, wayBack: none }),
    verdict: 'pass',
  },
  {
    title: 'an add-on version that EKS lists no longer',
    intent: cni({ baseline: { version: 'v1.19.0-eksbuild.1' } }),
    verdict: 'block',
    subject: 'Addon/vpc-cni',
    words: ['version v1.19.0-eksbuild.1, which EKS no longer lists for 1.33'],
  },
  {
    title: 'the launch configuration of a self-managed group is there',
    snapshot: [changeAws({ launchConfigurations: [{ LaunchConfigurationName: 'old' }] })],
    intent: appA({ baseline: { launch: { kind: 'configuration', name: 'old' } } }),
    verdict: 'pass',
  },
])

checkTable(wayBack, [
  { title: 'to nodes of a minor that EKS goes on supporting', verdict: 'pass', words: ['of 1.32 until 2027-03-23'] },
  {
    title: 'to nodes of a minor whose support has ended',
    intent: appA({ baseline: { version: '1.30' } }),
    verdict: 'warn',
    subject: 'NodeGroup/app-a',
    words: ['1.30', '2026-07-23'],
  },
  {
    title: 'none, and not accepted',
    intent: cni({ wayBack: none }),
    verdict: 'block',
    subject: 'Addon/vpc-cni',
    words: ['no way back', 'not listed'],
  },
  {
    title: 'none, and accepted by name',
    intent: cni({ wayBack: none }),
    plan: { accept: ['no-way-back/vpc-cni'] },
    verdict: 'warn',
    subject: 'Addon/vpc-cni',
    words: ['accepts'],
  },
  {
    title: 'none, and another one accepted',
    intent: cni({ wayBack: none }),
    plan: { accept: ['no-way-back/app-a'] },
    verdict: 'block',
    subject: 'Addon/vpc-cni',
    findings: 2,
  },
  {
    title: 'disputed, for a group',
    intent: appA({ wayBack: { exists: 'disputed', how: 'UpdateNodegroupVersion with 1.32' } }),
    verdict: 'warn',
    subject: 'NodeGroup/app-a',
    words: ['disputed', 'UpdateNodegroupVersion with 1.32.'],
  },
  {
    title: 'none, for a group that does not change',
    intent: appA({ wayBack: { exists: 'none', how: '$Latest' }, changes: false }),
    verdict: 'pass',
  },
  {
    title: 'none, for a group, without a token of its own',
    intent: appA({ wayBack: { exists: 'none', how: '$Latest' } }),
    plan: { accept: ['no-way-back/app-a'] },
    verdict: 'warn',
    subject: 'NodeGroup/app-a',
  },
])

const insight = (status: string, category = 'UPGRADE_READINESS') =>
  changeAws({
    insights: [
      {
        id: '7',
        name: 'Kubelet version skew',
        category,
        kubernetesVersion: '1.34',
        insightStatus: { status, reason: '20 nodes are behind.' },
      },
    ],
  })

checkTable(insights, [
  {
    title: 'an error for the next minor informs',
    snapshot: [insight('ERROR')],
    verdict: 'warn',
    subject: 'Insight/Kubelet version skew',
    words: ['ERROR', '1.34', '20 nodes are behind', 'leaves the control plane at 1.33'],
  },
  { title: 'a warning informs', snapshot: [insight('WARNING')], verdict: 'warn', subject: 'Insight/Kubelet version skew' },
  {
    title: 'what EKS could not look at is unknown',
    snapshot: [insight('UNKNOWN')],
    verdict: 'unknown',
    subject: 'Insight/Kubelet version skew',
  },
  { title: 'a pass says nothing', snapshot: [insight('PASSING')], verdict: 'pass' },
  { title: 'an error of another category', snapshot: [insight('ERROR', 'ROLLBACK_READINESS')], verdict: 'pass' },
])
