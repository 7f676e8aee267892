import { type Instant, MINUTE, parseDuration } from '../../../model/instant.ts'
import { keyedId } from '../../../model/keyed.ts'
import { PROBE_PORT, type ProbeCheck, type ProbeSpec, type ProbeState } from '../../../model/probe.ts'
import type { NodeFacts } from '../../../model/seen.ts'
import type { GateInput } from '../definition.ts'
import { isServing, notServingSince, START_BUDGET } from '../judging/agent-state.ts'
import { groupsOf } from '../judging/nodes.ts'
import type { Probing } from './options.ts'
import { demandedOf, failureIn, latest, openProbes, probesOn, reportsOf, resultsIn, sampled, TRIES, triesOf } from './reading.ts'

/** Untouched nodes that are probed, in different zones. */
const CONTROLS = 3
/** How long responders are waited for before the others begin without. */
const RESPONDERS_WITHIN = MINUTE
const RESPONDER_DEADLINE = 30 * MINUTE
/** What a probe may take beside the wait between its two tries: image, address, time-outs. */
const ALLOWANCE = 4 * MINUTE
/** The same of a control that is asked again, and tries many times. */
const ALLOWANCE_AGAIN = 10 * MINUTE

type Input = GateInput<Probing>

/**
 * The probes that shall be there now: none while nothing is to be found out. First a responder and a probe on untouched nodes of
 * up to three zones, so that it is known what works here at all; then one on each new node of the sample. What fails is tried
 * once more, beside a fresh look from an untouched node.
 */
export function probesWanted(input: Input): readonly ProbeSpec[] {
  const due = dueSubjects(input)
  if (due.length === 0 && !controlsDue(input, due)) return []
  const responders = respondersWanted(input)
  const ready = respondersReady(input, responders)
  const controls = ready ? controlsWanted(input, due) : []
  const subjects = ready && controls.every((spec) => isOver(input, spec)) ? due.flatMap((node) => subjectWanted(input, node)) : []
  const kept = openProbes(input).filter(({ spec }) => spec.role !== 'responder')
  return unique([...responders, ...controls, ...subjects, ...kept.map(({ spec }) => spec)])
}

/** Nodes of the sample about which nothing final is known, and that can be probed now. */
function dueSubjects(input: Input): readonly NodeFacts[] {
  if (!input.probing.acted) return []
  return sampled(input).filter((node) => mayBeProbed(node, input.now) && variants(input).some((branch) => !isSettled(input, node, branch)))
}

/** With security groups for pods there are two probes on each node. */
export function variants({ options }: Input): readonly boolean[] {
  return options.securityGroupPolicy === undefined ? [false] : [false, true]
}

/** A node on which aws-node has not come up yet has its time for it; other gates judge that. */
function mayBeProbed(node: NodeFacts, now: Instant): boolean {
  if (node.ready !== 'True' || node.cordoned || node.deleting) return false
  return node.awsNode !== undefined && (isServing(node.awsNode) || now - notServingSince(node.awsNode) >= START_BUDGET)
}

function isSettled(input: Input, node: NodeFacts, branch: boolean): boolean {
  const all = probesOn(input, node.name, 'subject', branch)
  const told = triesOf(all)
  const last = told.at(-1)
  if (last === undefined || all.at(-1)?.report === undefined) return false
  return (
    told.length >= TRIES || (last.report?.kind === 'told' && failureIn(input, last) === undefined && missingIn(input, last) === undefined)
  )
}

/** The first demanded check that a probe of a changed node never tried: no responder listened when it was made. What has passed stays so. */
export function missingIn(input: Input, { spec, report }: ProbeState): string | undefined {
  if (input.probing.over) return undefined
  const told = new Set(resultsIn(report).map(({ id }) => id))
  return [...demandedOf(input, spec.branch !== undefined)].find((id) => !told.has(id) && canBeAsked(input, id))
}

/** A pod on an untouched node can be reached only where such a node is left: in a batch of an add-on there is none. */
export function canBeAsked(input: Input, check: string): boolean {
  const [, zone] = /^pod\/(.*)$/.exec(check) ?? []
  const isThere = (node: NodeFacts) => !node.deleting && node.awsNodeExcluded === undefined && (node.zone ?? 'elsewhere') === zone
  return zone === undefined || untouchedNodes(input).some(isThere)
}

function subjectWanted(input: Input, node: NodeFacts): readonly ProbeSpec[] {
  return variants(input).flatMap((branch) => {
    if (isSettled(input, node, branch)) return []
    const known = probesOn(input, node.name, 'subject', branch)
    const last = known.at(-1)
    return [last !== undefined && last.report === undefined ? last.spec : tester(input, node, 'subject', known.length + 1, branch)]
  })
}

/** Untouched nodes: before the batch acts every node is one. Where none is left, those of batches that have passed. */
function untouchedNodes({ controls, subjects, seen, probing, batch }: Input): readonly NodeFacts[] {
  if (!probing.acted) return [...controls, ...subjects]
  if (controls.length > 0) return controls
  const own = groupsOf({ batch })
  if (own.size === 0) return []
  const taken = new Set(subjects.map(({ name }) => name))
  const all = [...Object.values(seen.groups).flatMap(({ nodes }) => nodes), ...seen.otherNodes]
  return all.filter(({ name, group }) => !taken.has(name) && (group === undefined || !own.has(group)))
}

