import { accessNeeded } from '../../catalog/gates/asking/access.ts'
import { endpointsOf } from '../../catalog/gates/asking/endpoints.ts'
import { alarmsNamed } from '../../catalog/gates/cloudwatch-alarm.ts'
import { probePlaces } from '../../catalog/gates/probing/options.ts'
import { parseAddonVersion } from '../../model/addon-version.ts'
import type { UpgradePlan } from '../../model/plan.ts'
import { autoScalingNameOf } from '../../model/self-managed.ts'
import { replacesGroups } from '../../plan/replacement.ts'
import type { NamedByPlan } from './named.ts'

/** What a snapshot has to hold for this plan: exact add-on versions and template numbers that it names. */
export function namedBy(plan: UpgradePlan): NamedByPlan {
  const exact = plan.target.addons.filter(({ version }) => parseAddonVersion(version) !== undefined)
  return {
    // A control plane is moved on what EKS says of today.
    ...(plan.target.controlPlane && { refreshInsights: true }),
    minors: [plan.target.controlPlane?.version ?? []].flat(),
    addonTargets: Object.fromEntries(exact.map(({ name, version }) => [name, [version]])),
    selfManaged: [...selfManagedOf(plan), ...madeByName(plan)],
    launchConfigurations: plan.nodeGroups.flatMap(({ launchConfiguration }) => launchConfiguration ?? []),
    access: accessNeeded(plan).map(({ access }) => access),
    questions: endpointsOf(plan).map(({ question }) => question),
    alarms: alarmsNamed(plan),
    replaces: replacesGroups(plan),
    amiTypes: plan.nodeGroups.flatMap(({ replacement }) => replacement?.amiType ?? []),
    probes: probePlaces(plan),
    templateVersions: plan.nodeGroups.map(({ match, launchTemplateVersion }) => ({ match, version: launchTemplateVersion })),
  }
}

/** Groups that the plan makes under a name of its own: somebody may have one of that name. */
function madeByName({ nodeGroups }: UpgradePlan): readonly string[] {
  return nodeGroups.flatMap(({ match, replacement }) => (autoScalingNameOf(match) === undefined ? [] : (replacement?.name ?? [])))
}

/** Auto Scaling groups that the plan names, by name or pattern. */
function selfManagedOf({ canary, waves, exclude }: UpgradePlan): readonly string[] {
  const entries = [...(canary ? [canary] : []), ...waves, ...exclude]
  return [...new Set(entries.flatMap(({ nodeGroups }) => nodeGroups.flatMap((name) => autoScalingNameOf(name) ?? [])))]
}
