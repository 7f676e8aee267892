import { parseAddonVersion } from '../../model/addon-version.ts'
import type { UpgradePlan } from '../../model/plan.ts'
import type { NamedByPlan } from './aws.ts'

/** What a snapshot has to hold for this plan: exact add-on versions and template numbers that it names. */
export function namedBy(plan: UpgradePlan): NamedByPlan {
  const exact = plan.target.addons.filter(({ version }) => parseAddonVersion(version) !== undefined)
  return {
    addonTargets: Object.fromEntries(exact.map(({ name, version }) => [name, [version]])),
    templateVersions: plan.nodeGroups.map(({ match, launchTemplateVersion }) => ({ match, version: launchTemplateVersion })),
  }
}
