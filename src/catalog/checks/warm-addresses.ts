import { addressesPerNode, type PoolSettings } from '../../forecast/addresses.ts'
import { INSTANCE_TYPE_LABEL, type Pod } from '../../model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from '../../model/snapshot.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { nodesOf } from './reading/nodes.ts'
import { isAlive } from './reading/pod-network.ts'
import { withAwsNode } from './reading/pool-settings.ts'
import { limitsOf } from './reading/type-limits.ts'
import { count } from './reading/wording.ts'

/** What is left ready for the next pods where the pods of a node are taken at once. */
const SPARE = 2

/** What aws-node takes before pods ask: it spares a mass start its calls to EC2, and costs addresses. */
export const warmAddresses: CheckDefinition = {
  code: 'WARM_ADDRESSES',
  title: 'aws-node takes addresses ahead of the pods of a new node, and what that costs is known',
  severity: 'warn',
  waivable: true,
  needs: ['kubernetes:daemonsets', 'kubernetes:nodes', 'kubernetes:pods'],
  prevents:
    'A scale-out in which every pod waits for a call to EC2 of its own: thousands at once burn the request limits of the account, and pods without any fault of theirs get no address.',
  remedy:
    'Set MINIMUM_IP_TARGET of aws-node to about as many as a node has pods, and WARM_IP_TARGET to some more, in the configuration of vpc-cni.',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/docs/eni-and-ip-target.md',
  evaluate: (input) =>
    withAwsNode(input, (_daemonSet, settings) => [{ subject: `Cluster/${input.plan.cluster.name}`, ...judge(input.snapshot, settings) }]),
}

function judge(snapshot: ClusterSnapshot, settings: PoolSettings): Pick<CheckFinding, 'verdict' | 'message'> {
  if (settings.ipFamily === 'ipv6')
    return { verdict: 'pass', message: 'An IPv6 node has a prefix of its own from the start: no pod waits for EC2.' }
  const pods = podsByNode(snapshot)
  const most = Math.max(1, ...pods.values())
  const words = wordsFor(settings)
  const now = unusedOf(snapshot, settings, pods)
  const better: PoolSettings = { ...settings, warmAddresses: SPARE, minimumAddresses: most }
  const then = `WARM_IP_TARGET=${SPARE} with MINIMUM_IP_TARGET=${most}, as many as the fullest node has pods, would keep ${unusedOf(snapshot, better, pods).total}`
  if (!takesAhead(settings))
    return {
      verdict: 'warn',
      message: `${words}: next to nothing is taken ahead of need, so each pod of a new node waits for a call to EC2; ${then} ready on the nodes that there are.`,
    }
  const left = now.unknown === 0 ? '' : `; ${count(now.unknown, 'node')} of unknown types not counted`
  return {
    verdict: 'pass',
    message: `${words}: ${count(now.nodes, 'node')} keep ${now.total} addresses that no pod has yet, at most ${now.most} on one${left}. ${then}.`,
  }
}

/** One address at a time is as good as none where many pods come at once; an interface, a prefix or a minimum is not. */
function takesAhead({ warmAddresses, minimumAddresses, warmInterfaces = 1, warmPrefixes = 1, prefixDelegation }: PoolSettings): boolean {
  if (warmAddresses !== undefined || minimumAddresses !== undefined) return (minimumAddresses ?? 0) > 1 || (warmAddresses ?? 0) > 1
  return prefixDelegation === true ? warmPrefixes > 0 : warmInterfaces > 0
}

function wordsFor({ warmAddresses, minimumAddresses, warmInterfaces = 1, warmPrefixes = 1, prefixDelegation }: PoolSettings): string {
  const set = [
    ...(warmAddresses === undefined ? [] : [`WARM_IP_TARGET=${warmAddresses}`]),
    ...(minimumAddresses === undefined ? [] : [`MINIMUM_IP_TARGET=${minimumAddresses}`]),
  ]
  if (set.length > 0) return set.join(', ')
  return prefixDelegation === true ? `WARM_PREFIX_TARGET=${warmPrefixes}` : `WARM_ENI_TARGET=${warmInterfaces}`
}

function podsByNode(snapshot: ClusterSnapshot): ReadonlyMap<string, number> {
  const pods = objectsOf<Pod>(snapshot, 'Pod').filter((pod) => pod.spec?.hostNetwork !== true && isAlive(pod))
  const byNode = Map.groupBy(pods, ({ spec }) => spec?.nodeName ?? '')
  byNode.delete('')
  return new Map([...byNode].map(([node, all]) => [node, all.length]))
}

function unusedOf(snapshot: ClusterSnapshot, settings: PoolSettings, pods: ReadonlyMap<string, number>) {
  const unused = nodesOf(snapshot).map(({ metadata: { name, labels = {} } }) => {
    const limits = limitsOf(snapshot, labels[INSTANCE_TYPE_LABEL] ?? '')
    return limits && addressesPerNode(limits, settings, pods.get(name) ?? 0).unused
  })
  const known = unused.filter((each) => each !== undefined)
  return {
    nodes: known.length,
    unknown: unused.length - known.length,
    total: known.reduce((sum, each) => sum + each, 0),
    most: Math.max(0, ...known),
  }
}
