import { CNI_ACTIONS } from '../../src/catalog/knowledge/cni-actions.ts'
import { RUN_ACTIONS } from '../../src/catalog/knowledge/run-permissions.ts'
import type {
  AddonConfiguration,
  AddonListing,
  AddonVersionInfo,
  AutoScalingGroup,
  EksAddon,
  EksNodegroup,
  NetworkInterface,
} from '../../src/model/aws.ts'
import type { IamPrincipal, PolicyEvaluation } from '../../src/model/iam.ts'
import type { ClusterSnapshot } from '../../src/model/snapshot.ts'
import {
  ACCOUNT,
  autoScalingGroupName,
  CERTIFICATE,
  CLUSTER,
  CNI_AFTER,
  CNI_BEFORE,
  CNI_BETWEEN,
  ENDPOINT,
  IMAGES,
  nodesOfGroups,
  REGION,
  STARTED_AT,
  SUBNETS,
  type TestGroup,
  type TestNode,
  ZONES,
} from './healthy-cluster.ts'

/** Everything AWS says about the healthy cluster. */
export function healthyAws(groups: readonly TestGroup[]): ClusterSnapshot['aws'] {
  const nodes = nodesOfGroups(groups)
  return {
    callerIdentity: { Account: ACCOUNT, Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/release/lena` },
    credentials: { session: true, renewable: true, Expiration: '2026-11-23T11:00:00.000Z' },
    clockOffset: 0,
    cluster: {
      name: CLUSTER,
      arn: `arn:aws:eks:${REGION}:${ACCOUNT}:cluster/${CLUSTER}`,
      version: '1.33',
      platformVersion: 'eks.9',
      roleArn: `arn:aws:iam::${ACCOUNT}:role/shop-cluster`,
      status: 'ACTIVE',
      endpoint: ENDPOINT,
      certificateAuthority: { data: CERTIFICATE },
      createdAt: '2024-02-01T08:00:00Z',
      resourcesVpcConfig: {
        subnetIds: SUBNETS.map((subnet) => subnet.id),
        securityGroupIds: ['sg-0control'],
        vpcId: 'vpc-0shop',
        clusterSecurityGroupId: 'sg-0cluster',
        endpointPublicAccess: true,
        endpointPrivateAccess: true,
        publicAccessCidrs: ['0.0.0.0/0'],
      },
      kubernetesNetworkConfig: { ipFamily: 'ipv4', serviceIpv4Cidr: '172.20.0.0/16' },
      health: { issues: [] },
      upgradePolicy: { supportType: 'EXTENDED' },
      tags: { team: 'platform' },
    },
    addons: [addon('coredns', 'v1.12.1-eksbuild.2'), addon('kube-proxy', 'v1.32.6-eksbuild.12'), cniAddon()],
    addonVersions: [CNI_LISTING, KUBE_PROXY_LISTING],
    addonConfigurations: [CNI_BEFORE, CNI_BETWEEN, CNI_AFTER].map(cniConfiguration),
    nodegroups: groups.map(nodegroup),
    autoScalingGroups: groups.map((group) =>
      autoScalingGroup(
        group,
        nodes.filter((node) => node.group === group.name),
      ),
    ),
    launchTemplateVersions: [],
    subnets: SUBNETS.map((subnet) => ({
      SubnetId: subnet.id,
      VpcId: 'vpc-0shop',
      AvailabilityZone: subnet.zone,
      CidrBlock: subnet.cidr,
      // 1024 addresses of a /22, less 5 that AWS reserves, less 20 for each node here
      AvailableIpAddressCount: 1019 - 20 * nodes.filter((node) => node.subnet === subnet.id).length,
      Tags: [{ Key: `kubernetes.io/cluster/${CLUSTER}`, Value: 'shared' }],
    })),
    networkInterfaces: nodes.flatMap(interfacesOf),
    instanceTypes: [instanceType('m5.large', 3, 10, 2, 8192), instanceType('m5.xlarge', 4, 15, 4, 16384)],
    securityGroups: ['sg-0control', 'sg-0cluster'].map((GroupId) => ({ GroupId, VpcId: 'vpc-0shop' })),
    principals: PRINCIPALS,
    insights: [
      {
        id: '0001',
        name: 'Deprecated APIs removed in Kubernetes v1.34',
        category: 'UPGRADE_READINESS',
        kubernetesVersion: '1.34',
        lastRefreshTime: '2026-11-23T01:00:00Z',
        insightStatus: { status: 'PASSING', reason: 'No deprecated API usage detected within the last 30 days.' },
      },
    ],
    updates: [],
    images: Object.values(IMAGES).map(({ ami, release }) => ({
      ImageId: ami,
      Name: `amazon-eks-node-al2023-x86_64-standard-${release}`,
      OwnerId: '602401143452',
      State: 'available',
      Public: true,
      DeprecationTime: '2027-10-02T00:00:00.000Z',
    })),
    instanceCounts: [{ InstanceType: 'm5.large', InstanceLifecycle: 'on-demand', Count: nodes.length, VCpus: 2 * nodes.length }],
    instanceRefreshes: [],
    subnetCidrReservations: [],
    quotas: [{ ServiceCode: 'ec2', QuotaCode: 'L-1216C47A', QuotaName: 'Running On-Demand Standard instances', Value: 640 }],
    ssmParameters: Object.entries(IMAGES).flatMap(([minor, image]) => [
      { Name: recommended(minor, 'release_version'), Value: image.release },
      { Name: recommended(minor, 'image_id'), Value: image.ami },
    ]),
  }
}

const allowed = (actions: readonly string[]): readonly PolicyEvaluation[] =>
  actions.map((EvalActionName) => ({ EvalActionName, EvalResourceName: '*', EvalDecision: 'allowed' }))

const PRINCIPALS: readonly IamPrincipal[] = [
  {
    Arn: `arn:aws:iam::${ACCOUNT}:role/release`,
    uses: ['caller'],
    trustedServices: [],
    evaluations: allowed(Object.values(RUN_ACTIONS).flat()),
  },
  { Arn: `arn:aws:iam::${ACCOUNT}:role/shop-cluster`, uses: ['cluster'], trustedServices: ['eks.amazonaws.com'] },
  {
    Arn: `arn:aws:iam::${ACCOUNT}:role/shop-cni`,
    uses: ['vpc-cni'],
    trustedServices: ['pods.eks.amazonaws.com'],
    evaluations: allowed(CNI_ACTIONS),
  },
]

function recommended(minor: string, member: string): string {
  return `/aws/service/eks/optimized-ami/${minor}/amazon-linux-2023/x86_64/standard/recommended/${member}`
}

function addon(name: string, version: string): EksAddon {
  return {
    addonName: name,
    clusterName: CLUSTER,
    status: 'ACTIVE',
    addonVersion: version,
    health: { issues: [] },
    addonArn: `arn:aws:eks:${REGION}:${ACCOUNT}:addon/${CLUSTER}/${name}/00000000-0000-4000-8000-000000000000`,
    modifiedAt: STARTED_AT,
    tags: {},
  }
}

function cniAddon(): EksAddon {
  return {
    ...addon('vpc-cni', CNI_BEFORE),
    serviceAccountRoleArn: `arn:aws:iam::${ACCOUNT}:role/shop-cni`,
    configurationValues: '{"env":{"WARM_ENI_TARGET":"1"}}',
  }
}

function nodegroup(group: TestGroup): EksNodegroup {
  const minor = group.minor ?? '1.32'
  return {
    nodegroupName: group.name,
    nodegroupArn: `arn:aws:eks:${REGION}:${ACCOUNT}:nodegroup/${CLUSTER}/${group.name}/00000000-0000-4000-8000-000000000000`,
    clusterName: CLUSTER,
    version: minor,
    releaseVersion: IMAGES[minor]?.release ?? `${minor}.0-20250101`,
    status: 'ACTIVE',
    amiType: group.amiType ?? 'AL2023_x86_64_STANDARD',
    nodeRole: `arn:aws:iam::${ACCOUNT}:role/shop-nodes`,
    capacityType: 'ON_DEMAND',
    instanceTypes: [group.instanceType ?? 'm5.large'],
    subnets: SUBNETS.map((subnet) => subnet.id),
    labels: {},
    scalingConfig: { minSize: 1, maxSize: group.nodes + 3, desiredSize: group.nodes },
    updateConfig: { maxUnavailable: 1 },
    resources: { autoScalingGroups: [{ name: autoScalingGroupName(group.name) }] },
    health: { issues: [] },
    tags: {},
    modifiedAt: STARTED_AT,
  }
}

function autoScalingGroup(group: TestGroup, nodes: readonly TestNode[]): AutoScalingGroup {
  return {
    AutoScalingGroupName: autoScalingGroupName(group.name),
    MinSize: 1,
    MaxSize: group.nodes + 3,
    DesiredCapacity: group.nodes,
    AvailabilityZones: [...ZONES],
    VPCZoneIdentifier: SUBNETS.map((subnet) => subnet.id).join(','),
    Instances: nodes.map((node) => ({
      InstanceId: node.instanceId,
      AvailabilityZone: node.zone,
      LifecycleState: 'InService',
      HealthStatus: 'Healthy',
      InstanceType: node.instanceType,
      ImageId: node.ami,
      ProtectedFromScaleIn: false,
    })),
    SuspendedProcesses: [],
    Tags: [
      { Key: 'eks:cluster-name', Value: CLUSTER },
      { Key: 'eks:nodegroup-name', Value: group.name },
    ],
  }
}

/** Two interfaces of ten addresses: what an m5.large with pods takes under the default warm target. */
function interfacesOf(node: TestNode): readonly NetworkInterface[] {
  return [0, 1].map((device) => ({
    NetworkInterfaceId: `eni-0${node.index.toString(16).padStart(14, '0')}${device}`,
    SubnetId: node.subnet,
    Status: 'in-use',
    InterfaceType: 'interface',
    Description: device === 0 ? '' : `aws-K8S-${node.instanceId}`,
    PrivateIpAddresses: Array.from({ length: 10 }, (_, place) => ({
      PrivateIpAddress: place === 0 && device === 0 ? node.ip : interfaceAddress(node, device * 10 + place),
      Primary: place === 0,
    })),
    Ipv4Prefixes: [],
    Attachment: { InstanceId: node.instanceId, DeviceIndex: device, Status: 'attached' },
    TagSet: [{ Key: 'cluster.k8s.amazonaws.com/name', Value: CLUSTER }],
  }))
}

/** An address of the node's subnet that no other node has: its second and third /24 belong to pods. */
function interfaceAddress(node: TestNode, place: number): string {
  const [a, b, third = '0'] = node.ip.split('.')
  const offset = node.index * 20 + place
  return `${a}.${b}.${Number(third) + 1 + Math.floor(offset / 250)}.${1 + (offset % 250)}`
}

function instanceType(name: string, interfaces: number, addresses: number, vcpus: number, memory: number) {
  return {
    InstanceType: name,
    VCpuInfo: { DefaultVCpus: vcpus },
    MemoryInfo: { SizeInMiB: memory },
    ProcessorInfo: { SupportedArchitectures: ['x86_64'] },
    NetworkInfo: { MaximumNetworkInterfaces: interfaces, Ipv4AddressesPerInterface: addresses },
  }
}

/** One version of an add-on, listed for a closed range of minors of Kubernetes 1. */
export function listed(version: string, from: number, to: number, defaults: readonly number[] = []): AddonVersionInfo {
  return {
    addonVersion: version,
    architecture: ['amd64', 'arm64'],
    computeTypes: ['ec2'],
    compatibilities: Array.from({ length: to - from + 1 }, (_, step) => ({
      clusterVersion: `1.${to - step}`,
      platformVersions: ['*'],
      defaultVersion: defaults.includes(to - step),
    })),
    requiresConfiguration: false,
    requiresIamPermissions: true,
  }
}

const CNI_LISTING: AddonListing = {
  addonName: 'vpc-cni',
  addonVersions: [
    listed('v1.23.1-eksbuild.1', 31, 36),
    listed(CNI_AFTER, 30, 36, [31, 32, 33, 34, 35, 36]),
    listed('v1.22.1-eksbuild.2', 30, 36),
    listed(CNI_BETWEEN, 30, 36),
    listed('v1.21.1-eksbuild.8', 30, 36),
    listed('v1.20.5-eksbuild.1', 28, 36),
    listed(CNI_BEFORE, 28, 36, [28, 29]),
    listed('v1.19.6-eksbuild.7', 28, 36),
    listed('v1.18.3-eksbuild.3', 28, 34),
  ],
}

const KUBE_PROXY_LISTING: AddonListing = {
  addonName: 'kube-proxy',
  addonVersions: [listed('v1.33.10-eksbuild.29', 33, 36, [33]), listed('v1.32.6-eksbuild.12', 32, 35, [32])],
}

/** The add-on's schema in small: draft-06, closed, environment values as strings. */
export function cniConfiguration(version: string): AddonConfiguration {
  const text = { type: 'string' }
  return {
    addonName: 'vpc-cni',
    addonVersion: version,
    configurationSchema: JSON.stringify({
      $ref: '#/definitions/VpcCni',
      $schema: 'http://json-schema.org/draft-06/schema#',
      definitions: {
        Env: {
          additionalProperties: false,
          properties: {
            ENABLE_PREFIX_DELEGATION: { format: 'boolean', ...text },
            MINIMUM_IP_TARGET: { format: 'integer', ...text },
            WARM_ENI_TARGET: { format: 'integer', ...text },
            WARM_IP_TARGET: { format: 'integer', ...text },
          },
          title: 'Env',
          type: 'object',
        },
        VpcCni: {
          additionalProperties: false,
          properties: {
            enableNetworkPolicy: { format: 'boolean', ...text },
            env: { $ref: '#/definitions/Env' },
            tolerations: { items: { type: 'object' }, type: 'array' },
          },
          title: 'VpcCni',
          type: 'object',
        },
      },
    }),
  }
}
