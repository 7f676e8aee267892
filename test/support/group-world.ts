import { SerinError } from '../../src/errors/serin-error.ts'
import type { BoundPod } from '../../src/model/bound-pod.ts'
import { type Instant, MINUTE, type Millis, SECOND } from '../../src/model/instant.ts'
import { keyedRandom } from '../../src/model/keyed.ts'
import { EXCLUDE_FROM_BALANCERS_LABEL, KEEP_FROM_AUTOSCALER, RETIRED } from '../../src/model/kubernetes.ts'
import type { BudgetFacts, NodeFacts, Seen } from '../../src/model/seen.ts'
import type { ClusterPorts } from '../../src/ports/ports.ts'
import { aGroup, aNode, aSeen } from './seen-builder.ts'

/**
 * An Auto Scaling group with the nodes, pods and budgets of its cluster, behind the ports of the engine and without a wire:
 * thousands of runs in a minute. It does what it is told, boots, drains and replaces, and keeps a list of what should never
 * have been asked of it. The sandbox is the faithful world; this one is the quick one.
 */
export interface GroupChoice {
  readonly seed: number
  readonly nodes: number
  readonly spare: number
  readonly zones: number
  readonly pods: number
  /** How many of the pods may be missing. */
  readonly budget: number
  readonly maxUnavailable: number
  readonly surge: number
  readonly rebalances: boolean
  readonly grace: Millis
  /** Share of calls whose answer is lost, half of them with their effect. */
  readonly lost: number
  readonly others: readonly { readonly at: Millis; readonly does: 'grow' | 'uncordon' | 'not-ready' | 'freeze-budget' }[]
}

interface Machine {
  readonly id: string
  readonly name: string
  readonly version: string
  readonly zone: string
  readonly readyAt: Instant
  lifecycle: 'Pending' | 'InService' | 'Terminating'
  goneAt?: Instant
  protected: boolean
  cordoned: boolean
  unwellUntil: Instant
  readonly marks: Set<string>
}

interface RunningPod {
  readonly uid: string
  node?: string
  readyAt: Instant
  leavesAt?: Instant
}

const BOOT = 40 * SECOND
/** How old what Auto Scaling says may be in a picture. */
const READ_EVERY = 10 * SECOND
const ZONES = ['a', 'b', 'c']
const AWAY = () => new SerinError('REMOTE_UNAVAILABLE', 'the answer got lost')

export class GroupWorld {
  readonly wrongs: string[] = []
  readonly machines = new Map<string, Machine>()
  readonly suspended = new Set<string>()
  now: Instant
  desired: number
  max: number
  version = '1'
  grown = 0
  readonly #pods: RunningPod[]
  readonly #choice: GroupChoice
  readonly #begin: Instant
  #calls = 0
  #launched = 0
  #made = 0
  #frozenUntil = 0
  #others: GroupChoice['others'][number][]
  #read?: { readonly at: Instant; readonly facts: NonNullable<Seen['groups'][string]['autoScaling']>; readonly version: string }

  constructor(choice: GroupChoice, begin: Instant) {
    this.#choice = choice
    this.#begin = begin
    this.now = begin
    this.desired = choice.nodes
    this.max = choice.nodes + choice.spare
    this.#others = [...choice.others].sort((a, b) => a.at - b.at)
    if (!choice.rebalances) this.suspended.add('AZRebalance')
    for (let index = 0; index < choice.nodes; index++) this.#add(`old-${index + 1}`, '1', index, begin - 60 * MINUTE)
    const names = [...this.machines.keys()]
    this.#pods = Array.from({ length: choice.pods }, (_none, index) => this.#pod(names[index % names.length], begin - MINUTE))
  }

  #add(name: string, version: string, index: number, readyAt: Instant): void {
    const zone = ZONES[index % this.#choice.zones] ?? 'a'
    const lifecycle = readyAt <= this.now ? 'InService' : 'Pending'
    const marks = new Set<string>()
    this.machines.set(name, {
      id: `i-${name}`,
      name,
      version,
      zone,
      readyAt,
      lifecycle,
      protected: false,
      cordoned: false,
      unwellUntil: 0,
      marks,
    })
  }

