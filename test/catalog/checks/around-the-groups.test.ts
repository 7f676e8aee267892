import { cniEnvironment } from '../../../src/catalog/checks/cni-environment.ts'
import { infrastructureAsCode } from '../../../src/catalog/checks/infrastructure-as-code.ts'
import { insightsFresh } from '../../../src/catalog/checks/insights-fresh.ts'
import { kubeProxySkew } from '../../../src/catalog/checks/kube-proxy-skew.ts'
import { leakedInterfaces } from '../../../src/catalog/checks/leaked-interfaces.ts'
import { nodesReadyNow } from '../../../src/catalog/checks/nodes-ready-now.ts'
import { otherOperators } from '../../../src/catalog/checks/other-operators.ts'
import { podIdentityAgent } from '../../../src/catalog/checks/pod-identity-agent.ts'
import { suspendedProcesses } from '../../../src/catalog/checks/suspended-processes.ts'
import { untouchedNodes } from '../../../src/catalog/checks/untouched-nodes.ts'
import { windowFits } from '../../../src/catalog/checks/window-fits.ts'
import type { AutoScalingGroup, NetworkInterface } from '../../../src/model/aws.ts'
import { DAY, HOUR, iso } from '../../../src/model/instant.ts'
import { NODEGROUP_LABEL, type Node, type Workload } from '../../../src/model/kubernetes.ts'
import { checkTable } from '../../support/check-table.ts'
import { autoScalingGroupName, GROUPS } from '../../support/healthy-cluster.ts'
import { appPod } from '../../support/healthy-kubernetes.ts'
import {
  addObjects,
  awsNodeEnv,
  changeAddon,
  changeAws,
  changeGroup,
  changeObject,
  healthyGroupIntent,
  NOW,
  nodeNames,
  type SnapshotChange,
} from '../../support/snapshot-builder.ts'

const allNodes = GROUPS.flatMap(({ name }) => nodeNames(name))
const [firstOfApp = ''] = nodeNames('app-a')
const noGroups = { addons: [], groups: GROUPS.map((group) => healthyGroupIntent(group, { changes: false })) }
const noGroupRow = { title: 'no group changes', intent: noGroups, verdict: 'pass', words: ['No node group changes'] } as const

const scaling =
  (group: string, parts: Partial<AutoScalingGroup>): SnapshotChange =>
  (snapshot) =>
    changeAws({
      autoScalingGroups: snapshot.aws.autoScalingGroups?.map((each) =>
        each.AutoScalingGroupName === autoScalingGroupName(group) ? { ...each, ...parts } : each,
      ),
    })(snapshot)

const suspended = (process: string) =>
  scaling('app-a', { SuspendedProcesses: [{ ProcessName: process, SuspensionReason: 'User suspended' }] })

checkTable(suspendedProcesses, [
  {
    title: 'Launch is suspended',
    snapshot: [suspended('Launch')],
    verdict: 'block',
    subject: 'NodeGroup/app-a',
    words: ['Launch (User suspended)', '15 minutes'],
  },
  { title: 'Terminate is suspended', snapshot: [suspended('Terminate')], verdict: 'block', subject: 'NodeGroup/app-a' },
  { title: 'only the balancing of zones is suspended', snapshot: [suspended('AZRebalance')], verdict: 'pass' },
  {
    title: 'an Auto Scaling group that was not described',
    snapshot: [scaling('app-a', { AutoScalingGroupName: 'another' })],
    verdict: 'unknown',
    subject: 'NodeGroup/app-a',
  },
  noGroupRow,
])

const tagged = (tags: Record<string, string>) => changeGroup('app-a', { tags })

checkTable(infrastructureAsCode, [
  ...(
    [
      ['CloudFormation', 'aws:cloudformation:stack-name', 'shop-nodes'],
      ['eksctl', 'alpha.eksctl.io/nodegroup-name', 'app-a'],
      ['Terraform', 'ManagedBy', 'terraform'],
      ['Terraform', 'terraform', 'true'],
    ] as const
  ).map(([tool, tag, value]) => ({
    title: `${tag}=${value}`,
    snapshot: [tagged({ [tag]: value })],
    verdict: 'warn' as const,
    subject: 'NodeGroup/app-a',
    words: [tool, `${tag}=${value}`, 'set the group back'],
  })),
  { title: 'managed-by somebody else', snapshot: [tagged({ 'managed-by': 'the platform team' })], verdict: 'pass' },
  noGroupRow,
])

