import type { UpdateSettings } from '../../model/itinerary.ts'
import type { GroupFacts } from '../../model/seen.ts'
import type { StepDefinition } from './definition.ts'

/** Changes how EKS updates a group, for this run only: EKS takes these settings from the group, never from the call. */
export const nodegroupSettings: StepDefinition<'nodegroup-settings'> = {
  kind: 'nodegroup-settings',
  title: 'Change the update settings of a managed node group, or restore them',
  reversibility: 'reversible',
  call: (step) => `eks:UpdateNodegroupConfig ${step.group} updateConfig=${describeSettings(step.after)}`,
  actions: ({ step, seen }) =>
    settingsMatch(step.after, seen.groups[step.group])
      ? []
      : [{ kind: 'update-nodegroup-config', group: step.group, settings: withDefaults(step.after) }],
  progress: ({ step, seen }) =>
    settingsMatch(step.after, seen.groups[step.group]) && seen.groups[step.group]?.status !== 'UPDATING'
      ? { kind: 'done' }
      : { kind: 'in-progress', because: `EKS changes the update settings of ${step.group}` },
  compensate: (step, id) => ({ ...step, id, title: `update settings of ${step.group} restored`, before: step.after, after: step.before }),
}

/** `maxUnavailable 2, MINIMAL` */
export function describeSettings(settings: UpdateSettings): string {
  const parts = [
    settings.maxUnavailable === undefined ? undefined : `maxUnavailable ${settings.maxUnavailable}`,
    settings.maxUnavailablePercentage === undefined ? undefined : `maxUnavailable ${settings.maxUnavailablePercentage}%`,
    settings.updateStrategy,
  ]
  return parts.filter((part) => part !== undefined).join(', ') || 'EKS defaults'
}

/** EKS's defaults stand for what is absent: one node at a time, DEFAULT (EKS API: NodegroupUpdateConfig). */
function settingsMatch(wanted: UpdateSettings, group: GroupFacts | undefined): boolean {
  if (group === undefined) return false
  return describeSettings(withDefaults(wanted)) === describeSettings(withDefaults(group.updateConfig))
}

export function withDefaults(settings: UpdateSettings): UpdateSettings {
  const percentage = settings.maxUnavailablePercentage
  return {
    ...(percentage === undefined ? { maxUnavailable: settings.maxUnavailable ?? 1 } : { maxUnavailablePercentage: percentage }),
    updateStrategy: settings.updateStrategy ?? 'DEFAULT',
  }
}