/** One node in each of up to three zones: the ones that are probed already first, those that the batch is to replace last. */
function controlNodes(input: Input): readonly NodeFacts[] {
  const known = new Set(input.probing.probes.filter(({ spec }) => spec.role !== 'subject').map(({ spec }) => spec.node))
  const own = groupsOf(input)
  const rank = ({ name, group }: NodeFacts) => (own.has(group ?? '') ? 2 : 0) + (known.has(name) ? 0 : 1)
  const fit = untouchedNodes(input)
    .filter((node) => node.awsNodeExcluded === undefined && mayBeProbed(node, input.now))
    .filter((node) => reportsOf(input, node.name, 'control').filter(({ kind }) => kind === 'unusable').length < TRIES)
    .toSorted((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1))
  const zones = new Map<string, NodeFacts>()
  for (const node of fit) if (!zones.has(node.zone ?? '')) zones.set(node.zone ?? '', node)
  return [...zones.values()].slice(0, CONTROLS)
}

function respondersWanted(input: Input): readonly ProbeSpec[] {
  return controlNodes(input).flatMap((node) => {
    const known = probesOn(input, node.name, 'responder', false)
    const last = known.at(-1)
    if (last !== undefined && last.report === undefined) return [last.spec]
    const useless = triesOf(known).filter(({ report }) => report?.kind !== 'told')
    return useless.length >= TRIES ? [] : [specOf(input, node, 'responder', known.length + 1)]
  })
}

function respondersReady({ probing, now }: Input, wanted: readonly ProbeSpec[]): boolean {
  return wanted.every(({ name }) => {
    const state = probing.probes.find(({ spec }) => spec.name === name)
    if (state === undefined) return false
    return isUp(state) || state.refused !== undefined || now - state.intendedAt >= RESPONDERS_WITHIN
  })
}

function isUp({ live, report }: ProbeState): boolean {
  return report === undefined && live?.running === true && live.address !== undefined && !live.deleting
}

/** Whether untouched nodes are to be asked: never yet, or, because a new one failed, not lately. */
function controlsDue(input: Input, due: readonly NodeFacts[]): boolean {
  return controlNodes(input).some((node) => variants(input).some((branch) => controlIsDue(input, node, branch, due)))
}

function controlIsDue(input: Input, node: NodeFacts, branch: boolean, due: readonly NodeFacts[]): boolean {
  const last = probesOn(input, node.name, 'control', branch).at(-1)
  if (last?.report === undefined || last.report.kind === 'lost') return true
  const askedAt = last.intendedAt
  return due.some(({ name }) => (latest(input, name, branch)?.report?.at ?? 0) > askedAt)
}

function controlsWanted(input: Input, due: readonly NodeFacts[]): readonly ProbeSpec[] {
  return controlNodes(input).flatMap((node) =>
    variants(input).flatMap((branch) => {
      const known = probesOn(input, node.name, 'control', branch)
      const last = known.at(-1)
      if (last !== undefined && last.report === undefined) return [last.spec]
      return controlIsDue(input, node, branch, due) ? [tester(input, node, 'control', known.length + 1, branch)] : []
    }),
  )
}

/** Why the batch should not act yet: what works on untouched nodes has to be known before it changes them. */
export function controlsFirst(input: Input): string | undefined {
  if (input.probing.acted || !controlsDue(input, [])) return undefined
  return 'network-proof finds out on untouched nodes what works here'
}

function isOver({ probing }: Input, { name }: ProbeSpec): boolean {
  return probing.probes.find(({ spec }) => spec.name === name)?.report !== undefined
}

/** A control tries once, and for a minute when it is asked again; a new node a second time after minutes, since some faults come late. */
function tester(input: Input, node: NodeFacts, role: 'control' | 'subject', attempt: number, branch: boolean): ProbeSpec {
  const policy = branch ? input.options.securityGroupPolicy : undefined
  const lasting = role === 'subject' ? (parseDuration(input.options.lasting) ?? 0) : 0
  return {
    ...specOf(input, node, role, attempt, branch),
    ...(policy && { namespace: policy.namespace, branch: policy.labels }),
    checks: checksOf(input),
    lasting,
    deadline: lasting + (role === 'control' && attempt > 1 ? ALLOWANCE_AGAIN : ALLOWANCE),
  }
}

function specOf(input: Input, node: NodeFacts, role: ProbeSpec['role'], attempt: number, branch = false): ProbeSpec {
  const { run, epoch } = input.probing
  const id = keyedId(12, run, input.batch.id, node.uid, role, String(branch), epoch, attempt)
  return {
    ...{ name: `serin-probe-${id}`, run, batch: input.batch.id, gate: 'network-proof' },
    ...{ namespace: input.options.namespace, image: input.options.image, node: node.name, role, epoch, attempt },
    ...(node.zone !== undefined && { zone: node.zone }),
    taints: node.taints ?? [],
    checks: [],
    lasting: 0,
    deadline: RESPONDER_DEADLINE,
  }
}

function checksOf({ options, probing }: Input): readonly ProbeCheck[] {
  const peers = probing.probes.filter((state) => state.spec.role === 'responder' && isUp(state))
  return [
    { id: 'dns', how: 'resolve', target: options.resolve },
    { id: 'api', how: 'tls', target: '$KUBERNETES_SERVICE_HOST' },
    ...peers.map(
      ({ spec, live }): ProbeCheck => ({ id: `pod/${spec.zone ?? 'elsewhere'}`, how: 'connect', target: `${live?.address}:${PROBE_PORT}` }),
    ),
    ...options.reach.map((target): ProbeCheck => ({ id: target, how: 'connect', target })),
  ]
}

function unique(specs: readonly ProbeSpec[]): readonly ProbeSpec[] {
  return [...new Map(specs.map((spec) => [spec.name, spec])).values()]
}
