import type { GateDefinition, GateInput } from '../../catalog/gates/definition.ts'
import { GATES } from '../../catalog/gates/registry.ts'
import type { RunEvent } from '../../journal/event.ts'
import type { FailureCause } from '../../model/failure.ts'
import { formatDuration, type Instant, MINUTE, type Millis } from '../../model/instant.ts'
import type { GateSpec } from '../../model/plan.ts'
import type { NodeFacts } from '../../model/seen.ts'
import type { Evidence, Judgement } from '../../model/verdict.ts'
import { type Context, isGated, isOver, oncePerDecision, type Rule, record, settledAt, stepsNow, TICK, UNKNOWN_BUDGET } from '../context.ts'
import { fullSubnetsOf } from '../full-subnets.ts'
import { probingNow } from '../probing.ts'
import { isUnmoved, subjectsOf } from '../subjects.ts'

export interface Judged {
  readonly kind: string
  readonly definition: GateDefinition<never>
  readonly judgement: Judgement
  /** Which cause an unknown has when it outlives its budget; absent: the evidence is missing. */
  readonly lasting?: FailureCause
}

/** The gates that stand between the current batch and the next, judged on this picture. Time and people are waited for elsewhere. */
export const judgeGates = oncePerDecision((context): readonly Judged[] => {
  const { batch, batchState } = context
  if (batch === undefined || batchState.baseline === undefined || !isGated(batch, batchState)) return []
  const unmoved = batch.phase === 'back' && settledAt(context) !== undefined && isUnmoved(batch, context.seen, batchState.baseline)
  if (unmoved) return []
  const input = gateInput(context)
  return batch.gates.flatMap((spec) => judge(context, spec, input))
})

/** What the gates of the current batch ask beside their judgement, each with its options; nothing before the batch has begun. */
export function askGates<T>(
  context: Context,
  ask: (definition: GateDefinition<never>, input: GateInput<never>) => T | readonly T[] | undefined,
): readonly T[] {
  const { batch, batchState } = context
  if (batch === undefined || batchState.baseline === undefined) return []
  const definitions = batch.gates.map((spec) => ({ spec, definition: gateOf(spec.kind) })).filter(({ definition }) => definition.probes)
  if (definitions.length === 0) return []
  const input = gateInput(context)
  return definitions.flatMap(({ spec, definition }) => ask(definition, { ...input, options: spec.options as never }) ?? [])
}

function judge(context: Context, spec: GateSpec, input: Omit<GateInput<never>, 'options'>): readonly Judged[] {
  const definition = gateOf(spec.kind)
  const given = { ...input, options: spec.options as never }
  const verdict = definition.judge?.(given)
  if (verdict === undefined) return []
  const judgement = afterMending(context, verdict)
  const lasting = judgement.verdict === 'unknown' ? definition.lasting?.(given) : undefined
  const by = context.batchState.overridden?.[spec.kind]
  // A person answers for what cannot be seen, never for what is seen to fail.
  if (by === undefined || judgement.verdict !== 'unknown') return [{ kind: spec.kind, definition, judgement, ...(lasting && { lasting }) }]
  return [{ kind: spec.kind, definition, judgement: { verdict: 'pass', reason: `${by.by} answers for it: ${by.reason}`, evidence: [] } }]
}

/** Kubelets and controllers try again with growing pauses. */
const MENDED_WITHIN = 3 * MINUTE

/** What a person mended has a moment to show before it is held against the run that was resumed; nothing passes meanwhile. */
function afterMending({ state, now }: Context, judgement: Judgement): Judgement {
  const since = now - (state.resumedAt ?? 0)
  if (judgement.verdict !== 'fail' || since >= MENDED_WITHIN) return judgement
  const left = formatDuration(MENDED_WITHIN - since)
  return { ...judgement, verdict: 'pending', reason: `${judgement.reason}; the run was resumed just now, so it has ${left} to change` }
}

function gateOf(kind: string): GateDefinition<never> {
  const definition = GATES.find((candidate) => candidate.kind === kind)
  if (definition === undefined) throw new Error(`no gate ${kind}: the plan loader should have refused it`)
  return definition as unknown as GateDefinition<never>
}