function operator(kind: 'Deployment' | 'DaemonSet', name: string, image: string, replicas?: number): SnapshotChange {
  const object: Workload = {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace: 'kube-system' },
    spec: { ...(replicas !== undefined && { replicas }), template: { spec: { containers: [{ name, image }] } } },
  }
  return addObjects(object)
}

const AUTOSCALER = 'registry.k8s.io/autoscaling/cluster-autoscaler:v1.33.0'

checkTable(otherOperators, [
  {
    title: 'the Cluster Autoscaler',
    snapshot: [operator('Deployment', 'cluster-autoscaler', AUTOSCALER, 1)],
    verdict: 'warn',
    subject: 'Deployment/kube-system/cluster-autoscaler',
    words: ['Cluster Autoscaler runs here', 'surge nodes'],
  },
  { title: 'one that is scaled to zero', snapshot: [operator('Deployment', 'cluster-autoscaler', AUTOSCALER, 0)], verdict: 'pass' },
  {
    title: 'Karpenter',
    snapshot: [operator('Deployment', 'karpenter', 'public.ecr.aws/karpenter/controller:1.6.0@sha256:abc', 2)],
    verdict: 'warn',
    subject: 'Deployment/kube-system/karpenter',
  },
  {
    title: 'the Node Termination Handler as a DaemonSet',
    snapshot: [operator('DaemonSet', 'aws-nth', 'public.ecr.aws/aws-ec2/aws-node-termination-handler:v1.25.0')],
    verdict: 'warn',
    subject: 'DaemonSet/kube-system/aws-nth',
  },
  noGroupRow,
])

const proxy = (version: string) =>
  operator('DaemonSet', 'kube-proxy', `602401143452.dkr.ecr.eu-central-1.amazonaws.com/eks/kube-proxy:${version}`)

checkTable(kubeProxySkew, [
  { title: 'of the minor of the control plane', snapshot: [proxy('v1.33.5-minimal-eksbuild.2')], verdict: 'pass', words: ['at 1.33'] },
  { title: 'three minors behind', snapshot: [proxy('v1.30.14-minimal-eksbuild.1')], verdict: 'pass' },
  {
    title: 'four minors behind',
    snapshot: [proxy('v1.29.10-minimal-eksbuild.3')],
    verdict: 'block',
    subject: 'DaemonSet/kube-system/kube-proxy',
    words: ['1.29, 4 minors behind'],
  },
  {
    title: 'newer than the control plane',
    snapshot: [proxy('v1.34.0-minimal-eksbuild.1')],
    verdict: 'block',
    subject: 'DaemonSet/kube-system/kube-proxy',
    words: ['newer'],
  },
  { title: 'an image without a version', snapshot: [proxy('latest')], verdict: 'unknown', subject: 'DaemonSet/kube-system/kube-proxy' },
])

const CNI = 'DaemonSet/kube-system/aws-node'

