import type { Intent } from '../../../model/intent.ts'
import { compareMinors, parseMinor } from '../../../model/kubernetes-minor.ts'

type Meant = { readonly intent: Intent }

/** Why a check about a control plane that moves has nothing to judge, or undefined when it moves. */
export function noControlPlaneStep({ intent }: Meant): string | undefined {
  return intent.controlPlane?.changes === true ? undefined : 'The control plane stays as it is in this run.'
}

/** Whether it is the way there; else it goes back. */
export function goesUp({ intent }: Meant): boolean {
  const [from, to] = [parseMinor(intent.controlPlane?.baseline), parseMinor(intent.controlPlane?.target)]
  return from !== undefined && to !== undefined && compareMinors(from, to) < 0
}

/** What a check about the way there says on the way back. */
export const stayingControlPlane = 'The control plane goes back in this step.'

/** The newest minor that the control plane has in this run: nodes of that minor have a control plane for them. */
export function newestMinor({ intent }: Meant): string {
  return intent.controlPlane?.changes === true && goesUp({ intent }) ? intent.controlPlane.target : intent.clusterMinor
}
