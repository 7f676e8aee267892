import type { FailureCause } from '../../model/failure.ts'
import type { AddonStep } from '../../model/itinerary.ts'
import type { Seen } from '../../model/seen.ts'
import type { Progress, StepDefinition } from './definition.ts'
import { errorCodes, errorEvidence, updateEnd } from './update-id.ts'

/** Error codes of an add-on update that EKS refused before any pod was touched (EKS API: AddonIssue, ErrorCode). */
const REFUSED_BEFORE_ROLLING = new Set([
  'ConfigurationConflict',
  'AdmissionRequestDenied',
  'UnsupportedAddonModification',
  'AccessDenied',
  'K8sResourceNotFound',
])

/** One hop of an EKS add-on. The role and the configuration are sent again: EKS forgets what an update leaves out. */
export const addonUpdate: StepDefinition<'addon-update'> = {
  kind: 'addon-update',
  title: 'Update an EKS add-on by one version hop',
  reversibility: 'compensable',
  call: (step) =>
    [
      `eks:UpdateAddon ${step.addon} addonVersion=${step.after.version} resolveConflicts=${step.resolveConflicts}`,
      step.after.serviceAccountRoleArn ? 'with its role' : undefined,
      step.after.configurationValues ? 'with its configuration' : undefined,
    ]
      .filter(Boolean)
      .join(' '),
  actions: ({ step, seen }) =>
    isThere(step, seen) ? [] : [{ kind: 'update-addon', addon: step.addon, spec: step.after, resolveConflicts: step.resolveConflicts }],
  progress: ({ step, seen, updateId }) => {
    const update = updateId === undefined ? undefined : seen.updates[updateId]
    if (update !== undefined && updateEnd(update) === 'failed') return failed(step, seen, update)
    const ended = updateId === undefined || (update !== undefined && updateEnd(update) === 'successful')
    return ended && isThere(step, seen) ? { kind: 'done' } : { kind: 'in-progress', because: rollout(step, seen) }
  },
  compensate: (step, id) => ({
    ...step,
    id,
    title: `${step.addon} back to ${step.before.version}`,
    before: step.after,
    after: step.before,
  }),
}

/** Success is the DaemonSet's template, not the version string that DescribeAddon prints; what cannot be read is not success. */
function isThere(step: AddonStep, seen: Seen): boolean {
  const addon = seen.addons[step.addon]
  if (addon?.spec.version !== step.after.version || addon.status !== 'ACTIVE') return false
  return step.addon !== 'vpc-cni' || (seen.awsNode?.version === step.after.version && rolledOut(seen))
}

function rolledOut(seen: Seen): boolean {
  const set = seen.awsNode
  return set !== undefined && set.observedGeneration >= set.generation && set.updated >= set.desired
}

function rollout(step: AddonStep, seen: Seen): string {
  const set = seen.awsNode
  if (step.addon !== 'vpc-cni' || set === undefined) return `EKS updates ${step.addon} to ${step.after.version}`
  return `EKS updates ${step.addon} to ${step.after.version}: ${set.updated} of ${set.desired} nodes have it, ${set.available} available`
}

/** Only replicas that do not come up speak against the new version; any other end is looked at by a person. */
function causeOf(codes: readonly string[]): FailureCause {
  if (codes.some((code) => REFUSED_BEFORE_ROLLING.has(code))) return 'addon-refused'
  return codes.includes('InsufficientNumberOfReplicas') ? 'addon-fails' : 'update-failed'
}

function failed(step: AddonStep, seen: Seen, update: Seen['updates'][string]): Progress {
  const issues = (seen.addons[step.addon]?.health ?? []).map((issue) => ({
    subject: `Addon/${step.addon}`,
    says: `${issue.code}: ${issue.message}`,
  }))
  return {
    kind: 'failed',
    failure: {
      cause: causeOf(errorCodes(update)),
      message: `EKS could not update ${step.addon} to ${step.after.version}: ${errorCodes(update).join(', ') || 'no reason given'}`,
      evidence: [...errorEvidence(update), ...issues],
      nodes: [],
    },
  }
}
