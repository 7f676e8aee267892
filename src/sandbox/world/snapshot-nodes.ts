import type { Node, Workload } from '../../model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from '../../model/snapshot.ts'
import { addressToNumber, rangeOf } from './aws/address-numbers.ts'
import type { ClusterSpec, CordonedSpec, NodeGroupSpec, SubnetSpec, WorldSpec } from './world-spec.ts'

const NODEGROUP = 'eks.amazonaws.com/nodegroup'
const ZONE = 'topology.kubernetes.io/zone'
const TYPE = 'node.kubernetes.io/instance-type'
/** Labels by which tools mark the nodes that they made themselves. */
const MARKS = ['karpenter.sh/nodepool', 'alpha.eksctl.io/nodegroup-name']

/** Nodes of no managed group, as self-managed groups: what launches them in the real cluster is unknown. */
export function selfManagedOf(
  snapshot: ClusterSnapshot,
  cluster: ClusterSpec,
  subnets: readonly SubnetSpec[],
  assumptions: string[],
): readonly NodeGroupSpec[] {
  const managed = new Set((snapshot.aws.nodegroups ?? []).map(({ nodegroupName }) => nodegroupName))
  const others = objectsOf<Node>(snapshot, 'Node').filter(({ metadata }) => !managed.has(metadata.labels?.[NODEGROUP]))
  const onFargate = others.filter(({ metadata }) => metadata.labels?.['eks.amazonaws.com/compute-type'] === 'fargate')
  if (onFargate.length > 0) assumptions.push(`${onFargate.length} nodes of Fargate are left out, with what runs there.`)
  const own = others.filter((node) => !onFargate.includes(node))
  return [...Map.groupBy(own, groupName)].map(([name, nodes]) => {
    assumptions.push(
      `${nodes.length} nodes of no managed group stand as the self-managed group ${name}; nothing but its own size launches or ends them.`,
    )
    return selfManaged(name, nodes, cluster, subnets)
  })
}

function groupName({ metadata }: Node): string {
  const labels = metadata.labels ?? {}
  const mark = MARKS.map((label) => labels[label]).find((value) => value !== undefined)
  return `self-managed-${mark ?? (labels[TYPE] ?? 'unknown').replace('.', '-')}`
}

function selfManaged(name: string, nodes: readonly Node[], cluster: ClusterSpec, subnets: readonly SubnetSpec[]): NodeGroupSpec {
  const [first] = nodes
  const labels = first?.metadata.labels ?? {}
  const minor = /^v(\d+\.\d+)/.exec(first?.status?.nodeInfo?.kubeletVersion ?? '')?.[1] ?? cluster.kubernetesVersion
  const arm = first?.status?.nodeInfo?.architecture === 'arm64'
  const own = new Set(nodes.flatMap((node) => subnetOf(node, subnets)?.id ?? []))
  const taints = (first?.spec?.taints ?? []).filter(({ key }) => !key.includes('node.kubernetes.io/') && !key.includes('cloudprovider'))
  return {
    name,
    form: 'self-managed',
    amiType: arm ? 'AL2023_ARM_64_STANDARD' : 'AL2023_x86_64_STANDARD',
    capacityType: 'ON_DEMAND',
    instanceTypes: [labels[TYPE] ?? 'm5.large'],
    size: { min: 0, max: nodes.length * 2, desired: nodes.length },
    kubernetesVersion: minor,
    subnetIds: own.size > 0 ? [...own] : subnets.map(({ id }) => id),
    labels: Object.fromEntries(Object.entries(labels).filter(([label]) => !/(^|\.)(kubernetes\.io|k8s\.aws)\//.test(label))),
    taints: taints as NodeGroupSpec['taints'],
    updateConfig: { updateStrategy: 'DEFAULT' },
  }
}

function subnetOf({ status, metadata }: Node, subnets: readonly SubnetSpec[]): SubnetSpec | undefined {
  const address = status?.addresses?.find(({ type }) => type === 'InternalIP')?.address
  const within = subnets.find(({ cidr }) => {
    const { base, size } = rangeOf(cidr)
    const offset = address === undefined ? -1 : addressToNumber(address) - base
    return offset >= 0 && offset < size
  })
  return within ?? subnets.find(({ zone }) => zone === metadata.labels?.[ZONE])
}

/** How many nodes of each group and zone were cordoned. */
export function cordonedOf(snapshot: ClusterSnapshot, groups: readonly NodeGroupSpec[]): readonly CordonedSpec[] {
  const known = new Set(groups.map(({ name }) => name))
  const cordoned = objectsOf<Node>(snapshot, 'Node').filter(({ spec }) => spec?.unschedulable === true)
  const places = cordoned.flatMap((node) => {
    const group = node.metadata.labels?.[NODEGROUP] ?? groupName(node)
    const zone = node.metadata.labels?.[ZONE]
    return zone === undefined || !known.has(group) ? [] : [{ group, zone }]
  })
  return [...Map.groupBy(places, ({ group, zone }) => `${group} ${zone}`).values()].flatMap((same) =>
    same[0] === undefined ? [] : [{ ...same[0], count: same.length }],
  )
}

/** The environment of aws-node as it was found: settings made with kubectl are in no add-on's configuration. */
export function awsNodeEnvironment(snapshot: ClusterSnapshot): Pick<WorldSpec, 'awsNodeEnvironment'> {
  const daemonSet = objectsOf<Workload>(snapshot, 'DaemonSet').find(
    ({ metadata }) => metadata.namespace === 'kube-system' && metadata.name === 'aws-node',
  )
  const container = daemonSet?.spec?.template?.spec?.containers?.find(({ name }) => name === 'aws-node')
  const said = (container?.env ?? []).flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const]))
  return said.length === 0 ? {} : { awsNodeEnvironment: Object.fromEntries(said) }
}
