import type { Node, Pod } from '../../../model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from '../../../model/snapshot.ts'
import type { Evidence } from '../../../model/verdict.ts'
import type { CheckFinding, CheckInput } from '../definition.ts'
import { groupNameOf, nodesOf } from './nodes.ts'
import { count, names } from './wording.ts'

/** Above this share of the nodes a cluster is not fit for an upgrade. */
const BLOCKING_PERCENT = 10
/** The affinity of aws-node and of kube-proxy leaves these out: https://github.com/aws/amazon-vpc-cni-k8s/blob/master/config/master/aws-k8s-cni.yaml */
const WITHOUT_AGENTS = ['fargate', 'hybrid', 'auto']

/** Whether the pods that every node needs run on each of them, container by container: what a check says of one such DaemonSet of kube-system. */
export function agentFindings(name: string, input: CheckInput): readonly CheckFinding[] {
  const nodes = nodesOf(input.snapshot).filter(wantsAgents)
  const ill = illNodes(name, input.snapshot, nodes)
  if (ill.length > 0) return byGroup(name, ill, nodes.length, input)
  const subject = `Cluster/${input.plan.cluster.name}`
  if (nodes.length === 0) return [{ verdict: 'unknown', subject, message: `There is no node on which ${name} could run.` }]
  return [{ verdict: 'pass', subject, message: `${name} is ready on ${count(nodes.length, 'node')}.` }]
}

/** The pods of such a DaemonSet. */
export function agentPods(name: string, snapshot: ClusterSnapshot): readonly Pod[] {
  return objectsOf<Pod>(snapshot, 'Pod').filter(
    ({ metadata }) => metadata.namespace === 'kube-system' && metadata.labels?.['k8s-app'] === name,
  )
}

function wantsAgents(node: Node): boolean {
  const windows = (node.status?.nodeInfo?.operatingSystem ?? node.metadata.labels?.['kubernetes.io/os']) === 'windows'
  return !windows && !WITHOUT_AGENTS.includes(node.metadata.labels?.['eks.amazonaws.com/compute-type'] ?? '')
}

interface IllNode {
  readonly node: Node
  readonly says: string
}

function illNodes(name: string, snapshot: ClusterSnapshot, nodes: readonly Node[]): readonly IllNode[] {
  const byNode = Map.groupBy(agentPods(name, snapshot), (pod) => pod.spec?.nodeName ?? '')
  return nodes.flatMap((node) => {
    const says = illness(name, byNode.get(node.metadata.name) ?? [])
    return says === undefined ? [] : [{ node, says }]
  })
}

/** What is wrong with such pods of one node, or undefined. A pod on its way out counts only when there is no other. */
function illness(name: string, pods: readonly Pod[]): string | undefined {
  const pod = pods.find((each) => each.metadata.deletionTimestamp === undefined) ?? pods[0]
  if (!pod) return `no ${name} pod`
  if (pod.metadata.deletionTimestamp !== undefined) return `its ${name} pod is being deleted`
  return illInit(pod) ?? illContainer(name, pod)
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

function illContainer(name: string, pod: Pod): string | undefined {
  const statuses = pod.status?.containerStatuses ?? []
  const wanted = pod.spec?.containers?.map((container) => container.name) ?? [name]
  const missing = wanted.find((name) => !statuses.some((status) => status.name === name))
  if (missing !== undefined) return `container ${missing} has no status`
  const ill = statuses.find((status) => status.ready !== true || status.state?.running === undefined)
  if (!ill) return undefined
  const why = ill.state?.waiting?.reason ?? ill.lastState?.terminated?.reason ?? (ill.state?.running ? 'not ready' : 'not running')
  return `container ${ill.name}: ${why}, ${count(ill.restartCount ?? 0, 'restart')}`
}

function byGroup(name: string, ill: readonly IllNode[], nodes: number, { intent, plan }: CheckInput): readonly CheckFinding[] {
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
      message: `${name} is ill on ${count(members.length, 'node')} of ${group ?? 'no managed group'}: ${names(members.map(inWords))}.${because}${share}`,
      evidence: members.map(({ node, says }): Evidence => ({ subject: `Node/${node.metadata.name}`, says })),
    }
  })
}

const inWords = ({ node, says }: IllNode) => `${node.metadata.name} (${says})`
