import { type PoolSettings, podCapacity } from '../../forecast/addresses.ts'
import { INSTANCE_TYPE_LABEL, type Node, type Pod } from '../../model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from '../../model/snapshot.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { drainedNodes, groupNameOf } from './reading/nodes.ts'
import { hasBranch, isAlive } from './reading/pod-network.ts'
import { unlessUsed, withAwsNode } from './reading/pool-settings.ts'
import { limitsOf } from './reading/type-limits.ts'
import { foundOr } from './reading/verdicts.ts'
import { count } from './reading/wording.ts'

/** Pods of the host network that every node has: aws-node and kube-proxy. */
const ALWAYS_ON_HOST = 2

/** No node lets the scheduler put more pods on it than it has addresses for. */
export const maxPodsFit: CheckDefinition = {
  code: 'MAX_PODS',
  title: 'No node admits more pods than its interfaces have addresses for',
  severity: 'warn',
  waivable: true,
  needs: ['kubernetes:nodes', 'kubernetes:pods', 'kubernetes:daemonsets'],
  notApplicable: unlessUsed(({ ipFamily }) => (ipFamily === 'ipv6' ? 'A node of an IPv6 cluster has addresses enough.' : undefined)),
  prevents:
    'Pods stuck in ContainerCreating for want of an address on a node that still has room by its pod count: the scheduler counts max-pods, not addresses. A drain that packs nodes densely finds it.',
  remedy: 'Set max-pods in the launch template to what the instance type carries, or turn on prefix delegation.',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html',
  evaluate: (input) =>
    withAwsNode(input, (_, settings) => {
      const { snapshot, plan, intent } = input
      const nodes = drainedNodes(snapshot, intent)
      const alike = Map.groupBy(nodes, (node) => `${groupNameOf(node)} ${typeOf(node)} ${maxPodsOf(node)}`)
      const carried = Map.groupBy(objectsOf<Pod>(snapshot, 'Pod').filter(isAlive), (pod) => pod.spec?.nodeName ?? '')
      const found = [...alike.values()].flatMap((same) => judge(snapshot, settings, same, carried))
      return foundOr(found, plan, `${count(nodes.length, 'node')} to be replaced, none admits more pods than it has addresses for.`)
    }),
}

function typeOf({ metadata }: Node): string {
  return metadata.labels?.[INSTANCE_TYPE_LABEL] ?? ''
}

function maxPodsOf({ status }: Node): number {
  return Number(status?.capacity?.pods ?? status?.allocatable?.pods ?? 0)
}

/** Nodes of one group, type and max-pods; the one with the fewest pods of other kinds stands for all. */
function judge(
  snapshot: ClusterSnapshot,
  settings: PoolSettings,
  nodes: readonly Node[],
  carried: ReadonlyMap<string, readonly Pod[]>,
): readonly CheckFinding[] {
  const [first] = nodes
  if (first === undefined) return []
  const [group, type, most] = [groupNameOf(first), typeOf(first), maxPodsOf(first)]
  const limits = limitsOf(snapshot, type)
  if (limits === undefined || most === 0) return []
  const others = Math.min(...nodes.map((node) => (carried.get(node.metadata.name) ?? []).filter(needsNoPoolAddress).length))
  const admitted = most - Math.max(ALWAYS_ON_HOST, others)
  const addresses = podCapacity(limits, settings)
  if (admitted <= addresses) return []
  const trunk = settings.podEni ? ', one interface being the trunk for branch interfaces' : ''
  const custom = settings.customNetworking ? ', the first interface carrying none under custom networking' : ''
  return [
    {
      verdict: 'warn',
      subject: `NodeGroup/${group}`,
      message: `${type} of ${group} has addresses for ${addresses} pods${trunk}${custom}; its max-pods of ${most} admits ${admitted}. A node that fills up leaves ${admitted - addresses} pods without an address.`,
      remedy: `Set max-pods to ${addresses + ALWAYS_ON_HOST} (maxPods under kubelet in the NodeConfig of the launch template of ${group}), or turn on prefix delegation.`,
    },
  ]
}

function needsNoPoolAddress(pod: Pod): boolean {
  return pod.spec?.hostNetwork === true || hasBranch(pod)
}
