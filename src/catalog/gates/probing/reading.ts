import type { ProbeReport, ProbeResult, ProbeSpec, ProbeState } from '../../../model/probe.ts'
import type { NodeFacts } from '../../../model/seen.ts'
import type { GateInput } from '../definition.ts'
import { spread } from '../judging/spread.ts'
import type { Probing } from './options.ts'

/** How often a node is probed before what its probes say is final. */
export const TRIES = 2
/** So many lost probes are bad luck, or a driver that dies; more are somebody's doing. */
const MOST_LOST = 10

type Input = Pick<GateInput<Probing>, 'probing'>

/** Probes of a role on a node, oldest first; `branch`: those with an interface of their own. */
export function probesOn({ probing }: Input, node: string, role: ProbeSpec['role'], branch: boolean): readonly ProbeState[] {
  return probing.probes.filter(({ spec }) => spec.node === node && spec.role === role && (spec.branch !== undefined) === branch)
}

/** Tries that count: those that have told something. */
export function triesOf(states: readonly ProbeState[]): readonly ProbeState[] {
  const lost = states.filter(({ report }) => report?.kind === 'lost')
  return states.filter(({ report }) => report !== undefined && (report.kind !== 'lost' || lost.length > MOST_LOST))
}

export function reportsOf(input: Input, node: string, role: ProbeSpec['role']): readonly ProbeReport[] {
  return [...probesOn(input, node, role, false), ...probesOn(input, node, role, true)].flatMap(({ report }) => report ?? [])
}

/** The newest probe of a changed node that has told something. */
export function latest(input: Input, node: string, branch: boolean): ProbeState | undefined {
  return triesOf(probesOn(input, node, 'subject', branch)).at(-1)
}

/** Probes that have not told anything yet. */
export function openProbes({ probing }: Input): readonly ProbeState[] {
  return probing.probes.filter(({ report }) => report === undefined)
}

/** What a report says of each check, an address among them; nothing when it can tell nothing. */
export function resultsIn(report: ProbeReport | undefined): readonly ProbeResult[] {
  if (report?.kind === 'no-address') return [{ id: 'address', outcome: 'fails', says: report.says }]
  return report?.kind === 'told' ? report.results : []
}

/** Names of checks that worked on an untouched node at least once: only these are demanded of new ones. */
export function demandedOf({ probing }: Input, branch: boolean): ReadonlySet<string> {
  const controls = probing.probes.filter(({ spec }) => spec.role === 'control' && (spec.branch !== undefined) === branch)
  const results = controls.flatMap(({ report }) => resultsIn(report))
  return new Set(results.filter(({ outcome }) => outcome === 'works').map(({ id }) => id))
}

/** The first demanded check that a probe of a changed node failed. */
export function failureIn(input: Input, { spec, report }: ProbeState): ProbeResult | undefined {
  const demanded = demandedOf(input, spec.branch !== undefined)
  return resultsIn(report).find(({ id, outcome }) => outcome === 'fails' && demanded.has(id))
}

/**
 * The changed nodes that are probed: those that are already, one of each zone and type, and further ones up to the plan's bound,
 * in the order of their names.
 */
export function sampled(input: GateInput<Probing>): readonly NodeFacts[] {
  const nodes = input.subjects.filter((node) => !node.deleting && node.awsNodeExcluded === undefined)
  const probed = new Set(input.probing.probes.filter(({ spec }) => spec.role === 'subject').map(({ spec }) => spec.node))
  if (input.probing.over) return nodes.filter(({ name }) => probed.has(name))
  const [before, others] = [nodes.filter(({ name }) => probed.has(name)), nodes.filter(({ name }) => !probed.has(name))]
  return [...before, ...spread(others, input.options.sample, before)]
}
