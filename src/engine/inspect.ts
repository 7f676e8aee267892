import { CHECKS } from '../catalog/checks/registry.ts'
import type { RunEvent } from '../journal/event.ts'
import type { Finding } from '../model/finding.ts'
import { instantOf } from '../model/instant.ts'
import type { ControlPlaneIntent, Intent } from '../model/intent.ts'
import type { Batch, Itinerary, Step, StepKind } from '../model/itinerary.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import type { ClusterPorts } from '../ports/ports.ts'
import { evaluatePreflight } from '../preflight/evaluate.ts'
import { isOver } from '../rollout/context.ts'
import type { RunState } from '../rollout/state.ts'
import { namedBy } from './capture/named-by-plan.ts'
import { captureSnapshot } from './capture.ts'

/**
 * Pre-flight once more, on a fresh snapshot, for what is still to be done. The bits stay those of the itinerary.
 * `mayPass`: it is inconclusive for evidence that a later look may bring.
 */
export async function inspectAgain(
  ports: ClusterPorts,
  itinerary: Itinerary,
  state: RunState,
  takenFrom: ClusterSnapshot['takenFrom'],
): Promise<{ readonly event: RunEvent; readonly mayPass: boolean }> {
  const versions = itinerary.source.intent.addons.map(({ name, baseline, hops }) => [name, [baseline.version, ...hops]])
  const named = namedBy(itinerary.source.plan)
  const taken = await captureSnapshot(ports, itinerary.cluster.name, {
    ...named,
    launchConfigurations: [...(named.launchConfigurations ?? []), ...formerConfigurations(itinerary)],
    formerTemplates: formerTemplates(itinerary),
    refreshInsights: movesControlPlane(itinerary, state),
    addonTargets: Object.fromEntries(versions),
    takenFrom,
  })
  // The run that looks is not somebody else's.
  const snapshot = {
    ...taken,
    ...(taken.openRun?.run === state.run ? { openRun: null } : {}),
    ...(taken.lease?.run === state.run ? { lease: null } : {}),
  }
  const now = instantOf(snapshot.capturedAt) ?? ports.clock.now()
  const intent = state.back === undefined ? remainingIntent(itinerary, state) : wayBackIntent(itinerary, state)
  const checks = CHECKS.filter(({ code }) => (state.back === undefined ? !isCured(code, itinerary) : ROOM_TO_GO_BACK.has(code)))
  const result = evaluatePreflight({ snapshot, plan: itinerary.source.plan, intent, now, checks })
  const stops = result.findings.filter(isStopping)
  const waived = result.findings.flatMap(({ code, subject, message, waivedBy }) =>
    waivedBy === undefined ? [] : [{ code, subject, message, waiver: waivedBy }],
  )
  const event: RunEvent = {
    type: 'preflight-evaluated',
    verdict: result.verdict,
    stopping: stops.map(({ code, subject, message }) => ({ code, subject, message })),
    warnings: result.findings.filter(({ verdict }) => verdict === 'warn').length,
    ...(waived.length > 0 && { waived }),
  }
  return { event, mayPass: result.verdict === 'inconclusive' && (snapshot.unavailable ?? []).some((gap) => gap.mayPass === true) }
}

function isStopping({ waivedBy, verdict, wouldBlock }: Finding): boolean {
  return !waivedBy && (verdict === 'block' || (verdict === 'unknown' && wouldBlock === true))
}

/** Illness that a cure is there for: it must not keep `remediate` from its work. */
const ILLNESS = new Set(['AWS_NODE_HEALTHY', 'KUBE_PROXY_HEALTHY'])
const CURES: ReadonlySet<StepKind> = new Set(['rotate-node', 'recreate-pods', 'tidy'])

function isCured(code: string, { batches }: Itinerary): boolean {
  return ILLNESS.has(code) && batches.every(({ steps }) => steps.every(({ kind }) => CURES.has(kind)))
}

/** What the way back needs: addresses for new nodes, budgets that allow a drain, and EKS's readiness to take a control plane. */
const ROOM_TO_GO_BACK = new Set(['SUBNET_ADDRESSES', 'PDB_ALLOWS_NONE', 'ROLLBACK_INSIGHTS'])

