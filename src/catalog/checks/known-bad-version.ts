import { parseAddonVersion } from '../../model/addon-version.ts'
import type { Intent } from '../../model/intent.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import { type CautionRow, CNI_CAUTIONS, knownBad } from '../knowledge/cni-versions.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { addonOf, CNI } from './reading/addons.ts'

/** The check over a table of cautions; the registry has it over the real one. */
export function knownBadVersionOver(rows: readonly CautionRow[]): CheckDefinition {
  return {
    code: 'KNOWN_BAD_VERSION',
    title: 'Nothing is known against the CNI versions that new nodes will start with',
    severity: 'block',
    waivable: true,
    needs: ['eks:DescribeCluster', 'eks:ListAddons'],
    prevents: 'Walking into a defect that others have already reported, on the versions of this run and on those it passes through.',
    remedy: 'Read the source, and choose a version past the fix where it concerns you.',
    source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/CHANGELOG.md',
    evaluate: ({ snapshot, intent }) => {
      const versions = versionsToCome(snapshot, intent)
      const found = versions.flatMap((version) => judge(version, snapshot, rows))
      if (found.length > 0) return found
      const message = versions.length === 0 ? 'vpc-cni is no EKS add-on here.' : `Nothing is known against ${versions.join(', ')}.`
      return [{ verdict: 'pass', subject: `Addon/${CNI}`, message }]
    },
  }
}

export const knownBadVersion: CheckDefinition = knownBadVersionOver(CNI_CAUTIONS)

/** Every hop; without hops the installed version, since every new node starts with it. */
function versionsToCome(snapshot: ClusterSnapshot, intent: Intent): readonly string[] {
  const hops = intent.addons.filter((addon) => addon.name === CNI).flatMap((addon) => addon.hops)
  const installed = addonOf(snapshot, CNI)?.addonVersion
  if (hops.length > 0) return hops
  return installed === undefined ? [] : [installed]
}

function judge(text: string, snapshot: ClusterSnapshot, rows: readonly CautionRow[]): readonly CheckFinding[] {
  const subject = `Addon/${CNI}`
  const version = parseAddonVersion(text)
  if (!version) return [{ verdict: 'unknown', subject, message: `${text} is not a version that can be looked up.` }]
  const cluster = snapshot.aws.cluster
  const scope = { ipFamily: cluster?.kubernetesNetworkConfig?.ipFamily, kubernetes: cluster?.version }
  return knownBad(version, scope, rows).map((row) => ({
    verdict: row.severity === 'withdrawn' ? 'block' : 'warn',
    subject,
    message: `${text}: ${row.problem}.${row.fixedIn === undefined ? ' No fix is known.' : ` Fixed in ${row.fixedIn}.`}`,
    remedy: `Name another version in the plan, \`target.addons: [{ name: ${CNI}, version: … }]\`, one of \`aws eks describe-addon-versions --addon-name ${CNI} --kubernetes-version ${cluster?.version ?? 'MINOR'} --query "addons[].addonVersions[].addonVersion"\`. What is known: ${row.source}.`,
  }))
}