const gateInput = oncePerDecision((context): Omit<GateInput<never>, 'options'> => {
  const { batch, seen, now, itinerary, state } = context
  const { baseline } = context.batchState
  if (batch === undefined || baseline === undefined) throw new Error('no batch to gate')
  const accepted = stepsNow(context).flatMap(({ state: step }) => (step.acceptedAt === undefined ? [] : [step.acceptedAt]))
  return {
    batch,
    seen,
    now,
    baseline,
    actedAt: Math.min(...accepted, now),
    settledAt: settledAt(context),
    probing: probingNow(state, batch.id, context.batchState, seen),
    ahead: aheadOf(context),
    ...subjectsOf(batch, itinerary, state, seen, baseline),
  }
})

/** What the batches behind the current one take of subnets; on the way back nothing more is moved forward. */
function aheadOf({ batch, itinerary, state }: Context): GateInput<never>['ahead'] {
  if (batch?.phase === 'back') return []
  const needs = itinerary.addressNeeds
  const at = itinerary.batches.findIndex(({ id }) => id === batch?.id)
  const later = itinerary.batches.slice(at + 1).filter(({ id }) => !isOver(state.batches[id]))
  return needs && later.map(({ id, title }) => ({ title, needs: needs[id] ?? [] }))
}

/** Nodes that have shown what the gates ask of a single one; the same facts show it for ever. By the batch's gates. */
const PASSED = new WeakMap<readonly GateSpec[], WeakSet<NodeFacts>>()

/** Whether a new node has passed those gates of the batch that speak about a single node. */
export function hasPassedAlone(context: Context, node: NodeFacts): boolean {
  const { batch, batchState, now } = context
  if (batch === undefined || batchState.baseline === undefined) return false
  const known = PASSED.get(batch.gates) ?? new WeakSet<NodeFacts>()
  PASSED.set(batch.gates, known)
  if (known.has(node)) return true
  // Judged for itself, as if the batch were done with it: what is asked of all nodes together is asked at the end.
  const { controls, ...input } = gateInput(context)
  const alone = { ...input, controls, subjects: [node], settledAt: now, batch: { ...batch, steps: [] } }
  const passes = batch.gates.every((spec) => {
    const definition = gateOf(spec.kind)
    if (definition.provesNode !== true || definition.judge === undefined) return true
    const { verdict, notApplicable = [] } = definition.judge({ ...alone, options: spec.options as never })
    return verdict === 'pass' || (verdict === 'unknown' && notApplicable.some(({ subject }) => subject === `Node/${node.name}`))
  })
  if (passes) known.add(node)
  return passes
}

/** Verdicts that changed are recorded; a gate that says the same again, or has nothing to say yet, is not. */
export const noteVerdicts: Rule = (context) => {
  const { batch, batchState } = context
  if (batch === undefined) return undefined
  const changed = judgeGates(context).filter(({ kind, judgement }) => (batchState.gates[kind]?.verdict ?? 'pending') !== judgement.verdict)
  if (changed.length === 0) return undefined
  return record(...changed.map(({ kind, judgement }): RunEvent => ({ type: 'gate-judged', batch: batch.id, gate: kind, judgement })))
}

/** A fail acts only on a picture that was read plainly, past all caches; before that it is looked at once more. */
export const confirmFails: Rule = (context) => {
  const failing = judgeGates(context).filter(({ judgement }) => judgement.verdict === 'fail')
  if (failing.length === 0 || context.batchState.failure !== undefined) return undefined
  const since = Math.max(...failing.map(({ kind }) => context.batchState.gates[kind]?.since ?? context.now))
  if (context.seen.plainReadAt < since)
    return { kind: 'inspect', what: 'plain-read', because: `${failing[0]?.kind} fails; reading plainly to be sure` }
  const [first] = failing
  if (first === undefined || context.batch === undefined) return undefined
  const fullSubnets = subnetsToBlame(context, failing)
  return record({
    type: 'batch-failed',
    batch: context.batch.id,
    failure: {
      cause: fullSubnets.length > 0 ? 'no-capacity' : causeOf(first.definition, context.batch.phase, context),
      at: context.batch.id,
      message: `${first.kind}: ${first.judgement.reason}`,
      evidence: [...failing.flatMap(({ judgement }) => judgement.evidence), ...fullSubnets],
      nodes: failingNodes(failing),
      exposed: exposedNodes(context),
    },
  })
}

/** Nodes that the batch had changed when it failed. */
function exposedNodes({ batch, batchState: { baseline }, itinerary, state, seen }: Context): readonly string[] {
  if (batch === undefined || baseline === undefined) return []
  return subjectsOf(batch, itinerary, state, seen, baseline)
    .subjects.map(({ name }) => name)
    .slice(0, MOST_EXPOSED)
}

/** The record of a run must stay small. */
const MOST_EXPOSED = 100

