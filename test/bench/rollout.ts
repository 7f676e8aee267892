import { NO_MEMORY, type StepInput, type StepMemory } from '../../src/catalog/steps/definition.ts'
import { replaceNodes } from '../../src/catalog/steps/replace-nodes.ts'
import type { BoundPod } from '../../src/model/bound-pod.ts'
import type { Action } from '../../src/model/command.ts'
import { MINUTE, type Millis, SECOND } from '../../src/model/instant.ts'
import type { Baseline, ReplaceStep } from '../../src/model/itinerary.ts'
import { keyedRandom } from '../../src/model/keyed.ts'
import type { MemberFacts, NodeFacts } from '../../src/model/seen.ts'
import { remember } from '../../src/rollout/remembering.ts'
import { aGroup, aNode, aSeen } from '../support/seen-builder.ts'

/**
 * How close the replacement of a self-managed group comes to what is possible, in virtual time: the step itself, tick by tick,
 * on a model of a group whose nodes boot and drain as they are told. Beside it, on the same drains, a runner that works in
 * lock-step batches and one whose slots take nodes as they come, both looking every 15 seconds. A model, not a cluster.
 */

/** Launch to Ready, and Ready to proven. */
const [BOOT, PROOF]: readonly [Millis, Millis] = [60 * SECOND, 15 * SECOND]
const TICK: Millis = 2 * SECOND
const POLL: Millis = 15 * SECOND
const PODS = 10

/** Drains as they are in the field: log-normal with a mean near 90 seconds, 15 minutes at most. */
function drainOf(seed: number, node: number): Millis {
  const [u, v] = [keyedRandom(seed, 'u', node), keyedRandom(seed, 'v', node)]
  const normal = Math.sqrt(-2 * Math.log(u || 1e-9)) * Math.cos(2 * Math.PI * v)
  return Math.min(900, Math.max(5, Math.exp(4.0 + normal))) * SECOND
}

/** No run can end before its slowest node, nor before its slots have done all the work (each launches, proves, drains). */
function boundOf(drains: readonly Millis[], slots: number): Millis {
  const work = drains.reduce((sum, drain) => sum + BOOT + PROOF + drain, 0)
  return Math.max(BOOT + PROOF + Math.max(...drains), work / slots)
}

const polled = (span: Millis) => Math.ceil(span / POLL) * POLL

function lockStep(drains: readonly Millis[], slots: number): Millis {
  let wall = 0
  for (let at = 0; at < drains.length; at += slots) wall += polled(BOOT + PROOF) + polled(Math.max(...drains.slice(at, at + slots)))
  return wall
}

function firstCome(drains: readonly Millis[], slots: number): Millis {
  const free = Array.from({ length: slots }, () => 0)
  for (const drain of drains) {
    const slot = free.indexOf(Math.min(...free))
    free[slot] = (free[slot] ?? 0) + polled(BOOT + PROOF) + polled(drain)
  }
  return Math.max(...free)
}

interface Machine {
  readonly name: string
  readonly version: string
  readonly zone: string
  readonly readyAt: number
  readonly drain: Millis
  marked: boolean
  leavesAt?: number
  evicted: boolean
}

interface Replaced {
  readonly wall: Millis
  /** Mutating AWS calls, cordons and evictions. */
  readonly calls: number
}

const ZONES = ['a', 'b', 'c']
const ROOM = { s: { zone: 'a', free: 100_000 } }

/** A group whose nodes boot and drain as they are told. */
class Model {
  readonly step: ReplaceStep
  readonly #baseline: Baseline
  readonly #machines: Map<string, Machine>
  #memory: StepMemory = NO_MEMORY
  #desired: number
  #launched = 0
  #suspended = false
  calls = 0

  constructor(drains: readonly Millis[], slots: number) {
    this.step = stepOf(drains.length, slots, ZONES)
    this.#machines = new Map(drains.map((drain, index) => [`i-old-${index}`, machineOf(`old-${index}`, '1', zoneAt(index), 0, drain)]))
    this.#baseline = baselineOf(this.step, [...this.#machines.values()])
    this.#desired = drains.length
  }

