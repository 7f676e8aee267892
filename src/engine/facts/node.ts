import { AWS_NODE, awsNodeVersionOf } from '../../model/aws-node.ts'
import { countOf, lastSeen, objectKey, reporterOf, textOf } from '../../model/events.ts'
import { type Instant, instantOf } from '../../model/instant.ts'
import {
  conditionOf,
  EXCLUDE_FROM_BALANCERS_LABEL,
  IMAGE_LABEL,
  INSTANCE_TYPE_LABEL,
  instanceIdOf,
  KEEP_FROM_AUTOSCALER,
  KEPT,
  type KubernetesEvent,
  NODEGROUP_LABEL,
  type Node,
  type Pod,
  RETIRED,
  TEMPLATE_VERSION_LABEL,
  ZONE_LABEL,
} from '../../model/kubernetes.ts'
import { formatMinor, parseMinor } from '../../model/kubernetes-minor.ts'
import { poolOf } from '../../model/pools.ts'
import type { AwsNodeFacts, NodeFacts } from '../../model/seen.ts'
import { type Excludes, excludesOf } from './affinity.ts'
import { containersOf, initDone } from './containers.ts'
import { type PodFacts, podFacts } from './pod-facts.ts'
import { boundAt, hasEnded } from './pods.ts'
import { waitingPods } from './waiting-pods.ts'

export interface NodeFactsOptions {
  /** Which nodes the aws-node DaemonSet leaves out; by its manifest when absent. */
  readonly excludes?: Excludes
  /** Ends of logs of aws-node containers, by the uid of their pod. */
  readonly logs?: ReadonlyMap<string, AwsNodeFacts['log']>
  /** What ipamd counts, by the uid of the pod of aws-node. */
  readonly metrics?: ReadonlyMap<string, AwsNodeFacts['metrics']>
  /** The self-managed group that its instance belongs to: Serin drains its nodes itself, so it has to know their pods. */
  readonly selfManaged?: string
  /** Managed groups whose nodes Serin drains itself. */
  readonly drained?: ReadonlySet<string>
}

/** Prefixes of taints that Serin itself puts on nodes. */
const OUR_TAINTS = ['serin.dev/', 'startup-taint.cluster-autoscaler.kubernetes.io/serin']

/** The events about an object, by `eventKey`. */
type EventsAbout = (key: string) => readonly KubernetesEvent[]

/**
 * What is known about a node from its object, the pods bound to it, and the events about it and them. Pure; frozen.
 * @param pods only the pods of this node
 */
export function nodeFacts(node: Node, pods: readonly Pod[], eventsAbout: EventsAbout, options: NodeFactsOptions = {}): NodeFacts {
  const facts = pods.map(podFacts)
  const { addressedPods, lastAddressAt, evictablePods } = podTotals(facts)
  return Object.freeze({
    ...ownFacts(node),
    ...(options.selfManaged !== undefined && { group: options.selfManaged }),
    ...(isDrained(node, options) && drainFacts(node, pods)),
    readyLost: readyLost(node, eventsAbout(objectKey('Node', undefined, node.metadata.name))),
    awsNodeExcluded: (options.excludes ?? excludesOf(undefined))(node),
    awsNode: awsNodeFacts(
      pods.filter((_pod, index) => facts[index]?.isAwsNode),
      options,
      eventsAbout,
    ),
    kubeProxy: agentOn(pods.filter((_pod, index) => facts[index]?.isKubeProxy)),
    addressedPods,
    lastAddressAt,
    waitingPods: waitingPods(
      pods.filter((_pod, index) => facts[index]?.waiting),
      (pod) => eventsAbout(podFacts(pod).eventKey),
      eventsAbout(objectKey('Node', undefined, node.metadata.name)),
    ),
    evictablePods,
  })
}

function isDrained(node: Node, { selfManaged, drained }: NodeFactsOptions): boolean {
  const { retired, group = '' } = ownFacts(node)
  return selfManaged !== undefined || retired === true || drained?.has(group) === true
}

type OwnFacts = ReturnType<typeof factsOfObject>

