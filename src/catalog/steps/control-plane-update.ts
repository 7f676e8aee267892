import type { EksUpdate } from '../../model/aws.ts'
import { MINUTE } from '../../model/instant.ts'
import type { ControlPlaneStep } from '../../model/itinerary.ts'
import type { Seen } from '../../model/seen.ts'
import type { Progress, StepDefinition } from './definition.ts'
import { errorCodes, errorEvidence, updateEnd } from './update-id.ts'

/**
 * The control plane one minor up, or back to the one that it was upgraded from: EKS takes both by the same call.
 * An upgrade cannot be stopped; https://docs.aws.amazon.com/eks/latest/userguide/rollback-cluster.html
 */
export const controlPlaneUpdate: StepDefinition<'control-plane-update'> = {
  kind: 'control-plane-update',
  title: 'Upgrade the control plane by one minor, or roll it back',
  reversibility: 'compensable',
  call: ({ after, goesBack, nodesBackWithin }) => {
    const timeout =
      goesBack && nodesBackWithin !== undefined ? ` rollbackConfig.timeoutMinutes=${Math.round(nodesBackWithin / MINUTE)}` : ''
    return `eks:UpdateClusterVersion version=${after}${timeout}`
  },
  actions: ({ step, seen }) => (isThere(step, seen) ? [] : [{ kind: 'update-control-plane', ...requestOf(step) }]),
  progress: ({ step, seen, updateId }) => {
    const update = updateId === undefined ? undefined : seen.updates[updateId]
    if (update !== undefined && updateEnd(update) === 'failed') return failed(step, update)
    const ended = updateId === undefined || (update !== undefined && updateEnd(update) === 'successful')
    return ended && isThere(step, seen) ? { kind: 'done' } : { kind: 'in-progress', because: standing(step, seen) }
  },
  compensate: (step, id) => ({
    ...step,
    id,
    title: `control plane back to ${step.before}`,
    before: step.after,
    after: step.before,
    goesBack: true,
    ...(step.nodesBackWithin !== undefined && { timeout: step.timeout + step.nodesBackWithin }),
  }),
}

function requestOf({ after: version, goesBack, nodesBackWithin }: ControlPlaneStep) {
  return { version, ...(goesBack && { goesBack }), ...(goesBack && nodesBackWithin !== undefined && { nodesBackWithin }) }
}

/** An ACTIVE cluster may be one whose answer lags behind, so the update has to have ended too. */
function isThere({ after }: ControlPlaneStep, { controlPlane }: Seen): boolean {
  return controlPlane?.version === after && controlPlane.status === 'ACTIVE'
}

/** Under Auto Mode the cluster stays ACTIVE while its nodes go back: https://docs.aws.amazon.com/eks/latest/userguide/rollback-automode.html */
function standing({ after, goesBack, nodesBackWithin }: ControlPlaneStep, { controlPlane }: Seen): string {
  if (goesBack && nodesBackWithin !== undefined && controlPlane?.status === 'ACTIVE' && controlPlane.version !== after)
    return `Auto Mode moves its nodes back to ${after} before the control plane; until then the update can be cancelled`
  const at = controlPlane === undefined ? 'not read yet' : `at ${controlPlane.version}, ${controlPlane.status}`
  return `EKS ${goesBack ? 'rolls the control plane back' : 'upgrades the control plane'} to ${after}; it is ${at}`
}

function failed({ after, goesBack }: ControlPlaneStep, update: EksUpdate): Progress {
  const how = update.status === 'Cancelled' ? 'was cancelled' : `ended as failed (${errorCodes(update).join(', ') || 'no reason given'})`
  const message = `The ${goesBack ? 'rollback' : 'upgrade'} of the control plane to ${after} ${how}; EKS has left it where it was`
  return { kind: 'failed', failure: { cause: 'update-failed', message, evidence: errorEvidence(update), nodes: [] } }
}
