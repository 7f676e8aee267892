import type { Faults } from '../../contract.ts'
import type { ControlPlaneTrouble } from '../../levers.ts'

/** Whether a trouble of the control plane holds now. */
export function meets(faults: Faults, trouble: ControlPlaneTrouble): boolean {
  return faults.effects('control-plane', {}).includes(trouble)
}