/** A node that did not change is the same object, while pods on it come and go: what it says itself is worked out once. */
const known = new WeakMap<Node, OwnFacts>()

function ownFacts(node: Node): OwnFacts {
  const kept = known.get(node)
  if (kept !== undefined) return kept
  const made = factsOfObject(node)
  known.set(node, made)
  return made
}

function factsOfObject(node: Node) {
  const labels = node.metadata.labels ?? {}
  const info = node.status?.nodeInfo
  return {
    name: node.metadata.name,
    uid: node.metadata.uid ?? '',
    instanceId: instanceIdOf(node),
    group: labels[NODEGROUP_LABEL],
    ...poolFacts(node),
    labels,
    zone: labels[ZONE_LABEL],
    instanceType: labels[INSTANCE_TYPE_LABEL],
    createdAt: createdAt(node),
    ...readiness(node),
    ...networking(node),
    kubeletMinor: minorOf(info?.kubeletVersion),
    image: labels[IMAGE_LABEL],
    templateVersion: labels[TEMPLATE_VERSION_LABEL],
    os: info?.operatingSystem ?? labels['kubernetes.io/os'],
    cordoned: node.spec?.unschedulable === true,
    excludedFromBalancers: labels[EXCLUDE_FROM_BALANCERS_LABEL] !== undefined,
    ...foreignTaints(node),
    ourTaints: ourTaints(node),
    deleting: node.metadata.deletionTimestamp !== undefined,
    ...(node.metadata.annotations?.[KEEP_FROM_AUTOSCALER] === 'true' && { keptFromAutoscaler: true }),
    ...(node.metadata.annotations?.[RETIRED] !== undefined && { retired: true }),
    ...(node.metadata.annotations?.[RETIRED] === KEPT && { kept: true }),
  }
}

function poolFacts(node: Node): Pick<NodeFacts, 'pool'> {
  const pool = poolOf(node)
  return pool === undefined ? {} : { pool }
}

function drainFacts(node: Node, pods: readonly Pod[]): Pick<NodeFacts, 'pods' | 'volumes'> {
  return { pods: pods.map((pod) => podFacts(pod).bound), volumes: (node.status?.volumesAttached ?? []).map(({ name }) => name) }
}

function createdAt(node: Node): Instant {
  return instantOf(node.metadata.creationTimestamp) ?? 0
}

function minorOf(version: string | undefined): string | undefined {
  const minor = parseMinor(version)
  return minor === undefined ? undefined : formatMinor(minor)
}

/** A node whose Ready condition is missing, or says anything but True or False, is not known to be ready. */
function readiness(node: Node): Pick<NodeFacts, 'ready' | 'readySince' | 'notReadyBecause'> {
  const condition = conditionOf(node.status?.conditions, 'Ready')
  const ready = condition?.status === 'True' || condition?.status === 'False' ? condition.status : 'Unknown'
  return {
    ready,
    readySince: instantOf(condition?.lastTransitionTime),
    notReadyBecause: ready === 'True' ? undefined : (condition?.message ?? condition?.reason),
  }
}

/** A condition of eks-node-monitoring-agent: https://docs.aws.amazon.com/eks/latest/userguide/learn-status-conditions.html */
function networking(node: Node): Pick<NodeFacts, 'networking'> {
  const condition = conditionOf(node.status?.conditions, 'NetworkingReady')
  if (condition === undefined) return {}
  const { status, reason = '', message = '', lastTransitionTime } = condition
  return { networking: { ready: status === 'True', since: instantOf(lastTransitionTime), says: `${reason}: ${message}` } }
}

/**
 * How often the node lost Ready. Kubelet and the node controller each report the same loss, so their events are counted apart
 * and the higher count holds; reporters that do not name themselves are told apart by event.
 */
function readyLost(node: Node, events: readonly KubernetesEvent[]): number {
  if (events.length === 0) return 0
  const losses = events.filter((event) => event.reason === 'NodeNotReady' && lastSeen(event) >= createdAt(node))
  const byReporter = Map.groupBy(losses, (event) => reporterOf(event) ?? event.metadata.name)
  return Math.max(0, ...[...byReporter.values()].map((same) => same.reduce((sum, event) => sum + countOf(event), 0)))
}

