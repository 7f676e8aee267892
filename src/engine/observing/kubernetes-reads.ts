import { AWS_NODE } from '../../model/aws-node.ts'
import type { Instant, Millis } from '../../model/instant.ts'
import {
  type EndpointSlice,
  instanceIdOf,
  type KubernetesEvent,
  NODEGROUP_LABEL,
  type Node,
  type Pod,
  type PodDisruptionBudget,
  type Workload,
} from '../../model/kubernetes.ts'
import type { AwsNodeFacts, NodeFacts } from '../../model/seen.ts'
import { RESOURCES } from '../../ports/kubernetes.ts'
import type { RunPorts } from '../../ports/ports.ts'
import type { ClusterObjects } from '../facts/facts-index.ts'
import { inParallel } from './in-parallel.ts'
import type { Troubles } from './troubles.ts'

type Log = NonNullable<AwsNodeFacts['log']>

export interface KubernetesSettings {
  readonly parallel: number
  /** Lines of a log from its end. */
  readonly logLines: number
  /** How often the events about nodes are read. */
  readonly nodeEventsEvery: Millis
}

const NODE_EVENTS = 'kubernetes:events/nodes'
const NODE_LOST_READY = 'involvedObject.kind=Node,reason=NodeNotReady'

/** Objects from the caches, and what the caches do not hold: logs of aws-node, and the events about nodes. */
export class KubernetesReads {
  readonly #ports: RunPorts
  readonly #troubles: Troubles
  readonly #settings: KubernetesSettings
  #logs: ReadonlyMap<string, Log> = new Map()
  #joined: { readonly nodes: readonly Node[]; readonly instances: ReadonlySet<string> } | undefined
  #nodeEvents: readonly KubernetesEvent[] = []
  #nodeEventsAt: Instant | undefined
  #workloads: { readonly parts: readonly (readonly Workload[])[]; readonly all: readonly Workload[] } = { parts: [], all: [] }
  #events: { readonly parts: readonly (readonly KubernetesEvent[])[]; readonly all: readonly KubernetesEvent[] } = { parts: [], all: [] }

  constructor(ports: RunPorts, troubles: Troubles, settings: KubernetesSettings) {
    this.#ports = ports
    this.#troubles = troubles
    this.#settings = settings
  }

  /** What the caches show now. Lists keep their identity while nothing in them changed. */
  objects(): Omit<ClusterObjects, 'logs'> {
    const { caches } = this.#ports
    const kinds = [RESOURCES.deployments, RESOURCES.statefulSets, RESOURCES.replicaSets, RESOURCES.daemonSets]
    this.#workloads = joined(
      this.#workloads,
      kinds.map((kind) => caches.items<Workload>(kind)),
    )
    this.#events = joined(this.#events, [caches.items<KubernetesEvent>(RESOURCES.events), this.#nodeEvents])
    return {
      nodes: caches.items<Node>(RESOURCES.nodes),
      pods: caches.items<Pod>(RESOURCES.pods),
      events: this.#events.all,
      workloads: this.#workloads.all,
      slices: caches.items<EndpointSlice>(RESOURCES.endpointSlices),
      budgets: caches.items<PodDisruptionBudget>(RESOURCES.budgets),
    }
  }

  /** Tells whether an instance is a node of a managed group, as the caches show it now. */
  joined(): (group: string, instanceId: string) => boolean {
    const nodes = this.#ports.caches.items<Node>(RESOURCES.nodes)
    if (nodes !== this.#joined?.nodes) this.#joined = { nodes, instances: new Set(nodes.map(membership)) }
    const { instances } = this.#joined
    return (group, instanceId) => instances.has(`${group}/${instanceId}`)
  }

  /** Events that tell how often a node lost Ready. They are few, stand in one namespace, and are needed while groups move. */
  async readNodeEvents(): Promise<void> {
    const now = this.#ports.clock.now()
    if (this.#nodeEventsAt !== undefined && now - this.#nodeEventsAt < this.#settings.nodeEventsEvery) return
    const read = await this.#troubles.read(NODE_EVENTS, () =>
      this.#ports.kubernetes.list<KubernetesEvent>(RESOURCES.events, { namespace: 'default', fieldSelector: NODE_LOST_READY }),
    )
    this.#nodeEventsAt = read === undefined ? undefined : now
    if (read === undefined) return
    this.#nodeEvents = sameVersions(this.#nodeEvents, read.answer) ? this.#nodeEvents : read.answer
  }

  /** The logs read so far, by the uid of their pod; the same object while no other was read. */
  logs(): ReadonlyMap<string, Log> {
    return this.#logs
  }

  /**
   * Reads the ends of the aws-node logs of these nodes, once their container has started. Those of pods that are gone are forgotten.
   * @param pods uids of the aws-node pods there are
   */
  async readLogs(nodes: readonly NodeFacts[], pods: ReadonlySet<string>): Promise<void> {
    const logs = new Map([...this.#logs].filter(([uid]) => pods.has(uid)))
    await inParallel(this.#settings.parallel, nodes, async ({ awsNode }) => {
      const container = awsNode?.containers.find(({ name }) => name === AWS_NODE.container)
      if (awsNode === undefined || container?.startedAt === undefined) return
      const source = `logs:${AWS_NODE.namespace}/${awsNode.pod}`
      const read = await this.#troubles.read(source, () => this.#log(awsNode.pod))
      logs.set(awsNode.uid, read?.answer ?? { unreadable: this.#troubles.reasonOf(source) ?? 'unknown' })
    })
    this.#logs = logs
  }

  async #log(pod: string): Promise<Log> {
    const readAt = this.#ports.clock.now()
    const { namespace, container } = AWS_NODE
    const text = await this.#ports.kubernetes.logs(namespace, pod, container, { tailLines: this.#settings.logLines })
    return { text, readAt }
  }

  /** The round in which events about nodes are not due leaves their trouble as it is. */
  isReadNowAndThen(source: string): boolean {
    return source === NODE_EVENTS
  }
}

const memberships = new WeakMap<Node, string>()

/** A node that did not change is the same object, and every node that comes or goes makes a new list of them all. */
function membership(node: Node): string {
  const known = memberships.get(node) ?? `${node.metadata.labels?.[NODEGROUP_LABEL]}/${instanceIdOf(node)}`
  memberships.set(node, known)
  return known
}

interface Joined<T> {
  readonly parts: readonly (readonly T[])[]
  readonly all: readonly T[]
}

function joined<T>(before: Joined<T>, parts: readonly (readonly T[])[]): Joined<T> {
  const same = before.parts.length === parts.length && parts.every((part, index) => part === before.parts[index])
  return same ? before : { parts, all: parts.flat() }
}

function sameVersions(before: readonly KubernetesEvent[], after: readonly KubernetesEvent[]): boolean {
  const versions = (events: readonly KubernetesEvent[]) =>
    events.map(({ metadata }) => `${metadata.uid} ${metadata.resourceVersion}`).join()
  return versions(before) === versions(after)
}
