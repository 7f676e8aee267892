import type {
  Condition,
  Container,
  LabelSelector,
  Node,
  ObjectMeta,
  Pod,
  PodDisruptionBudget,
  PodSpec,
  Workload,
} from '../model/kubernetes.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { misfit, type Shape } from './shape.ts'

/** The kinds of the members of a snapshot that Serin reads: `model/aws.ts` and `model/kubernetes.ts` say what they mean. */

const TEXTS = { each: 'text' } as const
const TAGS = [{ Key: 'text', Value: 'text' }] as const
const ISSUES = { issues: [{ code: 'text', message: 'text', resourceIds: ['text'] }] } as const
const TEMPLATE = { LaunchTemplateId: 'text', LaunchTemplateName: 'text', Version: 'text' } as const

const AWS: Shape<ClusterSnapshot['aws']> = {
  callerIdentity: { Account: 'text', Arn: 'text' },
  cluster: {
    name: 'text',
    arn: 'text',
    version: 'text',
    platformVersion: 'text',
    status: 'text',
    endpoint: 'text',
    certificateAuthority: { data: 'text' },
    resourcesVpcConfig: {
      subnetIds: ['text'],
      securityGroupIds: ['text'],
      vpcId: 'text',
      clusterSecurityGroupId: 'text',
      publicAccessCidrs: ['text'],
    },
    kubernetesNetworkConfig: { ipFamily: 'text', serviceIpv4Cidr: 'text' },
    health: ISSUES,
    computeConfig: { enabled: 'flag' },
    tags: TEXTS,
  },
  addons: [
    {
      addonName: 'text',
      status: 'text',
      addonVersion: 'text',
      health: ISSUES,
      serviceAccountRoleArn: 'text',
      configurationValues: 'text',
      podIdentityAssociations: ['text'],
      modifiedAt: 'text',
    },
  ],
  addonVersions: [
    {
      addonName: 'text',
      addonVersions: [
        {
          addonVersion: 'text',
          architecture: ['text'],
          computeTypes: ['text'],
          compatibilities: [{ clusterVersion: 'text', platformVersions: ['text'], defaultVersion: 'flag' }],
        },
      ],
    },
  ],
  addonConfigurations: [{ addonName: 'text', addonVersion: 'text', configurationSchema: 'text' }],
  nodegroups: [
    {
      nodegroupName: 'text',
      version: 'text',
      releaseVersion: 'text',
      status: 'text',
      amiType: 'text',
      capacityType: 'text',
      instanceTypes: ['text'],
      subnets: ['text'],
      labels: TEXTS,
      scalingConfig: { minSize: 'number', maxSize: 'number', desiredSize: 'number' },
      updateConfig: { maxUnavailable: 'number', maxUnavailablePercentage: 'number', updateStrategy: 'text' },
      launchTemplate: { id: 'text', name: 'text', version: 'text' },
      resources: { autoScalingGroups: [{ name: 'text' }] },
      health: ISSUES,
      tags: TEXTS,
    },
  ],
  autoScalingGroups: [
    {
      AutoScalingGroupName: 'text',
      MinSize: 'number',
      MaxSize: 'number',
      DesiredCapacity: 'number',
      AvailabilityZones: ['text'],
      VPCZoneIdentifier: 'text',
      LaunchTemplate: TEMPLATE,
      Instances: [{ InstanceId: 'text', AvailabilityZone: 'text', LifecycleState: 'text', InstanceType: 'text', ImageId: 'text' }],
      SuspendedProcesses: [{ ProcessName: 'text', SuspensionReason: 'text' }],
      Tags: TAGS,
    },
  ],
  launchTemplateVersions: [
    {
      LaunchTemplateId: 'text',
      LaunchTemplateName: 'text',
      VersionNumber: 'number',
      DefaultVersion: 'flag',
      LaunchTemplateData: { ImageId: 'text' },
    },
  ],
  subnets: [
    { SubnetId: 'text', VpcId: 'text', AvailabilityZone: 'text', CidrBlock: 'text', AvailableIpAddressCount: 'number', Tags: TAGS },
  ],
  networkInterfaces: [
    {
      NetworkInterfaceId: 'text',
      SubnetId: 'text',
      Status: 'text',
      PrivateIpAddresses: [{ PrivateIpAddress: 'text', Primary: 'flag' }],
      Ipv4Prefixes: [{ Ipv4Prefix: 'text' }],
      TagSet: TAGS,
    },
  ],
  instanceTypes: [
    {
      InstanceType: 'text',
      VCpuInfo: { DefaultVCpus: 'number' },
      MemoryInfo: { SizeInMiB: 'number' },
      ProcessorInfo: { SupportedArchitectures: ['text'] },
      NetworkInfo: { MaximumNetworkInterfaces: 'number', Ipv4AddressesPerInterface: 'number' },
    },
  ],
  insights: [
    {
      id: 'text',
      name: 'text',
      category: 'text',
      kubernetesVersion: 'text',
      lastRefreshTime: 'text',
      insightStatus: { status: 'text', reason: 'text' },
    },
  ],
  updates: [{ id: 'text', status: 'text', type: 'text', createdAt: 'text', nodegroupName: 'text', addonName: 'text' }],
  quotas: [{ ServiceCode: 'text', QuotaCode: 'text', QuotaName: 'text', Value: 'number' }],
  ssmParameters: [{ Name: 'text', Value: 'text' }],
  images: [{ ImageId: 'text', Name: 'text', OwnerId: 'text', State: 'text', DeprecationTime: 'text' }],
  instanceCounts: [{ InstanceType: 'text', InstanceLifecycle: 'text', Count: 'number', VCpus: 'number' }],
  instanceRefreshes: [{ InstanceRefreshId: 'text', AutoScalingGroupName: 'text', Status: 'text', PercentageComplete: 'number' }],
  subnetCidrReservations: [{ SubnetId: 'text', Cidr: 'text', ReservationType: 'text' }],
  alarms: [{ AlarmName: 'text', StateValue: 'text', StateReason: 'text', StateUpdatedTimestamp: 'text', EvaluationState: 'text' }],
}

