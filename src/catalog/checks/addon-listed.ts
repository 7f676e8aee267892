import type { ClusterSnapshot } from '../../model/snapshot.ts'
import type { CheckDefinition, CheckFinding, CheckInput } from './definition.ts'
import { addonOf, CNI, hasListing, listedVersion, minorsOf } from './reading/addons.ts'

/** Add-on versions are listed for the cluster's minor, now and after the run. */
export const addonListed: CheckDefinition = {
  code: 'ADDON_LISTED',
  title: "vpc-cni and the plan's add-ons are listed for the cluster's minor, now and after this run",
  severity: 'block',
  waivable: true,
  needs: ['eks:ListAddons', 'eks:DescribeAddonVersions'],
  prevents: 'An add-on version that AWS does not support on this minor: refused by UpdateAddon, or run in a combination nobody tested.',
  remedy: 'Choose a listed version: `aws eks describe-addon-versions --addon-name vpc-cni --kubernetes-version MINOR`.',
  source: 'https://docs.aws.amazon.com/eks/latest/APIReference/API_AddonVersionInfo.html',
  evaluate: (input) => {
    const found = [...installed(input), ...targets(input)]
    if (found.length > 0) return found
    const message = `Installed and planned versions are listed for Kubernetes ${input.intent.clusterMinor}.`
    return [{ verdict: 'pass', subject: `Cluster/${input.plan.cluster.name}`, message }]
  },
}

/** Wrong now is a warning where this run moves it away from there, and blocks where the new nodes would start with it. */
function installed({ snapshot, intent }: CheckInput): readonly CheckFinding[] {
  const names = new Set([CNI, ...intent.addons.map((addon) => addon.name)])
  return [...names].flatMap((name) => {
    const version = addonOf(snapshot, name)?.addonVersion
    if (version === undefined || !hasListing(snapshot, name)) return []
    const minors = listedMinors(snapshot, name, version)
    if (minors === undefined || minors.includes(intent.clusterMinor)) return []
    const moves = intent.addons.some((addon) => addon.name === name && addon.hops.length > 0)
    const message = `${name} ${version} runs now, but is listed for ${minors.join(', ') || 'no minor'} and not for this cluster's ${intent.clusterMinor}`
    const then = moves ? '; this run moves it on, and could only go back to it.' : '; this run keeps it, so every new node starts with it.'
    return [{ verdict: moves ? 'warn' : 'block', subject: `Addon/${name}`, message: message + then }]
  })
}

function targets({ snapshot, intent }: CheckInput): readonly CheckFinding[] {
  return intent.addons.flatMap((addon) => {
    const subject = `Addon/${addon.name}`
    if (addon.hops.length > 0 && !hasListing(snapshot, addon.name))
      return [{ verdict: 'unknown', subject, message: `The version listing of ${addon.name} was not read.` }]
    return addon.hops.flatMap((hop): readonly CheckFinding[] => {
      const minors = listedMinors(snapshot, addon.name, hop)
      if (minors?.includes(intent.clusterMinor)) return []
      const listing = minors === undefined ? 'not listed at all in this Region' : `listed for ${minors.join(', ') || 'no minor'}`
      const message = `${addon.name} ${hop} is ${listing}, not for this cluster's ${intent.clusterMinor}: UpdateAddon would be refused.`
      const remedy = `Choose a listed version: \`aws eks describe-addon-versions --addon-name ${addon.name} --kubernetes-version ${intent.clusterMinor}\`.`
      return [{ verdict: 'block', subject, message, remedy }]
    })
  })
}

function listedMinors(snapshot: ClusterSnapshot, addon: string, version: string): readonly string[] | undefined {
  const entry = listedVersion(snapshot, addon, version)
  return entry && minorsOf(entry)
}