function failingNodes(failing: readonly Judged[]): readonly string[] {
  const named = failing.flatMap(({ judgement }) => judgement.evidence.map(({ subject }) => subject))
  return [...new Set(named.filter((subject) => subject.startsWith('Node/')).map((subject) => subject.slice('Node/'.length)))]
}

/** Full subnets explain a failure when nothing fails but what fails without addresses. */
function subnetsToBlame({ seen }: Context, failing: readonly Judged[]): readonly Evidence[] {
  const explained = failing.every(({ definition, judgement }) => definition.failsWithoutAddresses?.(judgement) === true)
  return explained ? fullSubnetsOf(failingNodes(failing), seen, failing.some(({ kind }) => kind === 'network-proof') ? 1 : 0) : []
}

function causeOf(definition: GateDefinition<never>, phase: string, context: Context): FailureCause {
  if (definition.cause !== 'addon-or-networking') return definition.cause
  const aboutAddon = phase === 'addon' || context.batch?.steps.some((step) => step.kind === 'addon-update')
  return aboutAddon ? 'addon-fails' : 'networking-fails'
}

/** An unknown that outlives its budget becomes a hold; while EKS still works on the batch there is nothing to judge yet. */
export const boundUnknowns: Rule = (context) => {
  const { batch, state, now } = context
  if (batch === undefined) return undefined
  const unknown = settledAt(context) === undefined ? [] : judgeGates(context).filter(({ judgement }) => judgement.verdict === 'unknown')
  const key = `gates/${batch.id}`
  const waiting = state.waits[key]
  // Of several, one that knows its cause tells a person more than one that cannot see.
  const first = unknown.find(({ lasting }) => lasting !== undefined) ?? unknown[0]
  if (first === undefined) return waiting === undefined ? undefined : record({ type: 'waiting-ended', on: key })
  const because = `${first.kind}: ${first.judgement.reason}`
  if (waiting === undefined) return record({ type: 'waiting-began', on: key, because })
  if (now - waiting.since < UNKNOWN_BUDGET || context.batchState.failure !== undefined) return undefined
  const evidence = unknown.flatMap(({ judgement }) => judgement.evidence)
  return record({
    type: 'batch-failed',
    batch: batch.id,
    failure: {
      cause: first.lasting ?? 'evidence-missing',
      ...{ at: batch.id, message: because, evidence, nodes: [], exposed: exposedNodes(context) },
    },
  })
}

/** The soak's clock runs while every gate passes, and stands otherwise. */
export const runSoakClock: Rule = (context) => {
  const { batch, batchState } = context
  if (batch === undefined || batch.soak === 0 || settledAt(context) === undefined || !isGated(batch, batchState)) return undefined
  const { passed, runningSince } = batchState.soak
  const passing = allPass(judgeGates(context))
  if (passing && runningSince === undefined && passed < batch.soak)
    return record({ type: 'soak-clock', batch: batch.id, running: true, passed })
  if (runningSince === undefined || (passing && soakPassed(context) < batch.soak)) return undefined
  const counted = passing ? soakPassed(context) : Math.max(passed, soakPassed(context) - TICK)
  return record({ type: 'soak-clock', batch: batch.id, running: false, passed: counted })
}

export function allPass(judged: readonly Judged[]): boolean {
  return judged.every(({ judgement }) => judgement.verdict === 'pass')
}

/**
 * Time seen passing. The cluster itself bears witness for the time in which nobody looked: it counts only from the last
 * restart of an aws-node container or change of Ready on a subject node, so a long soak needs no living process.
 */
export function soakPassed(context: Context): Millis {
  const { passed, runningSince } = context.batchState.soak
  if (runningSince === undefined) return passed
  const disturbed = lastDisturbance(context)
  const undisturbed = disturbed <= runningSince
  return undisturbed ? passed + context.now - runningSince : Math.max(0, context.now - disturbed)
}

/** What does not say since when it stands counts as disturbed now: time that nobody can vouch for is not counted. */
function lastDisturbance(context: Context): Instant {
  const { batch, batchState, itinerary, state, seen } = context
  if (batch === undefined || batchState.baseline === undefined) return 0
  const { subjects } = subjectsOf(batch, itinerary, state, seen, batchState.baseline)
  const times = subjects.flatMap((node) => [
    node.readySince ?? context.now,
    ...(node.awsNode?.containers ?? []).map((container) => container.startedAt ?? context.now),
  ])
  return Math.max(0, ...times)
}