const REST: Shape<Pick<ClusterSnapshot, 'logs' | 'nodeLogs' | 'outside' | 'unavailable' | 'takenFrom'>> = {
  logs: [{ namespace: 'text', pod: 'text', container: 'text', previous: 'flag', text: 'text' }],
  nodeLogs: [{ node: 'text', file: 'text', text: 'text' }],
  outside: [{ subject: 'text', answer: { kind: 'text' } }],
  unavailable: [{ source: 'text', reason: 'text', message: 'text', mayPass: 'flag' }],
  takenFrom: { namespace: 'text', pod: 'text', node: 'text' },
}

const META: Shape<ObjectMeta> = {
  name: 'text',
  namespace: 'text',
  uid: 'text',
  creationTimestamp: 'text',
  labels: TEXTS,
  annotations: TEXTS,
  ownerReferences: [{ kind: 'text', name: 'text', controller: 'flag' }],
  managedFields: [{ manager: 'text', operation: 'text', subresource: 'text', apiVersion: 'text', time: 'text' }],
}
const CONDITIONS: Shape<readonly Condition[]> = [{ type: 'text', status: 'text', reason: 'text', message: 'text' }]
const SELECTOR: Shape<LabelSelector> = { matchLabels: TEXTS, matchExpressions: [{ key: 'text', operator: 'text', values: ['text'] }] }
const CONTAINER: Shape<Container> = {
  name: 'text',
  image: 'text',
  env: [{ name: 'text', value: 'text' }],
  resources: { requests: { each: 'text' }, limits: { each: 'text' } },
}
const TERMS = [{ matchExpressions: [{ key: 'text', operator: 'text', values: ['text'] }] }] as const
const POD_SPEC: Shape<PodSpec> = {
  nodeName: 'text',
  hostNetwork: 'flag',
  serviceAccountName: 'text',
  containers: [CONTAINER],
  initContainers: [CONTAINER],
  tolerations: [{ key: 'text', operator: 'text', value: 'text', effect: 'text' }],
  nodeSelector: TEXTS,
  affinity: {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: TERMS } },
    podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: SELECTOR, topologyKey: 'text' }] },
  },
  topologySpreadConstraints: [{ maxSkew: 'number', topologyKey: 'text', whenUnsatisfiable: 'text', labelSelector: SELECTOR }],
  volumes: [{ name: 'text', persistentVolumeClaim: { claimName: 'text' } }],
  terminationGracePeriodSeconds: 'number',
}
const STATUSES = [{ name: 'text', ready: 'flag', restartCount: 'number', image: 'text', state: {}, lastState: {} }] as const

