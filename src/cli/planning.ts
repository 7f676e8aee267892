import { type Prepared, prepare } from '../engine/prepare.ts'
import { SerinError } from '../errors/serin-error.ts'
import { groupNames } from '../model/groups-of-nodes.ts'
import { iso } from '../model/instant.ts'
import type { Batch, Itinerary } from '../model/itinerary.ts'
import type { Node } from '../model/kubernetes.ts'
import type { UpgradePlan } from '../model/plan.ts'
import { poolNames } from '../model/pools.ts'
import { type ClusterSnapshot, objectsOf } from '../model/snapshot.ts'
import type { LoadedPlan } from '../plan/load.ts'
import { matchNodeGroups } from '../plan/node-groups.ts'
import { matchNodes } from '../plan/node-order.ts'
import { planInvalid } from '../plan/problem.ts'
import type { LeaseHolder } from '../ports/lease.ts'
import type { RunPorts } from '../ports/ports.ts'
import type { Origin } from '../report/origin.ts'
import { ownersOf } from '../report/write-back.ts'
import { differences } from '../rollout/decision-facts.ts'

/** Everything that follows from a plan and a snapshot, without a cluster. */
export interface Planned extends Prepared {
  readonly plan: UpgradePlan
}

/** Pure: the same plan and snapshot give the same itinerary. Throws SerinError PLAN_INVALID for groups that do not match. */
export function planOn(loaded: LoadedPlan, snapshot: ClusterSnapshot): Planned {
  const groups = matchNodeGroups(loaded, [...groupNames(snapshot), ...poolNames(snapshot)])
  const problems = [...groups, ...matchNodes(loaded, objectsOf<Node>(snapshot, 'Node'))]
  if (problems.length > 0) throw planInvalid(loaded.file, problems)
  return planned(loaded.plan, snapshot, loaded.file)
}

/**
 * The itinerary made again on the cluster as it is now: what runs is never read from the file, only compared with it, and
 * the baseline is that of now. Throws SerinError STALE_ITINERARY with what moved.
 */
export function planAgain(itinerary: Itinerary, snapshot: ClusterSnapshot): Planned {
  const again = planned(itinerary.source.plan, snapshot, itinerary.source.file)
  const edited = differences(again.itinerary.batches.map(promised), itinerary.batches.map(promised), 'batches')
  if (again.itinerary.digest === itinerary.digest && edited.length === 0) return again
  if (again.itinerary.digest === itinerary.digest) {
    const message = 'The itinerary file is not as it was written: its steps are not those that its plan gives'
    throw new SerinError('STALE_ITINERARY', message, { problems: edited, remedy: 'Plan again: `serin plan PLAN --out FILE`.' })
  }
  const moved = differences(itinerary.decisionFacts, again.itinerary.decisionFacts)
  const tools = itinerary.tool === again.itinerary.tool ? [] : [`tool: ${itinerary.tool} → ${again.itinerary.tool}`]
  throw new SerinError('STALE_ITINERARY', `The itinerary was made at ${itinerary.madeFrom.capturedAt}; since then this moved`, {
    problems: [...tools, ...moved],
  })
}

/** What a reviewer of a batch has said yes to; forecasts move with the number of nodes and pods. */
function promised({ id, steps, gates, soak, approval }: Batch): unknown {
  const moves = steps.map(({ forecast: _forecast, timeout: _timeout, ...step }) => ('nodes' in step ? { ...step, nodes: undefined } : step))
  return { id, gates, soak, approval, steps: moves }
}

function planned(plan: UpgradePlan, snapshot: ClusterSnapshot, file: string | undefined): Planned {
  const { itinerary, ...prepared } = prepare(plan, snapshot)
  const source = { ...itinerary.source, ...(file !== undefined && { file }) }
  return { ...prepared, plan, itinerary: { ...itinerary, source, owners: ownersOf(snapshot) } }
}

export function originOfPlanned({ plan, snapshot }: Pick<Planned, 'plan' | 'snapshot'>): Origin {
  const { name: cluster, region } = plan.cluster
  return { plan: plan.metadata.name, cluster, region, capturedAt: snapshot.capturedAt, sandbox: snapshot.sandbox }
}

/** Throws SerinError RUN_LOCKED with who, since when and how to look, while a run is open on the cluster. */
export async function refuseWhileOpen(ports: RunPorts): Promise<void> {
  const record = await ports.records.read()
  if (record?.status !== 'open') return
  const holder = await ports.lease.holder()
  const since = holder?.since === undefined ? '' : ` since ${iso(holder.since)}`
  const driver = holder ? `its driver ${holder.identity} holds the Lease${since}` : 'nobody drives it now'
  throw new SerinError(
    'RUN_LOCKED',
    `Run ${record.run} of plan ${record.plan} is open since ${iso(record.openedAt)}, opened by ${record.openedBy}; ${driver}.`,
    { remedy: `\`serin status ${record.run}\` shows where it stands; ${doorsOf(holder)}` },
  )
}

function doorsOf(holder: LeaseHolder | undefined): string {
  if (holder === undefined) return '`serin resume`, `serin rollback` or `serin abandon` ends it.'
  return '`serin hold`, `serin rollback` and `serin abandon` ask its driver. If that process is dead, `serin resume` goes on.'
}
