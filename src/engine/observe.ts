import type { Instant } from '../model/instant.ts'
import { MINUTE, SECOND } from '../model/instant.ts'
import type { Question } from '../model/outside.ts'
import type { GroupFacts, NodeFacts, Seen, SubnetFacts } from '../model/seen.ts'
import { autoScalingNameOf, subnetsOf } from '../model/self-managed.ts'
import type { RunPorts } from '../ports/ports.ts'
import {
  addonFacts,
  controlPlaneFacts,
  groupFacts,
  type ScalingRead,
  type SelfManagedRead,
  selfManagedFacts,
  subnetFacts,
} from './facts/aws.ts'
import { type ClusterFacts, createFactsIndex, nodesOutside } from './facts/facts-index.ts'
import { EksReads, type EksSettings, type EksWanted, isReadNowAndThen } from './observing/eks-reads.ts'
import { IPAMD_METRICS, IpamdReads } from './observing/ipamd-reads.ts'
import { KubernetesReads, type KubernetesSettings } from './observing/kubernetes-reads.ts'
import { OutsideReads } from './observing/outside-reads.ts'
import { SelfManagedReads } from './observing/self-managed-reads.ts'
import { Throttling } from './observing/throttling.ts'
import { Troubles } from './observing/troubles.ts'

/** What a picture has to look at beyond the caches. */
export interface Wanted extends EksWanted {
  /** Names of nodes whose aws-node log is needed. */
  readonly logsOf: readonly string[]
  /** Names of nodes whose ipamd is asked what it counts. */
  readonly metricsOf?: readonly string[]
  /** Whether the addresses left in subnets shall be of the last minute. */
  readonly subnets?: boolean
  /** What gates want to know from outside. */
  readonly questions?: readonly Question[]
}

export interface ObserverOptions extends Partial<EksSettings & KubernetesSettings> {
  /** Auto Scaling groups that EKS does not manage and the run moves or has moved. */
  readonly selfManaged?: readonly string[]
  /** Groups that a run makes or takes away: they may not be there, and their nodes are drained by Serin. */
  readonly replacing?: readonly string[]
}

/** The only one who reads the world during a run. */
export interface Observer {
  /**
   * One frozen picture. What cannot be read keeps its last answer and stands in `unavailable`. Throws only when the first
   * list of a cache fails, since nothing is known then, or on a defect.
   */
  picture(wanted: Wanted): Promise<Seen>
  /** Reads nodes, pods and workloads again, past all caches. Throws when that fails. */
  plainRead(): Promise<void>
  stop(): Promise<void>
}

const DEFAULTS: EksSettings & KubernetesSettings = {
  refreshEvery: 5 * MINUTE,
  updatingEvery: 30 * SECOND,
  parallel: 8,
  logLines: 50,
  nodeEventsEvery: 30 * SECOND,
}

/** Opens the eyes of a run on one cluster. The caches start with the first picture or plain read. */
export function openObserver(ports: RunPorts, cluster: string, options: ObserverOptions = {}): Observer {
  return new ClusterObserver(ports, cluster, { ...DEFAULTS, ...options }, options)
}

class ClusterObserver implements Observer {
  readonly #ports: RunPorts
  readonly #troubles: Troubles
  readonly #eks: EksReads
  readonly #selfManaged: SelfManagedReads
  readonly #kubernetes: KubernetesReads
  readonly #outside: OutsideReads
  readonly #ipamd: IpamdReads
  readonly #throttling = new Throttling()
  readonly #replacing: ReadonlySet<string>
  readonly #index: ReturnType<typeof createFactsIndex>
  readonly #groups = new Map<string, GroupMade>()
  readonly #ownGroups = new Map<string, { read: SelfManagedRead; nodes: readonly NodeFacts[]; facts: GroupFacts }>()
  #starting: Promise<void> | undefined
  #plainReadAt: Instant = 0
  #subnets: Readonly<Record<string, SubnetFacts>> | undefined
  #subnetsReadAt: Instant = Number.NEGATIVE_INFINITY
  #subnetsAt: Instant = Number.NEGATIVE_INFINITY
  #throttledBefore = 0