checkTable(cniEnvironment, [
  {
    title: 'prefix delegation without any warm target',
    snapshot: [awsNodeEnv('ENABLE_PREFIX_DELEGATION', 'true'), awsNodeEnv('WARM_PREFIX_TARGET', '0')],
    verdict: 'block',
    subject: CNI,
    words: ['all of WARM_PREFIX_TARGET, WARM_IP_TARGET and MINIMUM_IP_TARGET are 0'],
  },
  {
    title: 'prefix delegation with a warm target of addresses',
    snapshot: [awsNodeEnv('ENABLE_PREFIX_DELEGATION', 'true'), awsNodeEnv('WARM_PREFIX_TARGET', '0'), awsNodeEnv('WARM_IP_TARGET', '5')],
    verdict: 'pass',
  },
  {
    title: 'a mode that does not exist',
    snapshot: [awsNodeEnv('NETWORK_POLICY_ENFORCING_MODE', 'lax')],
    verdict: 'block',
    subject: CNI,
    words: ['"lax"'],
  },
  { title: 'both families', snapshot: [awsNodeEnv('ENABLE_IPv6', 'true')], verdict: 'block', subject: CNI, words: ['both true'] },
  {
    title: 'neither family',
    snapshot: [awsNodeEnv('ENABLE_IPv4', 'false'), awsNodeEnv('ENABLE_IPv6', 'false')],
    verdict: 'block',
    subject: CNI,
    words: ['both false'],
  },
  { title: 'one family', snapshot: [awsNodeEnv('ENABLE_IPv4', 'false'), awsNodeEnv('ENABLE_IPv6', 'true')], verdict: 'pass' },
  {
    title: 'an MTU that no interface has',
    snapshot: [awsNodeEnv('AWS_VPC_ENI_MTU', '9002')],
    verdict: 'block',
    subject: CNI,
    words: ['"9002"'],
  },
  { title: 'an MTU with a unit', snapshot: [awsNodeEnv('POD_MTU', '1500B')], verdict: 'block', subject: CNI },
  {
    title: 'a prefix of interfaces that are others',
    snapshot: [awsNodeEnv('AWS_VPC_K8S_CNI_VETHPREFIX', 'eth')],
    verdict: 'block',
    subject: CNI,
  },
  {
    title: 'only a minimum of addresses',
    snapshot: [awsNodeEnv('MINIMUM_IP_TARGET', '10')],
    verdict: 'warn',
    subject: CNI,
    words: ['never takes more addresses'],
  },
  {
    title: 'nothing moves',
    snapshot: [awsNodeEnv('ENABLE_IPv6', 'true')],
    intent: noGroups,
    verdict: 'pass',
    words: ['starts nowhere anew'],
  },
])

const identity = changeAddon('vpc-cni', {
  podIdentityAssociations: ['arn:aws:eks:eu-central-1:111122223333:podidentityassociation/shop/a-1'],
})
const agentsOn = (nodes: readonly string[]) =>
  addObjects(...nodes.map((node, index) => appPod('kube-system', `eks-pod-identity-agent-${index}`, { app: 'agent' }, node)))

checkTable(
  podIdentityAgent,
  [
    {
      title: 'an association and no agent',
      snapshot: [identity],
      verdict: 'block',
      subject: 'Addon/eks-pod-identity-agent',
      words: ['on 20 nodes', 'hang'],
    },
    { title: 'an agent on every node', snapshot: [identity, agentsOn(allNodes)], verdict: 'pass', words: ['all of 20 nodes'] },
    {
      title: 'one node without',
      snapshot: [identity, agentsOn(allNodes.filter((node) => node !== firstOfApp))],
      verdict: 'block',
      subject: 'Addon/eks-pod-identity-agent',
      words: [`1 node (${firstOfApp})`],
    },
  ],
  { snapshot: [identity, agentsOn(allNodes)] },
)

const interfaceOf =
  (over: Partial<NetworkInterface>): SnapshotChange =>
  (snapshot) =>
    changeAws({
      networkInterfaces: [
        ...(snapshot.aws.networkInterfaces ?? []),
        {
          NetworkInterfaceId: 'eni-0left',
          SubnetId: 'subnet-0a',
          Status: 'available',
          PrivateIpAddresses: [{ PrivateIpAddress: '10.0.3.7', Primary: true }, { PrivateIpAddress: '10.0.3.8' }],
          TagSet: [{ Key: 'node.k8s.amazonaws.com/instance_id', Value: 'i-gone' }],
          ...over,
        },
      ],
    })(snapshot)

checkTable(leakedInterfaces, [
  {
    title: 'one that its node left behind',
    snapshot: [interfaceOf({})],
    verdict: 'warn',
    subject: 'Subnet/subnet-0a',
    words: ['1 interface', '2 in all: eni-0left'],
  },
  {
    title: 'one with a prefix',
    snapshot: [interfaceOf({ Ipv4Prefixes: [{ Ipv4Prefix: '10.0.3.16/28' }] })],
    verdict: 'warn',
    subject: 'Subnet/subnet-0a',
    words: ['18 in all'],
  },
  { title: 'one that is in use', snapshot: [interfaceOf({ Status: 'in-use' })], verdict: 'pass' },
  { title: 'one of somebody else', snapshot: [interfaceOf({ TagSet: [] })], verdict: 'pass' },
  noGroupRow,
])

const refreshed =
  (age: number): SnapshotChange =>
  (snapshot) =>
    changeAws({ insights: snapshot.aws.insights?.map((each) => ({ ...each, lastRefreshTime: iso(NOW - age) })) })(snapshot)