/** What the next step of the way back means, as if it were a plan: its group alone, to its former spec. */
function wayBackIntent(itinerary: Itinerary, state: RunState): Intent {
  const { intent } = itinerary.source
  const next = nextBatch(itinerary, state)
  const names = new Set(next?.steps.flatMap((step) => ('group' in step ? [step.group] : [])))
  const groups = intent.groups.map((group) => ({
    ...group,
    target: group.baseline,
    baseline: group.target,
    changes: names.has(group.name),
  }))
  const { controlPlane, ...rest } = intent
  const moves = next?.steps.some(isControlPlane) === true
  return { ...rest, ...(moves && controlPlane && { controlPlane: reversed(controlPlane) }), addons: [], groups, problems: [] }
}

function reversed(controlPlane: ControlPlaneIntent): ControlPlaneIntent {
  return { ...controlPlane, baseline: controlPlane.target, target: controlPlane.baseline }
}

function isControlPlane({ kind }: Step): boolean {
  return kind === 'control-plane-update'
}

function nextBatch({ batches }: Itinerary, { back, batches: states }: RunState): Batch | undefined {
  return (back?.batches ?? batches).find(({ id }) => !isOver(states[id]))
}

/** EKS computes its insights anew where they are about to count. */
function movesControlPlane(itinerary: Itinerary, state: RunState): boolean {
  return nextBatch(itinerary, state)?.steps.some(isControlPlane) === true
}

/** The intent without what has been done: hops passed, groups moved. */
function remainingIntent(itinerary: Itinerary, state: RunState): Intent {
  const { intent } = itinerary.source
  const done = new Set(itinerary.batches.filter(({ id }) => isOver(state.batches[id])).flatMap(({ steps }) => steps.map(doneBy)))
  const moved = itinerary.batches.some(({ id, steps }) => isOver(state.batches[id]) && steps.some(isControlPlane))
  return {
    ...intent,
    ...(moved && intent.controlPlane && afterStep(intent.controlPlane)),
    addons: intent.addons.map((addon) => {
      const passed = addon.hops.filter((hop) => done.has(`hop/${addon.name}/${hop}`))
      const at = passed.at(-1)
      return {
        ...addon,
        hops: addon.hops.filter((hop) => !passed.includes(hop)),
        ...(at !== undefined && { baseline: { ...addon.baseline, version: at } }),
      }
    }),
    groups: intent.groups.map((group) => {
      // With consent: from here on only another replacement leads back.
      if (done.has(`deleted/${group.name}`))
        return { ...group, changes: false, unchangedBecause: 'deleted by this run', wayBack: { ...group.wayBack, exists: 'none' as const } }
      if (done.has(`group/${group.name}`))
        return { ...group, changes: false, unchangedBecause: 'done by this run', changedByRun: true as const }
      const isMade = group.replacement !== undefined && done.has(`made/${group.replacement.group}`)
      return isMade ? { ...group, surge: group.nodes - group.replacement.share } : group
    }),
  }
}

/** The control plane has moved: it is at the target, and what the run took there it may have to take back. */
function afterStep(controlPlane: ControlPlaneIntent): Pick<Intent, 'clusterMinor' | 'controlPlane'> {
  return { clusterMinor: controlPlane.target, controlPlane: { ...controlPlane, changes: false, changedByRun: true } }
}

/** What a step that is done leaves nothing to do of; of a group that gives way, the last move. */
function doneBy(step: Step): string {
  if (step.kind === 'addon-update') return `hop/${step.addon}/${step.after.version}`
  if (step.kind === 'create-group') return `made/${step.group}`
  if (step.kind === 'delete-group') return `deleted/${step.group}`
  if (step.kind === 'move-workloads') return step.upTo === undefined ? `group/${step.from}` : ''
  return 'group' in step ? `group/${step.group}` : ''
}

/** Launch configurations that ways back need: no group that has moved names its former one any more. */
function formerConfigurations({ baseline }: Itinerary): readonly string[] {
  return Object.values(baseline.groups).flatMap(({ spec: { launch } }) => (launch?.kind === 'configuration' ? [launch.name] : []))
}

/** Template versions that ways back need, asked for by number: nothing may run them any more. */
function formerTemplates({ source }: Itinerary): readonly (readonly [id: string, versions: readonly string[]])[] {
  const templates = source.intent.groups.flatMap(({ baseline, changes }) => (changes ? (baseline.launchTemplate ?? []) : []))
  return templates.filter(({ version }) => /^\d+$/.test(version)).map(({ id, version }) => [id, [version]] as const)
}
