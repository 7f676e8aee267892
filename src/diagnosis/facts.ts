import type { KyvernoPolicy, WebhookConfiguration } from '../catalog/checks/reading/admission.ts'
import type { AgentFact, ClusterFacts, NodeFact, SubnetFact } from '../catalog/signatures/facts.ts'
import { lastSeen } from '../model/events.ts'
import { type Instant, instantOf } from '../model/instant.ts'
import {
  conditionOf,
  INSTANCE_TYPE_LABEL,
  instanceIdOf,
  type KubernetesEvent,
  type KubernetesObject,
  NODEGROUP_LABEL,
  type Node,
  type Pod,
  ZONE_LABEL,
} from '../model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf, whyUnavailable } from '../model/snapshot.ts'
import { agentFact, indexLogs } from './agents.ts'
import { addonIssues, cniFacts } from './cni.ts'
import { indexEvents } from './events-index.ts'
import { shortGroups, subnetFacts } from './network.ts'
import { podGroups } from './pods.ts'

/** A snapshot as signatures read it. One pass over its objects: about linear in its size. */
export function clusterFacts(snapshot: ClusterSnapshot): ClusterFacts {
  const now = instantOf(snapshot.capturedAt) ?? 0
  const cni = cniFacts(snapshot)
  const pods = objectsOf<Pod>(snapshot, 'Pod')
  const events = objectsOf<KubernetesEvent>(snapshot, 'Event')
  const eventsOf = indexEvents(events)
  const nodes = objectsOf<Node>(snapshot, 'Node')
  const living = new Set(nodes.flatMap((node) => instanceIdOf(node) ?? []))
  const subnets = subnetFacts(snapshot, living)
  const agents = agentsOf(snapshot, pods, eventsOf, now)
  const subnetOf = subnetsOfInstances(snapshot, subnets)
  const configs =
    whyUnavailable(snapshot, 'kubernetes:eniconfigs') === undefined
      ? objectsOf(snapshot, 'ENIConfig').map(({ metadata }) => metadata.name)
      : undefined
  const cniNodeOf = cniNodes(snapshot)
  const nodeFacts = nodes.map(
    (node): NodeFact => ({
      ...nodeFact(node, eventsOf, subnetOf, cni.env),
      ...cniNodeOf(node.metadata.name),
      ...agents.get(node.metadata.name),
    }),
  )
  const byName = new Map(nodeFacts.map((node) => [node.name, node]))
  return {
    now,
    cluster: snapshot.aws.cluster?.name ?? '',
    region: regionOf(snapshot.aws.cluster?.arn),
    cni,
    nodes: nodeFacts,
    hung: nodeFacts.filter(
      ({ awsNode }) => awsNode?.state === 'hung' || awsNode?.state === 'crashing' || awsNode?.state === 'init-failing',
    ),
    serving: nodeFacts.filter(({ awsNode }) => awsNode?.state === 'serving' || awsNode?.state === 'recovered'),
    ...podGroups(pods, ({ spec }) => byName.get(spec?.nodeName ?? ''), eventsOf, now),
    subnets,
    shortGroups: shortGroups(snapshot, subnets),
    interfaceOf: interfacesByAddress(snapshot),
    branches: (snapshot.aws.networkInterfaces ?? []).flatMap(
      ({ NetworkInterfaceId: id = '', SubnetId: subnet = '', InterfaceType, Status }) =>
        InterfaceType === 'branch' && Status === 'in-use' ? [{ id, subnet }] : [],
    ),
    addonIssues: addonIssues(snapshot),
    webhooks: objectsOf<WebhookConfiguration>(snapshot, 'MutatingWebhookConfiguration'),
    policies: objectsOf<KyvernoPolicy>(snapshot, 'ClusterPolicy'),
    services: objectsOf(snapshot, 'Service').length,
    oldestEvent: events.reduce((oldest, event) => Math.min(oldest, lastSeen(event)), now),
    ...(configs === undefined ? {} : { eniConfigs: configs }),
    ...cooldownOf(snapshot),
    readable: (source) => whyUnavailable(snapshot, source) === undefined,
  }
}

type EventsOf = ReturnType<typeof indexEvents>
type Agents = Pick<NodeFact, 'awsNode' | 'kubeProxy' | 'identityAgent'>

/** The pods of DaemonSets on which the network of a node stands: by their owner, or by their label where owners were not read. */
const AGENTS: Readonly<Record<string, { readonly member: keyof Agents; readonly main?: string }>> = {
  'aws-node': { member: 'awsNode', main: 'aws-node' },
  'kube-proxy': { member: 'kubeProxy' },
  'eks-pod-identity-agent': { member: 'identityAgent' },
}

function agentsOf(snapshot: ClusterSnapshot, pods: readonly Pod[], eventsOf: EventsOf, now: Instant): ReadonlyMap<string, Agents> {
  const logs = indexLogs(snapshot.logs ?? [])
  const nodeLogs = new Map((snapshot.nodeLogs ?? []).map(({ node, text }) => [node, text]))
  const found = new Map<string, Record<string, AgentFact>>()
  for (const pod of pods) {
    const { namespace, labels, ownerReferences, deletionTimestamp } = pod.metadata
    if (namespace !== 'kube-system' || deletionTimestamp !== undefined || pod.spec?.nodeName === undefined) continue
    const owner = ownerReferences?.find(({ kind }) => kind === 'DaemonSet')?.name
    const role = AGENTS[owner ?? labels?.['k8s-app'] ?? labels?.['app.kubernetes.io/name'] ?? '']
    if (role === undefined) continue
    const fact = agentFact(pod, role.main, { events: eventsOf(pod), logs, nodeLog: nodeLogs.get(pod.spec.nodeName) }, now)
    found.set(pod.spec.nodeName, { ...found.get(pod.spec.nodeName), [role.member]: fact })
  }
  return found
}

