import { globMatches } from '../../../model/glob.ts'
import { type Instant, MINUTE, type Millis } from '../../../model/instant.ts'
import { keyedRandom } from '../../../model/keyed.ts'
import type { Faults, ObjectStore, Timeline } from '../../contract.ts'
import type { LeverName, Levers, Subject } from '../../levers.ts'
import type { Scenario } from '../scenario-file.ts'
import type { WorldSpec } from '../world-spec.ts'
import type { FaultRow, FaultSpec } from './fault.ts'
import { faultRow } from './registry.ts'
import { placeMatches } from './selectors.ts'
import { type Entered, isOpen, nextWindow } from './when.ts'

/** The faults of a world, and what moves them: time, and operations that were accepted. */
export interface WorldFaults extends Faults {
  /** The world's beginning is over: from now on faults hold, and offsets count from here. */
  arm(store: ObjectStore): void
  /** An operation such as `eks:UpdateNodegroupVersion` of `app-a` was accepted. */
  accepted(operation: string, subject: string): void
  readonly entered: Entered
  /** Faults that have met nothing so far, each in a sentence that says why. */
  unmet(): readonly string[]
}

interface Armed {
  readonly key: string
  readonly spec: FaultSpec
  readonly row: FaultRow
  /** Accepted operations that matched `after` so far. */
  seen: number
  /** When its offsets begin to count. */
  base: Instant | undefined
  /** The update that it waits for a phase of: operation and subject. */
  awaited: string | undefined
  /** The phase that it belongs to is over. */
  isOver: boolean
  /** Takes back what it did to the world itself. */
  undo: (() => void) | undefined
  /** Whether anything met it yet. */
  met: boolean
}

const UNBEGUN = { seen: 0, base: undefined, awaited: undefined, isOver: false, undo: undefined, met: false }

interface FaultState {
  readonly timeline: Timeline
  readonly seed: number
  readonly cluster: string
  readonly cniAtStart: string
  readonly faults: readonly Armed[]
  readonly byLever: ReadonlyMap<LeverName, readonly Armed[]>
  readonly listeners: ((levers: ReadonlySet<LeverName>) => void)[]
  store: ObjectStore | undefined
}

/** Every draw is keyed by seed, scenario, fault and subject, so parallel requests cannot change it. */
export function createFaults(timeline: Timeline, spec: WorldSpec, scenarios: readonly Scenario[]): WorldFaults {
  const faults = scenarios.flatMap(({ name, faults: specs }) =>
    specs.map((fault, index): Armed => ({ ...UNBEGUN, spec: fault, key: `${name}/${index}`, row: faultRow(fault.fault) })),
  )
  const state: FaultState = {
    timeline,
    seed: spec.seed,
    cluster: spec.cluster.name,
    cniAtStart: spec.addons.find(({ name }) => name === 'vpc-cni')?.version ?? '',
    faults,
    byLever: byLever(faults),
    listeners: [],
    store: undefined,
  }
  const effects = <L extends LeverName>(lever: L, subject: Subject) => effectsOn(state, lever, subject)
  return {
    effects,
    onRequest: (request) => effects('request', request)[0],
    onChange: (listener) => void state.listeners.push(listener),
    arm: (store) => arm(state, store),
    accepted: (operation, subject) => accept(state, operation, subject),
    entered: (operation, subject, phase) => enter(state, `${operation} ${subject}`, phase),
    unmet: () => faults.flatMap((armed) => (armed.met ? [] : [whyUnmet(state, armed)])),
  }
}

function byLever(faults: readonly Armed[]): ReadonlyMap<LeverName, readonly Armed[]> {
  const levers = new Map<LeverName, Armed[]>()
  for (const armed of faults)
    for (const lever of leversOf(armed)) {
      const pullers = levers.get(lever) ?? []
      pullers.push(armed)
      levers.set(lever, pullers)
    }
  return levers
}

function leversOf({ row }: Armed): readonly LeverName[] {
  return Object.keys(row.levers) as LeverName[]
}

function effectsOn<L extends LeverName>(state: FaultState, lever: L, subject: Subject): readonly Levers[L][] {
  const candidates = state.byLever.get(lever) ?? []
  const found: Levers[L][] = []
  for (const armed of candidates) {
    if (!inForce(state, armed) || !matches(state, armed, subject) || !happens(state, armed, lever, subject)) continue
    const effect = armed.row.levers[lever]?.(subject, armed.spec)
    if (effect === undefined) continue
    if (found.length === 0 || !FIRST_COUNTS.has(lever)) armed.met = true
    found.push(effect as Levers[L])
  }
  return found
}

/** Levers of which only the first effect comes about: the others have met nothing (`levers.ts`). */
const FIRST_COUNTS: ReadonlySet<LeverName> = new Set(['request', 'webhook/answer', 'cloudwatch/alarm'])

