import { globMatches } from '../../model/glob.ts'
import { MINUTE } from '../../model/instant.ts'
import type { GroupIntent } from '../../model/intent.ts'
import type { GroupSettingsStep, GroupSizeStep, GroupSizes, GroupStep, Step, StepForecast, UpdateSettings } from '../../model/itinerary.ts'
import { describeSpec } from '../steps/group-spec.ts'
import { describeSettings, withDefaults } from '../steps/nodegroup-settings.ts'
import type { StrategyDefinition } from './definition.ts'

const SETTINGS_FORECAST: StepForecast = { expected: MINUTE, back: MINUTE, exposed: { nodes: 0, pods: 0, minutes: 0 } }

/** EKS replaces the nodes of a managed group itself. It cannot be stopped inside a group, so the safe points lie between groups. */
export const managedInPlace: StrategyDefinition = {
  kind: 'managed-in-place',
  fits: 'managed',
  summary: 'EKS updates the managed node group in place, new nodes first (DEFAULT) or old nodes first (MINIMAL).',
  rollback:
    'The earlier AMI release or launch template version by the same call. The earlier Kubernetes minor is disputed: the API text denies it, the rollback guide of 2026 documents it.',
  waysBack: [
    {
      what: 'Managed group, EKS-optimised AMI',
      image: 'yes',
      minor: 'disputed: tried, and the plan says so before',
      call: 'eks:UpdateNodegroupVersion with the recorded version and release',
      restrictions: 'The release must still be offered; budgets and addresses are asked again, since the way back drains too.',
      otherwise: 'Refused: noted and passed over, the rest goes back, exit 22 with the calls to make by hand.',
    },
    {
      what: 'Managed group, launch template without an AMI',
      image: 'yes',
      minor: 'disputed: tried, and the plan says so before',
      call: 'eks:UpdateNodegroupVersion with version, release and the recorded template number, in one update',
      restrictions: 'The template number must exist; `$Latest` and `$Default` have no way back unless `pinLaunchTemplate: true`.',
      otherwise: 'As above. Without a number it is a point of no return that the plan accepts by name.',
    },
    {
      what: 'Managed group, launch template with its own AMI',
      image: 'yes',
      minor: "yes: the minor is the AMI's",
      call: 'eks:UpdateNodegroupVersion with the recorded template number',
      restrictions:
        'Template number and AMI must still be there; a template that looks its image up at launch (`resolve:ssm:`) has no way back.',
      otherwise: 'WAY_BACK_OPEN holds the run before the next step.',
    },
  ],
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html',
  move: ({ name, maxUnavailable, surge, updateStrategy, zones }) => ({ group: name, maxUnavailable, surge, updateStrategy, zones }),
  steps: ({ group, plan, batchId, forecast, settings }) => {
    const wanted = wantedSettings(plan.nodeGroups, group, settings)
    const id = `${batchId}/${group.name}`
    const update = updateStep(group, id, forecast)
    if (group.whenEmpty === 'scale-one')
      return [update, { ...sizeStep(group, `${id}/size`, group.sizes, oneNode(group)), needs: [update.id] }]
    if (wanted === undefined) return [update]
    const before: GroupSettingsStep = settingsStep(group, `${id}/settings`, settings, wanted)
    const restored: Step = { ...settingsStep(group, `${id}/settings-restored`, wanted, settings), needs: [update.id] }
    return [before, { ...update, needs: [before.id] }, restored]
  },
}

function updateStep(group: GroupIntent, id: string, forecast: StepForecast): GroupStep {
  return {
    kind: 'nodegroup-update',
    id,
    title: `${group.name}: ${describeSpec(group.baseline)} → ${describeSpec(group.target)}`,
    group: group.name,
    before: group.baseline,
    after: group.target,
    form: group.form,
    ...(group.force && { force: group.force }),
    nodes: group.nodes,
    nodeClass: group.nodeClass,
    zones: group.zones,
    timeout: group.timeout,
    wayBack: group.wayBack,
    forecast,
  }
}

/** Restores the sizes of a group that got a node to prove itself on; a batch of its own, after the gates. */
export function sizeRestored(group: GroupIntent, batchId: string): GroupSizeStep {
  return sizeStep(group, `${batchId}/${group.name}/size-restored`, oneNode(group), group.sizes)
}

function oneNode({ sizes }: GroupIntent): GroupSizes {
  return { min: sizes.min, max: Math.max(1, sizes.max), desired: 1 }
}

function sizeStep(group: GroupIntent, id: string, before: GroupSizes, after: GroupSizes): GroupSizeStep {
  return {
    kind: 'nodegroup-size',
    id,
    title: `${group.name}: desired size ${before.desired} → ${after.desired}`,
    group: group.name,
    before,
    after,
    timeout: 30 * MINUTE,
    wayBack: { exists: 'yes', how: `eks:UpdateNodegroupConfig ${group.name} with the sizes recorded in the baseline` },
    forecast: { expected: 5 * MINUTE, back: 5 * MINUTE, exposed: { nodes: 0, pods: 0, minutes: 0 } },
  }
}

function settingsStep(group: GroupIntent, id: string, before: UpdateSettings, after: UpdateSettings): GroupSettingsStep {
  return {
    kind: 'nodegroup-settings',
    id,
    title: `${group.name}: update settings ${describeSettings(before)} → ${describeSettings(after)}`,
    group: group.name,
    before,
    after,
    timeout: 15 * MINUTE,
    wayBack: { exists: 'yes', how: `eks:UpdateNodegroupConfig ${group.name} with the settings recorded in the baseline` },
    forecast: SETTINGS_FORECAST,
  }
}

/** The update settings the plan asks for, or undefined when the group already has them. */
function wantedSettings(
  overrides: readonly { readonly match: string; readonly maxUnavailable?: unknown; readonly updateStrategy?: string }[],
  group: GroupIntent,
  settings: UpdateSettings,
): UpdateSettings | undefined {
  const wanted: UpdateSettings = { maxUnavailable: group.maxUnavailable, updateStrategy: group.updateStrategy }
  const current = withDefaults(settings)
  const asked = overrides.some(
    (row) => (row.maxUnavailable !== undefined || row.updateStrategy !== undefined) && globMatches(row.match, group.name),
  )
  return asked && describeSettings(wanted) !== describeSettings(current) ? wanted : undefined
}