function ourTaints(node: Node): readonly string[] {
  const keys = node.spec?.taints?.map((taint) => taint.key) ?? []
  return keys.filter((key) => OUR_TAINTS.some((prefix) => key.startsWith(prefix)))
}

/** Those under `node.kubernetes.io/` tell of the node's state, a cordon among them: no pod of ours tolerates them. */
function foreignTaints({ spec }: Node): Pick<NodeFacts, 'taints'> {
  const taints = (spec?.taints ?? []).filter(
    ({ key }) => !key.startsWith('node.kubernetes.io/') && !OUR_TAINTS.some((prefix) => key.startsWith(prefix)),
  )
  return taints.length === 0 ? {} : { taints }
}

function podTotals(facts: readonly PodFacts[]): Pick<NodeFacts, 'addressedPods' | 'lastAddressAt' | 'evictablePods'> {
  let [addressedPods, evictablePods] = [0, 0]
  let lastAddressAt: Instant | undefined
  for (const { addressed, addressedAt, evictable } of facts) {
    if (addressed) addressedPods++
    if (evictable) evictablePods++
    if (addressedAt !== undefined && (lastAddressAt === undefined || addressedAt > lastAddressAt)) lastAddressAt = addressedAt
  }
  return { addressedPods, lastAddressAt, evictablePods }
}

function awsNodeFacts(pods: readonly Pod[], { logs, metrics }: NodeFactsOptions, eventsAbout: EventsAbout): AwsNodeFacts | undefined {
  const agent = agentOn(pods)
  if (agent === undefined) return undefined
  const missingActions = eventsAbout(objectKey('Pod', AWS_NODE.namespace, agent.pod)).flatMap(missingAction)
  const counted = metrics?.get(agent.uid)
  return {
    ...agent,
    log: logs?.get(agent.uid),
    ...(counted && { metrics: counted }),
    ...(missingActions.length > 0 && { missingActions }),
  }
}

/** What aws-node says when EC2 refuses it: pkg/awsutils/awsutils.go of amazon-vpc-cni-k8s, checkAPIErrorAndBroadcastEvent. */
function missingAction(event: KubernetesEvent): NonNullable<AwsNodeFacts['missingActions']> {
  if (event.reason !== 'MissingIAMPermissions') return []
  const action = event.action ?? /failed to call (\w+:\w+)/.exec(textOf(event))?.[1]
  return action === undefined ? [] : [{ action, at: lastSeen(event) }]
}

/** The pod of a DaemonSet on one node. While it is replaced there can be two: the one that stays counts. */
function agentOn(candidates: readonly Pod[]): Agent | undefined {
  const pod = candidates.length < 2 ? candidates[0] : candidates.toSorted((a, b) => rank(b) - rank(a) || created(b) - created(a))[0]
  return pod && agentFacts(pod)
}

type Agent = Omit<AwsNodeFacts, 'log'>

/** A pod that did not change is the same object: its facts are worked out once. */
const agents = new WeakMap<Pod, Agent>()

function agentFacts(pod: Pod): Agent {
  const known = agents.get(pod)
  if (known !== undefined) return known
  const made = {
    pod: pod.metadata.name,
    uid: pod.metadata.uid ?? '',
    revision: pod.metadata.labels?.['controller-revision-hash'],
    boundAt: boundAt(pod),
    version: awsNodeVersionOf(pod.spec?.containers),
    containers: containersOf(pod),
    initDone: initDone(pod),
    readyChangedAt: instantOf(conditionOf(pod.status?.conditions, 'Ready')?.lastTransitionTime),
    deleting: pod.metadata.deletionTimestamp !== undefined,
  }
  agents.set(pod, made)
  return made
}

function rank(pod: Pod): number {
  return (pod.metadata.deletionTimestamp === undefined ? 2 : 0) + (hasEnded(pod) ? 0 : 1)
}

function created(pod: Pod): Instant {
  return instantOf(pod.metadata.creationTimestamp) ?? 0
}