/** Why a fault came to nothing, for whoever believes that it was there. */
function whyUnmet({ timeline }: FaultState, armed: Armed): string {
  const { key, spec, base } = armed
  const [scenario = ''] = key.split('/')
  const { after, occurrence = 1, from = 0 } = spec.when ?? {}
  const fault = `The fault ${spec.fault} of scenario ${scenario} met nothing`
  if (base === undefined && armed.awaited !== undefined)
    return `${fault}: the update of ${armed.awaited.split(' ')[1]} has had no phase ${spec.when?.phase}.`
  if (base === undefined)
    return `${fault}: it waits for ${occurrence > 1 ? `number ${occurrence} of ` : ''}${after}, which was never accepted.`
  if (timeline.now() < base + from) return `${fault}: it begins ${spanText(from)} after its start, and everything was over before.`
  const where = Object.entries(spec.where ?? {}).map(([name, value]) => `${name} ${JSON.stringify(value)}`)
  const chance = spec.chance === undefined ? '' : `, at a chance of ${spec.chance}`
  const place = where.length === 0 ? 'while it was in force' : `that is ${where.join(', ')}`
  return `${fault}: nothing came ${where.length === 0 ? '' : 'its way '}${place}${chance}.`
}

function inForce({ timeline }: FaultState, { spec, base, isOver }: Armed): boolean {
  return base !== undefined && !isOver && isOpen(spec.when ?? {}, timeline.now() - base)
}

function matches({ seed, cluster, cniAtStart }: FaultState, { key, spec }: Armed, subject: Subject): boolean {
  return placeMatches(spec.where, subject, { seed, cluster, cniAtStart, fault: key })
}

/** What a fault that changes the world itself asks: what it matches it has met. */
function meets(state: FaultState, armed: Armed, subject: Subject): boolean {
  const holds = matches(state, armed, subject)
  if (holds) armed.met = true
  return holds
}

function happens({ seed }: FaultState, { key, spec }: Armed, lever: LeverName, subject: Subject): boolean {
  if (spec.chance === undefined) return true
  return keyedRandom(seed, ...occasionOf(key, lever, subject)) < spec.chance
}

/** What a draw is for: the request, or the subject on this occasion. */
function occasionOf(key: string, lever: LeverName, subject: Subject): readonly (string | number)[] {
  const { node = '', namespace = '', pod = '', occasion = '' } = subject
  if (lever === 'request') return ['request', key, occasion]
  return ['chance', key, lever, node, namespace, pod, occasion]
}

function arm(state: FaultState, store: ObjectStore): void {
  state.store = store
  for (const armed of state.faults) if (armed.spec.when?.after === undefined) begin(state, armed)
}

function accept(state: FaultState, operation: string, subject: string): void {
  for (const armed of state.faults) {
    const { after, occurrence } = armed.spec.when ?? {}
    if (after === undefined || armed.base !== undefined) continue
    const [wanted = '', pattern = '*'] = after.split(' ')
    if (wanted !== operation || !globMatches(pattern, subject)) continue
    armed.seen += 1
    if (armed.seen < (occurrence ?? 1)) continue
    if (armed.spec.when?.phase === undefined) begin(state, armed)
    else armed.awaited ??= `${operation} ${subject}`
  }
}

/** What waits for this phase begins; what belongs to the one before is over. */
function enter(state: FaultState, update: string, phase: string | undefined): void {
  for (const armed of state.faults) {
    if (armed.awaited !== update || armed.isOver) continue
    if (armed.spec.when?.phase === phase) begin(state, armed)
    else if (armed.base !== undefined) leave(state, armed)
  }
}

function leave(state: FaultState, armed: Armed): void {
  armed.isOver = true
  for (const edge of ['begin', 'end']) state.timeline.cancel(`fault/${armed.key}/${edge}`)
  armed.undo?.()
  armed.undo = undefined
  tell(state, armed)
}

/** Levers on what already runs: it is told when a fault that pulls them begins or ends. */
const ON_WHAT_RUNS: ReadonlySet<LeverName> = new Set([
  'cloudwatch/alarm',
  'control-plane',
  'instance/impaired',
  'instance/interrupted',
  'instance/metadata',
  'node/kubelet',
  'pod/run',
  'pod/traffic',
])

/** Its offsets count from now. Only what changes the world, or what somebody waits for, needs events of its own. */
function begin(state: FaultState, armed: Armed): void {
  armed.base = state.timeline.now()
  const awaited = state.listeners.length > 0 && leversOf(armed).some((lever) => ON_WHAT_RUNS.has(lever))
  if (armed.row.begin !== undefined || awaited) scheduleWindow(state, armed, armed.base)
}

function scheduleWindow(state: FaultState, armed: Armed, from: Instant): void {
  const { timeline, store } = state
  const window = nextWindow(armed.spec.when ?? {}, armed.base ?? from, from)
  if (window === undefined || store === undefined) return
  const stage = { store, timeline, seed: state.seed, matches: (subject: Subject) => meets(state, armed, subject) }
  timeline.at(window.opens, `fault/${armed.key}/begin`, () => {
    armed.undo = armed.row.begin?.(stage, armed.spec)
    tell(state, armed)
    if (window.closes === Number.POSITIVE_INFINITY) return
    timeline.at(window.closes, `fault/${armed.key}/end`, () => {
      armed.undo?.()
      armed.undo = undefined
      tell(state, armed)
      scheduleWindow(state, armed, timeline.now())
    })
  })
}

function tell({ listeners }: FaultState, armed: Armed): void {
  const levers = new Set(leversOf(armed))
  for (const listener of listeners) listener(levers)
}

function spanText(span: Millis): string {
  return span % MINUTE === 0 ? `${span / MINUTE}m` : `${Math.round(span / 1000)}s`
}