function nodeFact(
  node: Node,
  eventsOf: EventsOf,
  subnetOf: (instance: string) => SubnetFact | undefined,
  env: Readonly<Record<string, string>>,
): NodeFact {
  const { labels = {}, name, creationTimestamp } = node.metadata
  const ready = conditionOf(node.status?.conditions, 'Ready')
  const networking = conditionOf(node.status?.conditions, 'NetworkingReady')
  const branches = node.status?.allocatable?.['vpc.amazonaws.com/pod-eni']
  const instanceId = instanceIdOf(node)
  return {
    node,
    name,
    group: labels[NODEGROUP_LABEL],
    zone: labels[ZONE_LABEL],
    instanceType: labels[INSTANCE_TYPE_LABEL],
    instanceId,
    createdAt: instantOf(creationTimestamp) ?? 0,
    ready: ready?.status === 'True' || ready?.status === 'False' ? ready.status : 'Unknown',
    notReadySince: ready?.status === 'True' ? undefined : instantOf(ready?.lastTransitionTime ?? creationTimestamp),
    notReadyBecause: ready?.status === 'True' ? '' : (ready?.message ?? ''),
    cordoned: node.spec?.unschedulable === true,
    ...(networking !== undefined && networking.status !== 'True' ? { monitored: networking.reason ?? '' } : {}),
    ...(branches === undefined || branches === '0' ? {} : { branches: Number(branches) }),
    events: eventsOf(node),
    subnet: subnetOf(instanceId ?? ''),
    ...(env.AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG === 'true' ? { eniConfig: eniConfigOf(node, env) } : {}),
  }
}

/** pkg/eniconfig/eniconfig.go of amazon-vpc-cni-k8s: two labels and an annotation, else `default`. */
function eniConfigOf({ metadata: { labels = {}, annotations = {} } }: Node, env: Readonly<Record<string, string>>): string {
  const named = env.ENI_CONFIG_LABEL_DEF || 'k8s.amazonaws.com/eniConfig'
  const annotated = env.ENI_CONFIG_ANNOTATION_DEF || 'k8s.amazonaws.com/eniConfig'
  return labels['vpc.amazonaws.com/externalEniConfig'] ?? annotations[annotated] ?? labels[named] ?? 'default'
}

/** By the primary interface of the instance. */
function subnetsOfInstances({ aws }: ClusterSnapshot, subnets: readonly SubnetFact[]): (instance: string) => SubnetFact | undefined {
  const byId = new Map(subnets.map((subnet) => [subnet.id, subnet]))
  const primaries = (aws.networkInterfaces ?? []).flatMap(({ Attachment, SubnetId = '' }) => {
    const subnet = byId.get(SubnetId)
    return Attachment?.DeviceIndex === 0 && Attachment.InstanceId !== undefined && subnet !== undefined
      ? [[Attachment.InstanceId, subnet] as const]
      : []
  })
  const byInstance = new Map(primaries)
  return (instance) => byInstance.get(instance)
}

/** By single addresses, and by prefixes of sixteen. */
function interfacesByAddress({ aws }: ClusterSnapshot): ClusterFacts['interfaceOf'] {
  const blockOf = (address: string) => address.replace(/\d+$/, (last) => String(Math.floor(Number(last) / 16)))
  const known = new Map<string, string>()
  for (const { NetworkInterfaceId = '', PrivateIpAddresses = [], Ipv4Prefixes = [] } of aws.networkInterfaces ?? []) {
    for (const { PrivateIpAddress = '' } of PrivateIpAddresses) known.set(PrivateIpAddress, NetworkInterfaceId)
    for (const { Ipv4Prefix = '' } of Ipv4Prefixes) known.set(`/${blockOf(Ipv4Prefix.split('/')[0] ?? '')}`, NetworkInterfaceId)
  }
  return (address) => (address === undefined ? undefined : (known.get(address) ?? known.get(`/${blockOf(address)}`)))
}

/** By the name of the node. Without a single CNINode the kind was not read, or is not there. */
function cniNodes(snapshot: ClusterSnapshot): (node: string) => Pick<NodeFact, 'cniNode'> {
  const all = objectsOf<CniNode>(snapshot, 'CNINode')
  const byName = new Map(all.map(({ metadata, spec }) => [metadata.name, (spec?.features ?? []).flatMap(({ name }) => name ?? [])]))
  return (node) => (all.length === 0 ? {} : { cniNode: byName.get(node) ?? 'none' })
}

type CniNode = KubernetesObject & {
  readonly kind: 'CNINode'
  readonly spec?: { readonly features?: readonly { readonly name?: string }[] }
}

function cooldownOf(snapshot: ClusterSnapshot): Pick<ClusterFacts, 'branchCooldown'> {
  const settings = objectsOf<KubernetesObject & { readonly kind: 'ConfigMap'; readonly data?: Readonly<Record<string, string>> }>(
    snapshot,
    'ConfigMap',
  )
  const told = Number(settings.find(({ metadata }) => metadata.name === 'amazon-vpc-cni')?.data?.['branch-eni-cooldown'])
  return Number.isFinite(told) ? { branchCooldown: told } : {}
}

function regionOf(arn = ''): string {
  return arn.split(':')[3] ?? ''
}
