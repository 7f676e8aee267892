import { globMatches } from '../../model/glob.ts'
import type { Instant } from '../../model/instant.ts'
import { keyedRandom } from '../../model/keyed.ts'
import type { FaultSubject, Faults, Intervention, ObjectStore, StoredObject, Timeline } from '../contract.ts'
import type { FaultSpec, NodeFault, RequestFault, Scenario, When } from './scenario-file.ts'
import type { WorldSpec } from './world-spec.ts'

/** The faults of a world, and what moves them: time, and operations that were accepted. */
export interface WorldFaults extends Faults {
  /** The world's beginning is over: from now on faults hold, and offsets count from here. */
  arm(store: ObjectStore): void
  /** An operation such as `eks:UpdateNodegroupVersion` of `app-a` was accepted. */
  accepted(operation: string, subject: string): void
}

interface Armed {
  readonly key: string
  readonly spec: FaultSpec
  /** Accepted operations that matched `after` so far. */
  seen: number
  /** When its offsets begin to count. */
  base: Instant | undefined
}

interface FaultState {
  readonly timeline: Timeline
  readonly seed: number
  readonly faults: readonly Armed[]
  readonly subnets: ReadonlyMap<string, { readonly zone: string; readonly groups: readonly string[] }>
  readonly cniAtStart: string
  store: ObjectStore | undefined
}

/** Every draw is keyed by seed, scenario, fault and subject, so parallel requests cannot change it. */
export function createFaults(timeline: Timeline, spec: WorldSpec, scenarios: readonly Scenario[]): WorldFaults {
  const state: FaultState = {
    timeline,
    seed: spec.seed,
    faults: scenarios.flatMap(({ name, faults }) =>
      faults.map((fault, index) => ({ key: `${name}/${index}`, spec: fault, seen: 0, base: undefined })),
    ),
    subnets: new Map(spec.subnets.map(({ id, zone }) => [id, { zone, groups: groupsOfSubnet(spec, id) }])),
    cniAtStart: spec.addons.find(({ name }) => name === 'vpc-cni')?.version ?? '',
    store: undefined,
  }
  return {
    onNode: (fault, subject) => state.faults.some((armed) => nodeFaultHolds(state, armed, fault, subject)),
    on: (fault, subject) =>
      state.faults.some((armed) => armed.spec.fault === fault && inForce(state, armed) && matchesSubject(state, armed.spec, subject)),
    onRequest: (request) => intervene(state, request),
    arm: (store) => arm(state, store),
    accepted: (operation, subject) => accept(state, operation, subject),
  }
}

function groupsOfSubnet(spec: WorldSpec, id: string): readonly string[] {
  return spec.nodeGroups.filter(({ subnetIds }) => subnetIds.includes(id)).map(({ name }) => name)
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
    if (armed.seen >= (occurrence ?? 1)) begin(state, armed)
  }
}

function begin(state: FaultState, armed: Armed): void {
  armed.base = state.timeline.now()
  if (armed.spec.fault === 'eviction-blocked') scheduleBudgets(state, armed, armed.base)
}

function inForce({ timeline }: FaultState, { spec, base }: Armed): boolean {
  return base !== undefined && isOpen(spec.when ?? {}, timeline.now() - base)
}

function isOpen({ from = 0, to, every, lasting }: When, elapsed: number): boolean {
  if (elapsed < from || (to !== undefined && elapsed >= to)) return false
  return every === undefined || lasting === undefined || (elapsed - from) % every < lasting
}

function nodeFaultHolds(state: FaultState, armed: Armed, fault: string, subject: FaultSubject): boolean {
  const { spec, key } = armed
  if (spec.fault !== fault || !isNodeFault(spec) || !inForce(state, armed)) return false
  return matchesNode(state, spec, subject) && keyedRandom(state.seed, 'fault', key, subject.node) < (spec.where.share ?? 1)
}

function isNodeFault(spec: FaultSpec): spec is NodeFault {
  return spec.fault === 'ipam-hang' || spec.fault === 'node-never-joins' || spec.fault === 'addon-crashloop'
}

function matchesNode({ cniAtStart }: FaultState, { where }: NodeFault, subject: FaultSubject): boolean {
  const patterns = [
    [where.group, subject.group],
    [where.zone, subject.zone],
    [where.instanceType, subject.instanceType],
    [where.kubeletMinor, subject.kubeletMinor],
    [where.cniVersion, subject.cniVersion],
  ] as const
  if (where.launchedLater !== undefined && where.launchedLater !== subject.launchedLater) return false
  if (where.cniChanged !== undefined && where.cniChanged !== (subject.cniVersion !== cniAtStart)) return false
  return patterns.every(([pattern, value]) => pattern === undefined || globMatches(pattern, value))
}

/** `subnet/subnet-…` by zone and group, `budget/shop/db` by name. */
function matchesSubject({ subnets }: FaultState, spec: FaultSpec, subject: string): boolean {
  const name = subject.slice(subject.indexOf('/') + 1)
  if (spec.fault === 'eviction-blocked') return subject.startsWith('budget/') && globMatches(spec.where.budget, name)
  if (spec.fault !== 'subnet-exhausted') return false
  const subnet = subnets.get(name)
  if (subnet === undefined) return false
  const { zone = '*', group } = spec.where
  return globMatches(zone, subnet.zone) && (group === undefined || subnet.groups.some((each) => globMatches(group, each)))
}

