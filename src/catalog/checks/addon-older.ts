import { compareAddonVersions, parseAddonVersion } from '../../model/addon-version.ts'
import type { AddonIntent } from '../../model/intent.ts'
import type { UpgradePlan } from '../../model/plan.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { foundOr } from './reading/verdicts.ts'

/** An add-on goes down only where the plan names that very version. */
export const addonOlder: CheckDefinition = {
  code: 'ADDON_OLDER',
  title: 'No add-on becomes older than it is',
  severity: 'block',
  waivable: true,
  needs: ['eks:ListAddons'],
  prevents:
    'An upgrade that takes an add-on back: the default version of a minor may be older than what is installed, and so may a version that was copied from another cluster.',
  remedy:
    'Name a newer version under `target.addons` (`aws eks describe-addon-versions --addon-name NAME` lists them), or take the add-on out of the plan.',
  source: 'https://github.com/aws-samples/eks-cluster-upgrade/issues/69',
  evaluate: ({ intent, plan }) =>
    foundOr(
      intent.addons.flatMap((addon) => judge(addon, plan)),
      plan,
      'No add-on of this run becomes older.',
    ),
}

function judge({ name, baseline, target }: AddonIntent, plan: UpgradePlan): readonly CheckFinding[] {
  const [from, to] = [parseAddonVersion(baseline.version), parseAddonVersion(target)]
  if (from === undefined || to === undefined || compareAddonVersions(to, from) >= 0) return []
  const wanted = plan.target.addons.find((each) => each.name === name)?.version ?? target
  const named = wanted === target || `v${wanted}` === target
  const message = `${name} would go from ${baseline.version} down to ${target}${named ? ', which the plan names' : `, which "${wanted}" means here`}.`
  return [{ verdict: named ? 'warn' : 'block', subject: `Addon/${name}`, message }]
}
