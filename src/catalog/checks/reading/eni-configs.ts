import type { Subnet } from '../../../model/aws.ts'
import type { GroupIntent } from '../../../model/intent.ts'
import { type KubernetesObject, type Node, type Workload, ZONE_LABEL } from '../../../model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from '../../../model/snapshot.ts'
import { groupNameOf, nodesOf } from './nodes.ts'
import { awsNodeEnvironment } from './pool-settings.ts'

/** Where pods of a node get their interfaces under custom networking. */
export interface EniConfig extends KubernetesObject {
  readonly kind: 'ENIConfig'
  readonly spec?: { readonly subnet?: string; readonly securityGroups?: readonly string[] }
}

/** The ENIConfig that a new node of a group uses in a zone. */
export interface PodSubnet {
  readonly zone: string
  /** The name that aws-node looks for. */
  readonly name: string
  readonly config: EniConfig | undefined
  /** Undefined where there is no such ENIConfig, or its subnet was not read. */
  readonly subnet: Subnet | undefined
}

const EXTERNAL_LABEL = 'vpc.amazonaws.com/externalEniConfig'
const DEFAULT_LABEL = 'k8s.amazonaws.com/eniConfig'

/**
 * For each zone of a group the ENIConfig that a node which comes up there would use: by label, else the one named `default`.
 * Annotations are not looked at: no kubelet sets them, so a new node has none.
 * Order of choice: https://github.com/aws/amazon-vpc-cni-k8s/blob/master/pkg/eniconfig/eniconfig.go
 */
export function podSubnets(snapshot: ClusterSnapshot, daemonSet: Workload, group: GroupIntent): readonly PodSubnet[] {
  const configs = new Map(objectsOf<EniConfig>(snapshot, 'ENIConfig').map((config) => [config.metadata.name, config]))
  const subnets = new Map((snapshot.aws.subnets ?? []).map((subnet) => [subnet.SubnetId, subnet]))
  const env = awsNodeEnvironment(daemonSet)
  const label = env.find(({ name }) => name === 'ENI_CONFIG_LABEL_DEF')?.value ?? DEFAULT_LABEL
  return group.zones.map((zone) => {
    const labels = newNodeLabels(snapshot, group.name, zone)
    const name = labels[EXTERNAL_LABEL] ?? labels[label] ?? 'default'
    const config = configs.get(name)
    return { zone, name, config, subnet: subnets.get(config?.spec?.subnet) }
  })
}

/** Labels of the group, what all its nodes of the zone have in common, and the zone itself. */
function newNodeLabels(snapshot: ClusterSnapshot, group: string, zone: string): Readonly<Record<string, string>> {
  const own = snapshot.aws.nodegroups?.find(({ nodegroupName }) => nodegroupName === group)?.labels ?? {}
  const nodes = nodesOf(snapshot).filter((node) => groupNameOf(node) === group && node.metadata.labels?.[ZONE_LABEL] === zone)
  return { ...sharedLabels(nodes), ...own, [ZONE_LABEL]: zone }
}

function sharedLabels([first, ...others]: readonly Node[]): Readonly<Record<string, string>> {
  const labels = Object.entries(first?.metadata.labels ?? {})
  return Object.fromEntries(labels.filter(([key, value]) => others.every(({ metadata }) => metadata.labels?.[key] === value)))
}
