import { conditionOf } from '../../../src/model/kubernetes.ts'
import { isReady, type NodeObject, type PodObject } from '../../../src/sandbox/world/kubernetes/objects.ts'
import { containerFacts, recentRestarts, type Stage } from './stage.ts'

/**
 * The nodes on which the network's own pods are not well, or were not, each with everything that the API shows of it: what a
 * signature of the aws-node family is told from. Healthy nodes are not in it.
 */
export function sickNodes(stage: Stage): readonly Record<string, unknown>[] {
  return stage.nodes().flatMap((node) => {
    const agents = stage.pods('kube-system').filter(({ spec }) => spec?.nodeName === node.metadata.name && spec.hostNetwork)
    const ready = conditionOf(node.status?.conditions, 'Ready')?.status === 'True'
    return ready && agents.every((pod) => isWell(stage, pod)) ? [] : [nodeFacts(stage, node, agents)]
  })
}

function isWell(stage: Stage, pod: PodObject): boolean {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
  const complains = stage.world.logs('kube-system', pod.metadata.name, 'aws-eks-nodeagent', false) ?? ''
  const warned = stage.events(pod).some(({ type }) => type === 'Warning')
  return isReady(pod) && !warned && complains === '' && statuses.every((status) => recentRestarts(status) === 0)
}

function nodeFacts(stage: Stage, node: NodeObject, agents: readonly PodObject[]): Record<string, unknown> {
  const { labels = {} } = node.metadata
  const ready = conditionOf(node.status?.conditions, 'Ready')
  const network = conditionOf(node.status?.conditions, 'NetworkingReady')
  const awsNode = agents.find(({ metadata }) => metadata.labels?.['k8s-app'] === 'aws-node')
  const others = agents.filter((pod) => pod !== awsNode && !isReady(pod))
  return {
    group: labels['eks.amazonaws.com/nodegroup'],
    zone: labels['topology.kubernetes.io/zone'],
    instanceType: labels['node.kubernetes.io/instance-type'],
    ready: ready?.status,
    ...(network === undefined ? {} : { networking: `${network.status} ${network.reason}` }),
    ...(awsNode === undefined ? {} : awsNodeFacts(stage, awsNode)),
    notReady: Object.fromEntries(others.map((pod) => [pod.metadata.labels?.['k8s-app'] ?? labelOf(pod), statusFacts(pod)])),
  }
}

function labelOf(pod: PodObject): string {
  return pod.metadata.labels?.['app.kubernetes.io/name'] ?? pod.metadata.name
}

function statusFacts(pod: PodObject) {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
  return Object.fromEntries(statuses.map((status) => [status.name, containerFacts(status)]))
}

function awsNodeFacts(stage: Stage, pod: PodObject): Record<string, unknown> {
  const text = (container: string, previous: boolean) => stage.world.logs('kube-system', pod.metadata.name, container, previous) ?? ''
  const log = (container: string) => linesOf(text(container, true) || text(container, false))
  return {
    containers: statusFacts(pod),
    // Of ipamd only what it complains of.
    log: log('aws-node').filter((line) => !line.startsWith('{"level":"info"')),
    ...(log('aws-vpc-cni-init').length > 1 ? { initLog: log('aws-vpc-cni-init') } : {}),
    ...(log('aws-eks-nodeagent').length > 0 ? { agentLog: log('aws-eks-nodeagent') } : {}),
    credentials: pod.spec?.containers?.[0]?.env?.find(({ name }) => /^AWS_(CONTAINER_CREDENTIALS|WEB_IDENTITY)/.test(name))?.name,
    events: sorted(
      stage.events(pod).map(({ type, reason, message = '', count, ...event }) => ({
        type,
        reason,
        message: message.replace(`${pod.metadata.name}_kube-system(${pod.metadata.uid})`, 'POD'),
        ...('action' in event ? newStyle(event) : { count }),
      })),
    ),
  }
}

/** Events in the order of their reasons and words: their names are drawn. */
export function sorted<T extends { readonly reason?: string | undefined; readonly message: string }>(events: readonly T[]): readonly T[] {
  return events.toSorted((one, other) => (`${one.reason} ${one.message}` < `${other.reason} ${other.message}` ? -1 : 1))
}

/** What tells an event of events.k8s.io/v1 from the older ones. */
function newStyle(event: Record<string, unknown>) {
  const { action, eventTime, firstTimestamp, lastTimestamp, reportingComponent, reportingInstance, series } = event
  return { action, eventTime, firstTimestamp, lastTimestamp, reportingComponent, reportingInstance, series }
}

/** Lines of a log without their times, the same line in a row once */
function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^time="[^"]*" /, '').replace(/"ts":"[^"]*",/, ''))
    .filter((line, at, lines) => line !== lines[at - 1])
}
