import { groupsOfStep, replacesNodes } from '../../../model/itinerary.ts'
import type { NodeFacts } from '../../../model/seen.ts'
import type { Evidence, Judgement } from '../../../model/verdict.ts'
import type { BatchBaseline, GateInput } from '../definition.ts'
import { conclude, gapJudgement } from './differential.ts'
import { type Control, type Item, type NodeSays, nodeSubject } from './item.ts'
import { count } from './words.ts'

export type NodeBefore = BatchBaseline['nodes'][string]

/** How a gate judges nodes one by one. */
export interface NodeRule {
  /** Sources of the picture without which it says unknown. */
  readonly needs: readonly string[]
  readonly judge: (node: NodeFacts, input: GateInput<unknown>) => NodeSays
  /** How an untouched node fares; undefined for one that the gate does not apply to. */
  readonly control: (node: NodeFacts, input: GateInput<unknown>) => Control['state'] | undefined
  /** Whether a node was already failing when the batch began. */
  readonly failedBefore: (node: NodeBefore) => boolean
  /** Whether anything is known of how a node was then; absent: always. */
  readonly knownBefore?: (node: NodeBefore) => boolean
  /** What is judged beside the nodes: instances that never joined, zones without a node. */
  readonly beside?: (input: GateInput<unknown>, subjects: readonly NodeFacts[]) => readonly Item[]
  /** `aws-node runs without a restart on 3 nodes` */
  readonly passed: (nodes: string) => string
}

/** Judges the subject nodes by a rule and compares with the untouched ones. */
export function judgeNodes(input: GateInput<unknown>, rule: NodeRule): Judgement {
  const gap = gapJudgement(input.seen, rule.needs)
  if (gap !== undefined) return gap
  const subjects = input.subjects.filter((node) => !node.deleting)
  const said = subjects.map((node) => ({ node, said: rule.judge(node, input) }))
  const judged = said.flatMap(({ node, said: s }) => ('verdict' in s ? [itemOf(node, s)] : []))
  const items = judged.length === 0 && subjects.length > 0 ? [] : [...judged, ...(rule.beside?.(input, subjects) ?? [])]
  const excluded = judged.length === 0 ? everyExclusion(subjects) : undefined
  if (excluded !== undefined && input.settledAt !== undefined) return { ...notApplicable(excluded), notApplicable: leftOutOf(said) }
  return conclude(input, {
    items,
    // Asked for only where subjects fail: on a large cluster the untouched nodes are most of what there is to read.
    get controls() {
      return controlsOf(input, rule)
    },
    get before() {
      return before(input, rule)
    },
    notApplicable: leftOutOf(said),
    noun: 'node',
    passed: rule.passed(count(items.length, 'node')),
    nothing: nothingToJudge(input, subjects),
  })
}

/** Why aws-node runs on none of these nodes by its own affinity, `2 nodes: runs Windows`; undefined where it should run on one. */
function everyExclusion(subjects: readonly NodeFacts[]): string | undefined {
  const reasons = subjects.flatMap(({ awsNodeExcluded }) => awsNodeExcluded ?? [])
  return subjects.length > 0 && reasons.length === subjects.length
    ? `${count(subjects.length, 'node')}: ${[...new Set(reasons)].join(', ')}`
    : undefined
}

/** Nothing there could ever be judged, so nothing is missing: such nodes are for the other gates to judge. */
function notApplicable(excluded: string): Judgement {
  return { verdict: 'pass', reason: `not applicable, aws-node is not for them: ${excluded}`, evidence: [] }
}

function leftOutOf(said: readonly { readonly node: NodeFacts; readonly said: NodeSays }[]): readonly Evidence[] {
  return said.flatMap(({ node, said: one }) => leftOut(node, one))
}

function itemOf(node: NodeFacts, { verdict, says, sentence, suspect }: Extract<NodeSays, { verdict: unknown }>): Item {
  return { subject: nodeSubject(node), name: node.name, verdict, says, sentence, ...(suspect && { suspect }) }
}

function leftOut(node: NodeFacts, said: NodeSays): readonly Evidence[] {
  const own = 'leftOut' in said ? [{ subject: nodeSubject(node), says: said.leftOut }] : []
  return [...own, ...(said.shown ?? [])]
}

/** An untouched node that failed before the batch began tells nothing about the batch. */
function controlsOf(input: GateInput<unknown>, rule: NodeRule): readonly Control[] {
  return input.controls.flatMap((node) => {
    const known = input.baseline.nodes[node.name]
    if (node.deleting || (known?.uid === node.uid && rule.failedBefore(known))) return []
    const state = rule.control(node, input)
    return state === undefined ? [] : [{ name: node.name, state }]
  })
}

/** The nodes of the batch's groups, and the subjects themselves where they stood before (an add-on replaces pods, not nodes). */
function before(input: GateInput<unknown>, rule: NodeRule): { total: number; failing: number } {
  const groups = groupsOf(input)
  const subjects = new Set(input.subjects.map((node) => node.name))
  const nodes = Object.entries(input.baseline.nodes)
    .filter(([name, node]) => subjects.has(name) || (node.group !== undefined && groups.has(node.group)))
    .map(([, node]) => node)
    .filter((node) => rule.knownBefore?.(node) !== false)
  return { total: nodes.length, failing: nodes.filter(rule.failedBefore).length }
}

/** Names of the node groups that the batch moves. */
export function groupsOf(input: Pick<GateInput<unknown>, 'batch'>): ReadonlySet<string> {
  return new Set(input.batch.steps.flatMap((step) => (replacesNodes(step) ? groupsOfStep(step) : [])))
}

function nothingToJudge(input: GateInput<unknown>, subjects: readonly NodeFacts[]): string {
  if (subjects.length > 0)
    return `none of the ${count(subjects.length, 'node')} that ${input.batch.title} changed can be judged by this gate`
  return `there is no node that ${input.batch.title} changed, so there is nothing to judge`
}