  #pod(node: string | undefined, readyAt: Instant): RunningPod {
    this.#made += 1
    return { uid: `pod-${this.#made}`, node, readyAt }
  }

  /** Lets time pass, second by second: what is due happens. */
  advanceTo(instant: Instant): void {
    while (this.now < instant) {
      this.now = Math.min(instant, this.now + SECOND)
      this.#happen()
    }
  }

  #happen(): void {
    while (this.#others[0] !== undefined && this.#begin + this.#others[0].at <= this.now) this.#otherDoes(this.#others.shift()?.does)
    this.#groupActs()
    for (const pod of this.#pods) this.#podActs(pod)
  }

  #groupActs(): void {
    for (const machine of this.machines.values()) {
      if (machine.lifecycle === 'Pending' && machine.readyAt <= this.now) machine.lifecycle = 'InService'
      if (machine.goneAt !== undefined && machine.goneAt <= this.now) this.machines.delete(machine.name)
    }
    const staying = [...this.machines.values()].filter(({ lifecycle }) => lifecycle !== 'Terminating')
    if (staying.length > this.desired) this.wrongs.push(`the size was lowered to ${this.desired}: a node ends without asking any budget`)
    for (let count = staying.length; count < this.desired; count++) {
      this.#launched += 1
      this.#add(`new-${this.#launched}`, this.version, this.#emptiest(), this.now + BOOT)
    }
  }

  /** A pod that has left, or whose node is gone, has a successor, which is placed where there is a node for it. */
  #podActs(pod: RunningPod): void {
    const left = pod.leavesAt !== undefined && pod.leavesAt <= this.now
    if (left || (pod.node !== undefined && !this.machines.has(pod.node)))
      Object.assign(pod, this.#pod(undefined, this.now), { leavesAt: undefined })
    if (pod.node === undefined) this.#place(pod)
  }

  #emptiest(): number {
    const zones = ZONES.slice(0, this.#choice.zones)
    const count = (zone: string) =>
      [...this.machines.values()].filter((each) => each.zone === zone && each.lifecycle !== 'Terminating').length
    return zones.map((zone, index) => ({ index, count: count(zone) })).sort((a, b) => a.count - b.count)[0]?.index ?? 0
  }

  #place(pod: RunningPod): void {
    const fit = [...this.machines.values()].filter((each) => this.#serves(each))
    const load = (name: string) => this.#pods.filter(({ node }) => node === name).length
    const [first] = fit.sort((a, b) => load(a.name) - load(b.name))
    if (first === undefined) return
    pod.node = first.name
    pod.readyAt = this.now + 5 * SECOND
  }

  #otherDoes(does: GroupChoice['others'][number]['does'] | undefined): void {
    const machines = [...this.machines.values()]
    if (does === 'grow' && this.desired < this.max) {
      this.desired += 1
      this.grown += 1
    }
    if (does === 'freeze-budget') this.#frozenUntil = this.now + 3 * MINUTE
    const [closed] = machines.filter(({ cordoned, lifecycle }) => cordoned && lifecycle === 'InService')
    if (does === 'uncordon' && closed !== undefined) closed.cordoned = false
    const [serving] = machines.filter((each) => this.#serves(each))
    if (does === 'not-ready' && serving !== undefined) serving.unwellUntil = this.now + MINUTE
  }

  #isReady({ lifecycle, unwellUntil }: Machine): boolean {
    return lifecycle === 'InService' && unwellUntil <= this.now
  }

  #serves(machine: Machine): boolean {
    return this.#isReady(machine) && !machine.cordoned
  }

  #budget(): BudgetFacts {
    const { pods: total, budget } = this.#choice
    const currentHealthy = this.#pods.filter(
      ({ node, readyAt, leavesAt }) => node !== undefined && readyAt <= this.now && leavesAt === undefined,
    ).length
    const desiredHealthy = total - budget
    const disruptionsAllowed = this.now < this.#frozenUntil ? 0 : Math.max(0, currentHealthy - desiredHealthy)
    const pods = this.#pods.map(({ uid }) => ({ pod: `shop/${uid}` }))
    return { key: 'shop/web', disruptionsAllowed, currentHealthy, desiredHealthy, pods }
  }

  /** One picture: nodes and pods as they are, the group as it was up to ten seconds ago. */
  seen(group: string, plainReadAt: Instant): Seen {
    if (this.#read === undefined || this.now - this.#read.at >= READ_EVERY) this.#read = this.#readGroup()
    const { facts, version } = this.#read
    const template = { id: 'lt-1', version }
    const spec = { launchTemplate: template, launch: { kind: 'template' as const, ...template } }
    const nodes = [...this.machines.values()].flatMap((machine) => (machine.readyAt <= this.now ? [this.#nodeFacts(machine, group)] : []))
    return {
      ...aSeen({
        groups: [aGroup({ name: group, spec, sizes: facts.sizes, autoScaling: facts, nodes, subnets: ['s'] })],
        budgets: [this.#budget()],
        subnets: { s: { zone: 'a', free: 4_000 } },
      }),
      now: this.now,
      plainReadAt,
    }
  }

  #readGroup() {
    const members = [...this.machines.values()].map(({ id, lifecycle, zone, version, ...machine }) => ({
      instanceId: id,
      lifecycle,
      protected: machine.protected,
      zone,
      template: { id: 'lt-1', version },
    }))
    const sizes = { min: 0, max: this.max, desired: this.desired }
    const facts = { name: 'workers', sizes, launchFailures: [], unjoined: [], members, suspended: [...this.suspended], hooks: [] }
    return { at: this.now, facts, version: this.version }
  }

  #nodeFacts(machine: Machine, group: string): NodeFacts {
    const { id, name, zone, cordoned, marks } = machine
    const pods = this.#pods.filter(({ node }) => node === name).map((pod) => this.#boundPod(pod))
    return aNode({
      ...{ name, uid: id, instanceId: id, group, zone, cordoned, pods, volumes: [], evictablePods: pods.length },
      ready: this.#isReady(machine) ? 'True' : 'False',
      excludedFromBalancers: marks.has(EXCLUDE_FROM_BALANCERS_LABEL),
      ...(marks.has(RETIRED) && { retired: true }),
      ...(marks.has(KEEP_FROM_AUTOSCALER) && { keptFromAutoscaler: true }),
      waitingPods: [],
      createdAt: machine.readyAt,
    })
  }

  #boundPod({ uid, readyAt, leavesAt }: RunningPod): BoundPod {
    const { grace } = this.#choice
    const going = leavesAt === undefined ? {} : { goingSince: leavesAt - grace }
    const base = {
      key: `shop/${uid}`,
      namespace: 'shop',
      name: uid,
      uid,
      owner: 'ReplicaSet/shop/web',
      running: true,
      grace,
      finalizers: [],
    }
    return { ...base, ready: readyAt <= this.now, ...going }
  }

  /** The ports of the engine that this world has; some answers get lost. */
  ports(): ClusterPorts {
    const autoScaling = {
      describeGroups: () => Promise.resolve([this.#described()]),
      updateGroup: (_: string, { desired, max, launch }: { desired?: number; max?: number; launch?: { version?: string } }) =>
        this.#call(() => this.#update(desired, max, launch?.version)),
      setMaxSize: (_: string, max: number) => this.#call(() => this.#update(undefined, max, undefined)),
      terminateInstance: (id: string, decrement: boolean) => this.#call(() => this.#terminate(id, decrement)),
      protectInstances: (_: string, ids: readonly string[], protect: boolean) =>
        this.#call(() => {
          for (const machine of this.machines.values()) if (ids.includes(machine.id)) machine.protected = protect
        }),
      suspendProcesses: (_: string, names: readonly string[]) => this.#call(() => names.forEach((name) => void this.suspended.add(name))),
      resumeProcesses: (_: string, names: readonly string[]) => this.#call(() => names.forEach((name) => void this.suspended.delete(name))),
    }
    const kubernetes = {
      get: (_: unknown, __: unknown, name: string) => {
        const machine = this.machines.get(name)
        return Promise.resolve(machine && { metadata: { name }, spec: { unschedulable: machine.cordoned } })
      },
      list: () =>
        Promise.resolve(
          this.#pods.filter(({ node }) => node !== undefined).map(({ uid }) => ({ metadata: { namespace: 'shop', name: uid } })),
        ),
      patch: (_: unknown, __: unknown, name: string, ___: unknown, body: NodePatch) => this.#call(() => this.#patch(name, body)),
      evict: (_: string, name: string) => this.#call(() => this.#evict(name)),
      remove: () => this.#call(() => this.wrongs.push('a pod was deleted past its budget')),
    }
    return { autoScaling, kubernetes } as unknown as ClusterPorts
  }

  async #call<T>(act: () => T): Promise<T> {
    this.#calls += 1
    const draw = keyedRandom(this.#choice.seed, 'call', this.#calls)
    if (draw < this.#choice.lost / 2) throw AWAY()
    const answer = act()
    if (draw < this.#choice.lost) throw AWAY()
    return answer
  }

  #described() {
    const Instances = [...this.machines.values()].map(({ id, lifecycle }) => ({ InstanceId: id, LifecycleState: lifecycle }))
    return { AutoScalingGroupName: 'workers', DesiredCapacity: this.desired, MaxSize: this.max, Instances }
  }

  #update(desired: number | undefined, max: number | undefined, version: string | undefined): void {
    if (max !== undefined && max < this.desired) this.wrongs.push(`a maximum of ${max} under a size of ${this.desired}`)
    if (desired !== undefined && desired < this.desired) this.wrongs.push(`a size of ${desired} where there were ${this.desired}`)
    this.max = max ?? this.max
    this.desired = desired ?? this.desired
    this.version = version ?? this.version
  }

  #terminate(id: string, decrement: boolean): void {
    const machine = [...this.machines.values()].find((each) => each.id === id)
    if (machine === undefined) throw new SerinError('REMOTE_REFUSED', 'ValidationError: Instance Id not found')
    const pods = this.#pods.filter(({ node }) => node === machine.name)
    if (pods.length > 0) this.wrongs.push(`${machine.name} was terminated with ${pods.length} pods`)
    if (!machine.cordoned) this.wrongs.push(`${machine.name} was terminated while it took pods`)
    if (machine.lifecycle === 'Terminating') this.wrongs.push(`${machine.name} was terminated twice`)
    machine.lifecycle = 'Terminating'
    machine.goneAt = this.now + 20 * SECOND
    if (decrement) this.desired -= 1
  }

  #patch(name: string, { metadata = {}, spec }: NodePatch): void {
    const machine = this.machines.get(name)
    if (machine === undefined) throw new SerinError('REMOTE_NOT_FOUND', `no node ${name}`)
    for (const [key, value] of Object.entries({ ...metadata.labels, ...metadata.annotations }))
      value === null ? machine.marks.delete(key) : machine.marks.add(key)
    if (spec === undefined) return
    const closes = spec.unschedulable === true && !machine.cordoned
    machine.cordoned = spec.unschedulable === true
    if (closes) this.#countMissing(name)
  }

  /** Nodes that are missing by our acts alone: those unwell count as if they served. */
  #countMissing(name: string): void {
    const serving = [...this.machines.values()].filter(({ lifecycle, cordoned }) => lifecycle === 'InService' && !cordoned).length
    const least = this.#choice.nodes - this.#choice.maxUnavailable
    if (serving < least) this.wrongs.push(`${serving} nodes serve when ${name} is taken out, ${least} have to`)
  }

  #evict(name: string): unknown {
    const pod = this.#pods.find(({ uid }) => uid === name)
    if (pod === undefined || pod.node === undefined) return { kind: 'gone' }
    if (this.#budget().disruptionsAllowed < 1) return { kind: 'held', by: 'budget', message: 'shop/web allows none' }
    pod.leavesAt ??= this.now + this.#choice.grace
    return { kind: 'accepted' }
  }
}

interface NodePatch {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string | null>>
    readonly annotations?: Readonly<Record<string, string | null>>
  }
  readonly spec?: { readonly unschedulable?: boolean | null }
}
