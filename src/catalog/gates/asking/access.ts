import type { UpgradePlan } from '../../../model/plan.ts'
import { GATE_ACCESS, type KubernetesAccess, probeAccess } from '../../knowledge/run-permissions.ts'
import { gatesOf } from '../named.ts'
import { GATES } from '../registry.ts'

/** A Kubernetes request that something in a plan needs. */
export interface NeededAccess {
  readonly access: KubernetesAccess
  /** `the gate ipam`. */
  readonly by: string
  /** The run goes its way without. */
  readonly optional?: true
}

/** What the gates of a plan ask of the cluster, and its search for causes. Each request once, by who needs it first. */
export function accessNeeded(plan: UpgradePlan): readonly NeededAccess[] {
  const ofGates = GATES.flatMap((gate) =>
    gatesOf(plan, gate.kind).flatMap(({ options }) =>
      (gate.access?.(options) ?? []).map((access): NeededAccess => ({ access, by: `the gate ${gate.kind}` })),
    ),
  )
  const { nodeLogs } = plan.diagnosis ?? {}
  const ofLogs: readonly KubernetesAccess[] =
    nodeLogs === undefined
      ? []
      : [...probeAccess(nodeLogs.namespace), { verb: 'create', group: '', resource: 'pods', namespace: nodeLogs.namespace }]
  const all = [
    ...GATE_ACCESS.watched.map((access): NeededAccess => ({ access, by: 'every gate' })),
    ...ofGates,
    ...ofLogs.map((access): NeededAccess => ({ access, by: '`diagnosis.nodeLogs`', optional: true })),
  ]
  return [...new Map(all.toReversed().map((each) => [JSON.stringify(each.access), each])).values()].toReversed()
}