  input(now: number): StepInput<ReplaceStep> {
    const machines = [...this.#machines]
    const nodes = machines.flatMap(([id, machine]) => (machine.readyAt <= now ? [nodeOf(id, machine, now, this.#memory)] : []))
    const members = machines.map(([instanceId, machine]) => memberOf(instanceId, machine))
    const sizes = { min: 1, max: 10_000, desired: this.#desired }
    const spec = { launchTemplate: { id: 'lt', version: '2' }, launch: this.step.after.launch }
    const suspended = this.#suspended ? ['AZRebalance'] : []
    const autoScaling = { name: 'workers', sizes, launchFailures: [], members, suspended, hooks: [] }
    const seen = aSeen({
      groups: [aGroup({ name: this.step.group, spec, sizes, autoScaling, nodes, subnets: ['s'] })],
      budgets: [],
      subnets: ROOM,
    })
    const proven = ({ name }: NodeFacts) => name.startsWith('old') || (this.#machines.get(`i-${name}`)?.readyAt ?? now) + PROOF <= now
    return { step: this.step, seen, now, baseline: this.#baseline, memory: this.#memory, proven, acceptedAt: 0 }
  }

  apply(action: Action, now: number): void {
    if (isCounted(action)) this.calls += 1
    const known = { command: { id: 'c', step: this.step.id, action }, intendedAt: now }
    this.#memory =
      remember({ commands: [known], attempt: 1, memory: this.#memory }, known, { kind: 'accepted' }, now).memory ?? this.#memory
    if (action.kind === 'update-scaling-group') this.#desired = action.change.desired ?? this.#desired
    if (action.kind === 'suspend-processes') this.#suspended = true
    if (action.kind === 'resume-processes') this.#suspended = false
    if (action.kind === 'protect-instances') for (const id of action.instanceIds) setMark(this.#machines, id, action.protect)
    if (action.kind === 'annotate-node') setMark(this.#machines, `i-${action.node}`, action.value !== undefined)
    if (action.kind === 'evict-pod') evict(this.#machines, action.node, now)
    if (action.kind === 'terminate-instance') this.#end(action.instanceId, action.decrement)
  }

  #end(id: string, decrement: boolean): void {
    this.#machines.delete(id)
    if (decrement) this.#desired -= 1
  }

  launch(now: number): void {
    for (; this.#machines.size < this.#desired; this.#launched += 1) {
      const name = `new-${this.#launched}`
      this.#machines.set(`i-${name}`, machineOf(name, '2', zoneAt(this.#launched), now + BOOT, 0))
    }
  }
}

function zoneAt(index: number): string {
  return ZONES[index % ZONES.length] ?? ''
}

function memberOf(instanceId: string, { version, zone, marked }: Machine): MemberFacts {
  return { instanceId, lifecycle: 'InService', protected: marked, zone, template: { id: 'lt', version } }
}

/** Drives the step to its end on a model of a group. */
function replaced(drains: readonly Millis[], slots: number): Replaced {
  const model = new Model(drains, slots)
  for (let now = 0; now < 1_000 * MINUTE; now += TICK) {
    const input = model.input(now)
    if (replaceNodes.progress(input).kind === 'done') return { wall: now, calls: model.calls }
    for (const action of replaceNodes.actions(input)) model.apply(action, now)
    model.launch(now)
  }
  throw new Error('the model does not come to an end')
}

function machineOf(name: string, version: string, zone: string, readyAt: number, drain: Millis): Machine {
  return { name, version, zone, readyAt, drain, marked: false, evicted: false }
}

function setMark(machines: ReadonlyMap<string, Machine>, id: string, marked: boolean): void {
  const machine = machines.get(id)
  if (machine !== undefined) machine.marked = marked
}

function evict(machines: ReadonlyMap<string, Machine>, node: string, now: number): void {
  const machine = machines.get(`i-${node}`)
  if (machine === undefined) return
  machine.evicted = true
  machine.leavesAt ??= now + machine.drain
}

function isCounted({ kind }: Action): boolean {
  return kind !== 'annotate-node'
}

/** The first pod takes the whole drain; the others end with it. */
function nodeOf(instanceId: string, machine: Machine, now: number, memory: StepMemory): NodeFacts {
  const { name, drain, leavesAt, marked, evicted } = machine
  const gone = leavesAt !== undefined && leavesAt <= now
  const pods =
    gone || name.startsWith('new') ? [] : Array.from({ length: PODS }, (_, index) => podOf(name, index, drain, evicted ? now : undefined))
  const cordoned = memory.draining[name] !== undefined
  return aNode({
    name,
    instanceId,
    group: 'asg:workers',
    zone: machine.zone,
    pods,
    volumes: [],
    cordoned,
    ...(marked && { keptFromAutoscaler: true }),
  })
}

function podOf(node: string, index: number, drain: Millis, goingSince: number | undefined): BoundPod {
  const name = `${node}-${index}`
  const base = {
    key: `shop/${name}`,
    namespace: 'shop',
    name,
    uid: name,
    owner: 'ReplicaSet/shop/web',
    ready: true,
    running: true,
    finalizers: [],
  }
  return { ...base, grace: index === 0 ? drain : SECOND, ...(goingSince !== undefined && { goingSince }) }
}

function stepOf(nodes: number, surge: number, zones: readonly string[]): ReplaceStep {
  const spec = (version: string) => ({ launchTemplate: { id: 'lt', version }, launch: { kind: 'template' as const, id: 'lt', version } })
  return {
    ...{ kind: 'replace-nodes', id: 'wave/w/1/asg:workers', title: 'workers', group: 'asg:workers', autoScalingGroup: 'workers' },
    ...{ before: spec('1'), after: spec('2'), nodes, nodeClass: 'm5', zones, timeout: 1_000 * MINUTE },
    pace: { maxUnavailable: 0, surge, drainTimeout: 60 * MINUTE, blocked: { kind: 'hold' } },
    wayBack: { exists: 'yes', how: '' },
    forecast: { expected: 0, back: 0, exposed: { nodes: 0, pods: 0, minutes: 0 } },
  }
}

function baselineOf(step: ReplaceStep, machines: readonly Machine[]): Baseline {
  const scaling = { suspended: ['AZRebalance'], protected: [], protectsNew: false }
  const sizes = { min: 1, max: 10_000, desired: machines.length }
  const group = { spec: step.before, sizes, updateSettings: {}, nodes: machines.map(({ name }) => name), scaling }
  return { takenAt: '', addons: {}, cordoned: [], excludedFromBalancers: [], groups: { [step.group]: group } }
}

const CASES = [
  { nodes: 100, slots: 5 },
  { nodes: 100, slots: 10 },
  { nodes: 100, slots: 33 },
  { nodes: 300, slots: 10 },
  { nodes: 300, slots: 33 },
  { nodes: 1_000, slots: 33 },
]

export async function rolloutOverhead(): Promise<readonly (readonly string[])[]> {
  const rows = CASES.map(({ nodes, slots }) => {
    const drains = Array.from({ length: nodes }, (_, node) => drainOf(1, node))
    const bound = boundOf(drains, slots)
    const { wall, calls } = replaced(drains, slots)
    const ratio = (span: Millis) => (span / bound).toFixed(2)
    const perNode = (calls / nodes / (2 + PODS)).toFixed(2)
    return [
      `${nodes}`,
      `${slots}`,
      `${Math.round(bound / MINUTE)} min`,
      ratio(lockStep(drains, slots)),
      ratio(firstCome(drains, slots)),
      ratio(wall),
      perNode,
    ]
  })
  return [['NODES', 'SLOTS', 'BOUND', 'LOCK-STEP ÷ BOUND', 'FIRST COME ÷ BOUND', 'SERIN ÷ BOUND', 'CALLS ÷ (2 + PODS)'], ...rows]
}