/** Budgets that come to allow nothing: their spec changes, as if somebody had edited them, and changes back at the end. */
function scheduleBudgets(state: FaultState, armed: Armed, base: Instant): void {
  const { from = 0, to } = armed.spec.when ?? {}
  const former = new Map<string, StoredObject>()
  state.timeline.at(base + from, `fault/${armed.key}/begin`, () => {
    for (const budget of state.store?.list('PodDisruptionBudget') ?? []) {
      if (!matchesSubject(state, armed.spec, `budget/${budget.metadata.namespace}/${budget.metadata.name}`)) continue
      former.set(`${budget.metadata.namespace}/${budget.metadata.name}`, budget)
      changeSpec(state.store, budget, { minAvailable: '100%' })
    }
  })
  if (to === undefined) return
  state.timeline.at(base + to, `fault/${armed.key}/end`, () => {
    for (const budget of former.values()) changeSpec(state.store, budget, boundsOf(budget))
  })
}

function boundsOf(budget: StoredObject): Record<string, unknown> {
  const { minAvailable, maxUnavailable } = (budget.spec ?? {}) as Record<string, unknown>
  return minAvailable === undefined ? { maxUnavailable } : { minAvailable }
}

function changeSpec(store: ObjectStore | undefined, { metadata }: StoredObject, bounds: Record<string, unknown>): void {
  if (store?.get('PodDisruptionBudget', metadata.namespace, metadata.name) === undefined) return
  store.update('PodDisruptionBudget', metadata.namespace, metadata.name, (current) => {
    const { minAvailable: _least, maxUnavailable: _most, ...rest } = (current.spec ?? {}) as Record<string, unknown>
    return { ...current, spec: { ...rest, ...bounds } }
  })
}

type Request = Parameters<Faults['onRequest']>[0]

function intervene(state: FaultState, request: Request): Intervention | undefined {
  for (const armed of state.faults) {
    const { spec } = armed
    if (!isRequestFault(spec) || !inForce(state, armed) || !matchesRequest(spec, request)) continue
    const { service, operation, resource, nth } = request
    if (keyedRandom(state.seed, 'request', armed.key, service, operation, resource, nth) >= (spec.chance ?? 1)) continue
    return interventionOf(spec, service)
  }
  return undefined
}

function isRequestFault(spec: FaultSpec): spec is RequestFault {
  return spec.fault === 'throttling' || spec.fault === 'server-error' || spec.fault === 'cut-connection' || spec.fault === 'html'
}

function matchesRequest({ where = {} }: RequestFault, request: Request): boolean {
  const { service = '*', operation = '*', resource = '*', mutating, nth } = where
  if (mutating !== undefined && mutating !== request.mutating) return false
  if (nth !== undefined && !nth.includes(request.nth)) return false
  return globMatches(service, request.service) && globMatches(operation, request.operation) && globMatches(resource, request.resource)
}

function interventionOf(spec: RequestFault, service: string): Intervention {
  if (spec.fault === 'cut-connection') return { kind: 'cut', when: spec.effect ?? 'before' }
  if (spec.fault === 'html') return { kind: 'html', status: spec.status ?? 200 }
  if (spec.fault === 'throttling') return { kind: 'error', when: 'before', ...throttlingOf(service) }
  return { kind: 'error', when: spec.effect ?? 'before', ...serverErrorOf(service, spec.status) }
}

/** How each service says that it was asked too often (EC2 developer guide, "api-throttling"; the SDK's models of the others). */
const THROTTLING: Readonly<Record<string, { readonly status: number; readonly code: string; readonly message: string }>> = {
  eks: { status: 429, code: 'ThrottlingException', message: 'Rate exceeded' },
  ec2: { status: 503, code: 'RequestLimitExceeded', message: 'Request limit exceeded.' },
  autoscaling: { status: 400, code: 'Throttling', message: 'Rate exceeded' },
  kubernetes: {
    status: 429,
    code: 'TooManyRequests',
    message: 'the server has received too many requests and has asked us to try again later',
  },
}

function throttlingOf(service: string): { readonly status: number; readonly code: string; readonly message: string } {
  return THROTTLING[service] ?? { status: 400, code: 'ThrottlingException', message: 'Rate exceeded' }
}

const SERVER_ERRORS: Readonly<Record<string, { readonly code: string; readonly message: string }>> = {
  eks: { code: 'ServerException', message: 'Internal server error' },
  kubernetes: { code: 'InternalError', message: 'Internal error occurred: etcdserver: request timed out' },
}

function serverErrorOf(service: string, status = 500): { readonly status: number; readonly code: string; readonly message: string } {
  return { status, ...(SERVER_ERRORS[service] ?? { code: 'InternalFailure', message: 'An internal error has occurred' }) }
}
