import type { Node, Pod } from '../../model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from '../../model/snapshot.ts'
import type { Evidence } from '../../model/verdict.ts'
import type { CheckDefinition, CheckFinding, CheckInput } from './definition.ts'
import { groupNameOf, nodesOf } from './reading/nodes.ts'
import { count, names } from './reading/wording.ts'

/** Above this share of the nodes a cluster is not fit for an upgrade. */
const BLOCKING_PERCENT = 10
/** aws-node's own affinity leaves these out: https://github.com/aws/amazon-vpc-cni-k8s/blob/master/config/master/aws-k8s-cni.yaml */
const WITHOUT_AWS_NODE = ['fargate', 'hybrid', 'auto']

/** aws-node is in good health on every node before anything moves. */
export const awsNodeHealthy: CheckDefinition = {
  code: 'AWS_NODE_HEALTHY',
  title: 'aws-node runs and is ready on every node, container by container',
  severity: 'block',
  waivable: true,
  needs: ['kubernetes:nodes', 'kubernetes:pods'],
  prevents: 'A cluster that is ill before the run: gates compare new nodes with untouched ones, and an ill control proves nothing.',
  remedy: 'Look at one: `kubectl -n kube-system get pods -l k8s-app=aws-node -o wide`; a node that stays ill is best replaced.',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/docs/troubleshooting.md',
  evaluate: (input) => {
    const nodes = nodesOf(input.snapshot).filter(wantsAwsNode)
    const ill = illNodes(input.snapshot, nodes)
    if (ill.length > 0) return byGroup(ill, nodes.length, input)
    const subject = `Cluster/${input.plan.cluster.name}`
    if (nodes.length === 0) return [{ verdict: 'unknown', subject, message: 'There is no node on which aws-node could run.' }]
    return [{ verdict: 'pass', subject, message: `aws-node is ready on ${count(nodes.length, 'node')}.` }]
  },
}

function wantsAwsNode(node: Node): boolean {
  const windows = (node.status?.nodeInfo?.operatingSystem ?? node.metadata.labels?.['kubernetes.io/os']) === 'windows'
  return !windows && !WITHOUT_AWS_NODE.includes(node.metadata.labels?.['eks.amazonaws.com/compute-type'] ?? '')
}

interface IllNode {
  readonly node: Node
  readonly says: string
}

function illNodes(snapshot: ClusterSnapshot, nodes: readonly Node[]): readonly IllNode[] {
  const pods = objectsOf<Pod>(snapshot, 'Pod').filter(
    ({ metadata }) => metadata.namespace === 'kube-system' && metadata.labels?.['k8s-app'] === 'aws-node',
  )
  const byNode = Map.groupBy(pods, (pod) => pod.spec?.nodeName ?? '')
  return nodes.flatMap((node) => {
    const says = illness(byNode.get(node.metadata.name) ?? [])
    return says === undefined ? [] : [{ node, says }]
  })
}

/** What is wrong with the aws-node pods of one node, or undefined. A pod on its way out counts only when there is no other. */
function illness(pods: readonly Pod[]): string | undefined {
  const pod = pods.find((each) => each.metadata.deletionTimestamp === undefined) ?? pods[0]
  if (!pod) return 'no aws-node pod'
  if (pod.metadata.deletionTimestamp !== undefined) return 'its aws-node pod is being deleted'
  return illInit(pod) ?? illContainer(pod)
}

/** An unfinished init container keeps a pod Pending although its DaemonSet may call it ready. */
function illInit(pod: Pod): string | undefined {
  const wanted = pod.spec?.initContainers ?? []
  const unfinished = wanted.find(({ name }) => {
    const status = pod.status?.initContainerStatuses?.find((each) => each.name === name)
    return status?.state?.terminated?.exitCode !== 0
  })
  return unfinished && `init container ${unfinished.name} has not finished`
}

function illContainer(pod: Pod): string | undefined {
  const statuses = pod.status?.containerStatuses ?? []
  const wanted = pod.spec?.containers?.map((container) => container.name) ?? ['aws-node']
  const missing = wanted.find((name) => !statuses.some((status) => status.name === name))
  if (missing !== undefined) return `container ${missing} has no status`
  const ill = statuses.find((status) => status.ready !== true || status.state?.running === undefined)
  if (!ill) return undefined
  const why = ill.state?.waiting?.reason ?? ill.lastState?.terminated?.reason ?? (ill.state?.running ? 'not ready' : 'not running')
  return `container ${ill.name}: ${why}, ${count(ill.restartCount ?? 0, 'restart')}`
}

function byGroup(ill: readonly IllNode[], nodes: number, { intent, plan }: CheckInput): readonly CheckFinding[] {
  const tooMany = ill.length * 100 >= nodes * BLOCKING_PERCENT
  const canaries = new Set(intent.groups.filter((group) => group.phase === 'canary').map((group) => group.name))
  const groups = Map.groupBy(ill, (each) => groupNameOf(each.node))
  return [...groups].map(([group, members]) => {
    const inCanary = canaries.has(group ?? '')
    const because = inCanary ? ' The canary must be in good health to prove anything.' : ''
    const share = tooMany ? ` In all ${ill.length} of ${nodes} nodes, ${BLOCKING_PERCENT} % or more: too many to compare with.` : ''
    return {
      verdict: inCanary || tooMany ? 'block' : 'warn',
      subject: group === undefined ? `Cluster/${plan.cluster.name}` : `NodeGroup/${group}`,
      message: `aws-node is ill on ${count(members.length, 'node')} of ${group ?? 'no managed group'}: ${names(members.map(inWords))}.${because}${share}`,
      evidence: members.map(({ node, says }): Evidence => ({ subject: `Node/${node.metadata.name}`, says })),
    }
  })
}

const inWords = ({ node, says }: IllNode) => `${node.metadata.name} (${says})`