  constructor(ports: RunPorts, cluster: string, settings: EksSettings & KubernetesSettings, options: ObserverOptions) {
    const replacing = new Set(options.replacing)
    this.#replacing = replacing
    this.#ports = ports
    this.#throttledBefore = ports.throttled?.() ?? 0
    this.#troubles = new Troubles(() => ports.clock.now())
    this.#index = createFactsIndex(replacing)
    this.#eks = new EksReads(ports, cluster, this.#troubles, settings, replacing)
    this.#selfManaged = new SelfManagedReads(ports, this.#troubles, options.selfManaged ?? [], settings)
    this.#outside = new OutsideReads(ports)
    this.#ipamd = new IpamdReads(ports, this.#troubles)
    this.#kubernetes = new KubernetesReads(ports, this.#troubles, settings)
  }

  async picture(wanted: Wanted): Promise<Seen> {
    await this.#start()
    const [own, managed] = [wanted.groups.filter(isSelfManaged), wanted.groups.filter((group) => !isSelfManaged(group))]
    await this.#eks.round({ ...wanted, groups: managed }, this.#kubernetes.joined())
    await this.#selfManaged.round(own)
    const grows = own.length > 0 || managed.some((group) => this.#replacing.has(group))
    if (grows && this.#ports.clock.now() - this.#subnetsReadAt >= SUBNETS_EVERY) await this.#readSubnets()
    if (wanted.groups.length > 0) await this.#kubernetes.readNodeEvents()
    await this.#outside.round(wanted.questions ?? [])
    if (wanted.subnets && this.#ports.clock.now() - this.#subnetsAt >= MINUTE) await this.#readSubnets()
    const facts = await this.#facts(wanted)
    this.#troubles.endRound((source) => this.#isLasting(source))
    return this.#seen(facts)
  }

  #isLasting(source: string): boolean {
    return (
      source === SUBNETS ||
      source.startsWith(IPAMD_METRICS) ||
      isReadNowAndThen(source) ||
      this.#kubernetes.isReadNowAndThen(source) ||
      this.#selfManaged.isReadNowAndThen(source)
    )
  }

  async plainRead(): Promise<void> {
    await this.#start()
    const at = this.#ports.clock.now()
    await this.#ports.caches.refresh()
    await this.#readSubnets()
    this.#plainReadAt = at
  }

  /** What is left in the subnets tells want of addresses from a network that fails; what cannot be read stands in `unavailable`. */
  async #readSubnets(): Promise<void> {
    const managed = [...this.#eks.nodegroups.values()].flatMap(({ subnets = [] }) => subnets)
    const own = [...this.#selfManaged.groups.values()].flatMap(({ group }) => subnetsOf(group))
    const ids = [...new Set([...managed, ...own])].sort()
    if (ids.length === 0) return
    this.#subnetsAt = this.#ports.clock.now()
    this.#subnetsReadAt = this.#ports.clock.now()
    const read = await this.#troubles.read(SUBNETS, () => this.#ports.ec2.describeSubnets(ids))
    this.#subnets = read === undefined ? undefined : subnetFacts(read.answer)
  }

  #answers(): Pick<Seen, 'outside'> {
    const outside = this.#outside.readings()
    return Object.keys(outside).length === 0 ? {} : { outside }
  }

  async stop(): Promise<void> {
    await this.#ports.caches.stop()
  }

  /** Once; a start that failed is tried again. The first list is itself a plain read. */
  async #start(): Promise<void> {
    this.#starting ??= this.#firstList()
    try {
      await this.#starting
    } catch (error) {
      this.#starting = undefined
      throw error
    }
  }

  async #firstList(): Promise<void> {
    const at = this.#ports.clock.now()
    await this.#ports.caches.start()
    this.#plainReadAt = at
  }