checkTable(insightsFresh, [
  { title: 'a day old', snapshot: [refreshed(DAY)], verdict: 'pass' },
  { title: 'older than a day', snapshot: [refreshed(DAY + HOUR)], verdict: 'warn', words: ['1d01h ago'] },
])

const windowed = (open: string) => ({ window: { open: [open], timeZone: 'UTC', freezes: [], atClose: 'hold' } as const })

// it is Monday, 10:00 UTC
checkTable(
  windowFits,
  [
    { title: 'a window of a day', plan: windowed('Mon 09:00-24:00'), verdict: 'pass', words: ['from 2026-11-23T10:00:00.000Z'] },
    {
      title: 'the next one, when it is closed',
      plan: windowed('Tue 01:00-23:00'),
      verdict: 'pass',
      words: ['from 2026-11-24T01:00:00.000Z'],
    },
    { title: 'one that never closes', plan: windowed('daily 00:00-24:00'), verdict: 'pass' },
    {
      title: 'one of which too little is left, when the next is long enough',
      plan: windowed('Mon 05:00-10:05'),
      verdict: 'warn',
      words: ['stops at a safe point'],
    },
    {
      title: 'one that closes before the run ends',
      plan: windowed('Mon 09:00-11:00'),
      verdict: 'warn',
      words: ['stops at a safe point', 'exit 31'],
    },
    {
      title: 'one that is shorter than a group takes',
      plan: windowed('Mon 09:58-10:05'),
      verdict: 'block',
      subject: 'NodeGroup/data',
      words: ['longer than the whole window', 'cannot stop'],
      findings: 6,
    },
  ],
  { plan: windowed('Mon 09:00-24:00') },
)

const ready = (status: string) =>
  changeObject<Node>('Node', firstOfApp, (each) => ({
    ...each,
    status: {
      ...each.status,
      conditions: [
        { type: 'MemoryPressure', status: 'True' },
        { type: 'Ready', status, reason: 'KubeletNotReady', message: 'cni plugin not initialized' },
      ],
    },
  }))

checkTable(nodesReadyNow, [
  {
    title: 'Ready=False',
    snapshot: [ready('False')],
    verdict: 'warn',
    subject: 'NodeGroup/app-a',
    words: ['Ready=False', 'cni plugin'],
  },
  {
    title: 'Ready=Unknown is not Ready',
    snapshot: [ready('Unknown')],
    verdict: 'warn',
    subject: 'NodeGroup/app-a',
    words: ['Ready=Unknown'],
  },
  { title: 'Ready by name and not by position', snapshot: [ready('True')], verdict: 'pass' },
  {
    title: 'no condition at all',
    snapshot: [changeObject<Node>('Node', firstOfApp, (each) => ({ ...each, status: { ...each.status, conditions: [] } }))],
    verdict: 'warn',
    subject: 'NodeGroup/app-a',
    words: ['says nothing of Ready'],
  },
])

const outside = (labels: Record<string, string>) =>
  changeObject<Node>('Node', firstOfApp, (each) => {
    const { [NODEGROUP_LABEL]: _group, ...rest } = each.metadata.labels ?? {}
    return { ...each, metadata: { ...each.metadata, labels: { ...rest, ...labels } } }
  })

checkTable(untouchedNodes, [
  {
    title: 'a node that no managed group has',
    snapshot: [outside({})],
    verdict: 'warn',
    words: [`${firstOfApp} at v1.32`, 'does not touch it'],
  },
  {
    title: 'a node of Windows',
    snapshot: [outside({ 'kubernetes.io/os': 'windows' })],
    verdict: 'warn',
    words: [`${firstOfApp} at Windows, v1.32`],
  },
  ...(
    [
      ['Fargate', 'eks.amazonaws.com/compute-type', 'fargate'],
      ['hybrid', 'eks.amazonaws.com/compute-type', 'hybrid'],
      ['Auto Mode', 'eks.amazonaws.com/compute-type', 'auto'],
      ['Karpenter', 'karpenter.sh/nodepool', 'default'],
    ] as const
  ).map(([kind, label, value]) => ({
    title: `a node of ${kind} is named`,
    snapshot: [outside({ [label]: value })],
    verdict: 'pass' as const,
    words: [`1 ${kind} (${firstOfApp}), which this run does not touch`],
  })),
])