const NODE: Shape<Node> = {
  metadata: META,
  spec: { providerID: 'text', unschedulable: 'flag', taints: [{ key: 'text', value: 'text', effect: 'text' }] },
  status: {
    conditions: CONDITIONS,
    addresses: [{ type: 'text', address: 'text' }],
    nodeInfo: { kubeletVersion: 'text', osImage: 'text', architecture: 'text', operatingSystem: 'text' },
    allocatable: { each: 'text' },
    capacity: { each: 'text' },
  },
}
const POD: Shape<Pod> = {
  metadata: META,
  spec: POD_SPEC,
  status: { phase: 'text', podIP: 'text', conditions: CONDITIONS, containerStatuses: STATUSES, initContainerStatuses: STATUSES },
}
const WORKLOAD: Shape<Workload> = {
  metadata: META,
  spec: {
    replicas: 'number',
    selector: SELECTOR,
    template: { metadata: { labels: TEXTS }, spec: POD_SPEC },
    updateStrategy: { type: 'text' },
  },
  status: {
    replicas: 'number',
    readyReplicas: 'number',
    availableReplicas: 'number',
    numberReady: 'number',
    desiredNumberScheduled: 'number',
  },
}
const BUDGET: Shape<PodDisruptionBudget> = {
  metadata: META,
  spec: { minAvailable: 'amount', maxUnavailable: 'amount', selector: SELECTOR, unhealthyPodEvictionPolicy: 'text' },
  status: { disruptionsAllowed: 'number', currentHealthy: 'number', desiredHealthy: 'number', expectedPods: 'number' },
}
const RULES = [{ apiGroups: ['text'], operations: ['text'], resources: ['text'] }] as const
const WEBHOOKS = {
  metadata: META,
  webhooks: [
    { name: 'text', clientConfig: {}, rules: RULES, failurePolicy: 'text', namespaceSelector: SELECTOR, objectSelector: SELECTOR },
  ],
} as const

/** Of other kinds nothing is known but that they have a name. */
const KINDS: Readonly<Record<string, unknown>> = {
  Node: NODE,
  Pod: POD,
  Deployment: WORKLOAD,
  StatefulSet: WORKLOAD,
  ReplicaSet: WORKLOAD,
  DaemonSet: WORKLOAD,
  PodDisruptionBudget: BUDGET,
  Service: { metadata: META, spec: { selector: TEXTS } },
  ENIConfig: { metadata: META, spec: { subnet: 'text', securityGroups: ['text'] } },
  NodePool: {
    metadata: META,
    spec: {
      template: { spec: { nodeClassRef: { kind: 'text', name: 'text' } } },
      disruption: { budgets: [{ nodes: 'text', reasons: ['text'], schedule: 'text' }] },
    },
  },
  EC2NodeClass: { metadata: META, spec: { amiSelectorTerms: [{ alias: 'text', ssmParameter: 'text' }] } },
  PersistentVolume: { metadata: META, spec: { nodeAffinity: { required: { nodeSelectorTerms: TERMS } } } },
  PersistentVolumeClaim: { metadata: META, spec: { volumeName: 'text' } },
  MutatingWebhookConfiguration: WEBHOOKS,
  ValidatingWebhookConfiguration: WEBHOOKS,
}

/** The first member of a snapshot that is not of its kind, or undefined. */
export function snapshotMisfit(snapshot: ClusterSnapshot): string | undefined {
  const outside = misfit(snapshot.aws, AWS, ['aws']) ?? misfit(snapshot, REST)
  if (outside !== undefined) return outside
  for (const [place, item] of (snapshot.kubernetes.items ?? []).entries()) {
    const shape = Object.hasOwn(KINDS, item.kind) ? KINDS[item.kind] : { metadata: META }
    const found = misfit(item, shape, ['kubernetes', 'items', place])
    if (found !== undefined) return found
  }
  return undefined
}
