import type { CheckDefinition, CheckFinding, CheckInput } from './definition.ts'
import { addonOf, hasListing, listedVersion, minorsOf } from './reading/addons.ts'
import { noStepUp } from './reading/control-plane.ts'
import { foundOr } from './reading/verdicts.ts'
import { count } from './reading/wording.ts'

/** Add-ons fit the control plane before and after its step. */
export const addonsOnBothMinors: CheckDefinition = {
  code: 'ADDONS_ON_BOTH_MINORS',
  title: "Every EKS add-on fits the control plane's minor before and after its step",
  severity: 'block',
  waivable: true,
  needs: ['eks:ListAddons', 'eks:DescribeAddonVersions'],
  notApplicable: noStepUp,
  prevents:
    'aws-node, kube-proxy or CoreDNS on a minor that they do not know, and a rollback that EKS refuses because an add-on fits only the newer one.',
  remedy: 'Put the add-on into `target.addons` with `version: recommended`: with a control plane that moves, that is one for both minors.',
  source: 'https://docs.aws.amazon.com/eks/latest/best-practices/rollback-cluster-upgrades.html',
  evaluate: (input) => {
    const names = (input.snapshot.aws.addons ?? []).flatMap(({ addonName }) => addonName ?? [])
    const { baseline, target } = input.intent.controlPlane ?? {}
    const message = `${count(names.length, 'add-on')} will be at versions for ${baseline} and ${target}.`
    return foundOr(
      names.flatMap((name) => judge(name, input)),
      input.plan,
      message,
    )
  },
}

function judge(name: string, { snapshot, plan, intent }: CheckInput): readonly CheckFinding[] {
  const moved = intent.addons.find((addon) => addon.name === name)?.hops.at(-1)
  const version = moved ?? addonOf(snapshot, name)?.addonVersion
  const target = intent.controlPlane?.target ?? ''
  const subject = `Addon/${name}`
  const listed = version === undefined || !hasListing(snapshot, name) ? undefined : listedVersion(snapshot, name, version)
  if (listed === undefined)
    return [{ verdict: 'unknown', subject, message: `For which minors ${name} ${version ?? ''} is listed is not known.` }]
  if (minorsOf(listed).includes(target)) return []
  const message = `${name} ${version} is listed for ${minorsOf(listed).join(', ') || 'no minor'} and not for ${target}, which the control plane is to go to.`
  const remedy = `Move it first, in this plan: \`- { name: ${name}, version: recommended }\` under \`target.addons\`; see \`aws eks describe-addon-versions --addon-name ${name} --kubernetes-version ${target}\` (cluster ${plan.cluster.name}).`
  return [{ verdict: 'block', subject, message, remedy }]
}
