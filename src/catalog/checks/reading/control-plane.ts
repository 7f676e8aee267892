import type { Intent } from '../../../model/intent.ts'
import { compareMinors, parseMinor } from '../../../model/kubernetes-minor.ts'
import type { ClusterSnapshot } from '../../../model/snapshot.ts'

interface Meant {
  readonly intent: Intent
}

/** Why a check about a control plane that moves has nothing to judge, or undefined when it moves. */
export function noControlPlaneStep({ intent }: Meant): string | undefined {
  return intent.controlPlane?.changes === true ? undefined : 'The control plane stays as it is in this run.'
}

/** Whether it is the way there; else it goes back. */
export function goesUp({ intent }: Meant): boolean {
  const [from, to] = [parseMinor(intent.controlPlane?.baseline), parseMinor(intent.controlPlane?.target)]
  return from !== undefined && to !== undefined && compareMinors(from, to) < 0
}

/** Why a check about the way there has nothing to judge: the control plane stays, goes back, or has come there already. */
export function noStepUp(input: Meant & { readonly snapshot: ClusterSnapshot }): string | undefined {
  const { baseline, target } = input.intent.controlPlane ?? {}
  const [at, to] = [parseMinor(input.snapshot.aws.cluster?.version), parseMinor(target)]
  const none = noControlPlaneStep(input)
  if (none !== undefined) return none
  if (!goesUp(input)) return `The control plane goes back from ${baseline} to ${target}.`
  return at && to && compareMinors(at, to) >= 0 ? `The control plane is at ${target} already.` : undefined
}

/** The newest minor that the control plane has in this run: nodes of that minor have a control plane for them. */
export function newestMinor({ intent }: Meant): string {
  return intent.controlPlane?.changes === true && goesUp({ intent }) ? intent.controlPlane.target : intent.clusterMinor
}
