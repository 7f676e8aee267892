import type { GateSpec, UpgradePlan } from '../../model/plan.ts'

/** The gates of a kind that a plan names, wherever it does. */
export function gatesOf({ canary, waves, target }: UpgradePlan, kind: string): readonly GateSpec[] {
  return [canary, ...waves, ...target.addons, target.controlPlane]
    .flatMap((entry) => entry?.gates ?? [])
    .filter((gate) => gate.kind === kind)
}