  /** Logs and metrics are found by the pods of the newest facts, so the facts are made once more when some were read. */
  async #facts({ logsOf, metricsOf = [] }: Wanted): Promise<ClusterFacts> {
    const objects = { ...this.#kubernetes.objects(), members: this.#selfManaged.members() }
    const told = () => ({ logs: this.#kubernetes.logs(), metrics: this.#ipamd.metrics() })
    const before = this.#index.update({ ...objects, ...told() })
    if (logsOf.length === 0 && metricsOf.length === 0 && this.#ipamd.metrics().size === 0) return before
    const nodes = [...before.nodesOfGroup.values(), before.otherNodes].flat()
    const among = (names: readonly string[]) => {
      const wanted = new Set(names)
      return nodes.filter(({ name }) => wanted.has(name))
    }
    const pods = new Set(nodes.flatMap(({ awsNode }) => awsNode?.uid ?? []))
    if (logsOf.length > 0) await this.#kubernetes.readLogs(among(logsOf), pods)
    await this.#ipamd.round(among(metricsOf))
    return this.#index.update({ ...objects, ...told() })
  }

  #seen(facts: ClusterFacts): Seen {
    const { clock, lease } = this.#ports
    const controlPlane = this.#eks.cluster && controlPlaneFacts(this.#eks.cluster)
    const addons = [...this.#eks.addons].map(([name, addon]) => [name, addonFacts(name, addon)] as const)
    return Object.freeze({
      now: clock.now(),
      groups: this.#groupsOf(facts),
      otherNodes: nodesOutside(facts, new Set([...this.#eks.nodegroups.keys(), ...this.#selfManaged.groups.keys()])),
      addons: Object.fromEntries(addons),
      ...(controlPlane && { controlPlane }),
      updates: Object.fromEntries(this.#eks.updates),
      workloads: facts.workloads,
      budgets: facts.budgets,
      services: facts.services,
      awsNode: facts.awsNode,
      probes: facts.probes,
      ...this.#answers(),
      plainReadAt: this.#plainReadAt,
      ...(this.#subnets && { subnets: this.#subnets }),
      lease: lease.status(),
      unavailable: [...this.#cacheTroubles(), ...this.#troubles.list()],
      ...this.#throttlingNow(facts),
    })
  }

  #groupsOf(facts: ClusterFacts): Readonly<Record<string, GroupFacts>> {
    const described = [...this.#eks.nodegroups].sort(([a], [b]) => (a < b ? -1 : 1))
    const groups = described.map(([name, nodegroup]): [string, GroupFacts] => {
      const parts = { nodegroup, nodes: facts.nodesOfGroup.get(name) ?? NO_NODES, scaling: this.#eks.scaling.get(name) }
      const made = this.#groups.get(name)
      if (made?.nodegroup === nodegroup && made.nodes === parts.nodes && made.scaling === parts.scaling) return [name, made.facts]
      const fresh = groupFacts(name, nodegroup, parts.nodes, parts.scaling)
      this.#groups.set(name, { ...parts, facts: fresh })
      return [name, fresh]
    })
    return Object.freeze(Object.fromEntries([...groups, ...this.#ownGroupsOf(facts)]))
  }

  #ownGroupsOf(facts: ClusterFacts): readonly [string, GroupFacts][] {
    return [...this.#selfManaged.groups].map(([name, read]): [string, GroupFacts] => {
      const nodes = facts.nodesOfGroup.get(name) ?? NO_NODES
      const made = this.#ownGroups.get(name)
      if (made?.read === read && made.nodes === nodes) return [name, made.facts]
      const fresh = selfManagedFacts(name, read, nodes)
      this.#ownGroups.set(name, { read, nodes, facts: fresh })
      return [name, fresh]
    })
  }

  #cacheTroubles(): Seen['unavailable'] {
    return this.#ports.caches
      .unavailable()
      .map(({ resource, reason, since }) => ({ source: `kubernetes:${resource.plural}`, reason, since }))
  }

  #throttledNow(): number {
    const total = this.#ports.throttled?.() ?? 0
    const since = total - this.#throttledBefore
    this.#throttledBefore = total
    return since
  }

  #throttlingNow({ throttled: told }: ClusterFacts): Pick<Seen, 'throttled' | 'throttling'> {
    const throttled = this.#throttledNow()
    const throttling = this.#throttling.see(this.#ports.clock.now(), throttled, [told, this.#ipamd.throttled()])
    return { throttled, ...(throttling && { throttling }) }
  }
}

function isSelfManaged(group: string): boolean {
  return autoScalingNameOf(group) !== undefined
}

const SUBNETS = 'ec2:DescribeSubnets'
/** Where Serin launches nodes itself, it has to know what room there is. */
const SUBNETS_EVERY = MINUTE
const NO_NODES: readonly NodeFacts[] = []

interface GroupMade {
  readonly nodegroup: Parameters<typeof groupFacts>[1]
  readonly nodes: readonly NodeFacts[]
  readonly scaling: ScalingRead | undefined
  readonly facts: GroupFacts
}
