import type { CheckDefinition } from './definition.ts'
import { addonOf, CNI, hasListing, listedVersion } from './reading/addons.ts'

/** The installed version still is in the listing, so that it could be installed again. */
export const installedListed: CheckDefinition = {
  code: 'INSTALLED_NOT_LISTED',
  title: 'The installed add-on versions are in the listing of this Region',
  severity: 'warn',
  waivable: true,
  needs: ['eks:ListAddons', 'eks:DescribeAddonVersions'],
  prevents: 'A way back that is gone: versions vanish from the listing of a Region, and only listed ones can be installed.',
  remedy:
    'Ask again: `aws eks describe-addon-versions --addon-name NAME`; if it stays away, go forward to a listed version and accept that.',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/issues/3509',
  evaluate: ({ snapshot, plan, intent }) => {
    const names = [...new Set([CNI, ...intent.addons.map((addon) => addon.name)])]
    const read = names.filter((name) => hasListing(snapshot, name))
    const gone = read.flatMap((name) => {
      const version = addonOf(snapshot, name)?.addonVersion
      return version === undefined || listedVersion(snapshot, name, version) ? [] : [{ name, version }]
    })
    if (gone.length === 0) {
      const message = `The installed versions of ${read.join(', ') || 'no add-on'} are listed.`
      return [{ verdict: 'pass', subject: `Cluster/${plan.cluster.name}`, message }]
    }
    return gone.map(({ name, version }) => ({
      verdict: 'warn',
      subject: `Addon/${name}`,
      message: `${name} ${version} is installed, but this Region no longer lists it. It may run well; it could not be installed again.`,
      remedy: `Ask again: \`aws eks describe-addon-versions --addon-name ${name} --query "addons[].addonVersions[].addonVersion"\`.`,
    }))
  },
}
