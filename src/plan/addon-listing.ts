import { type CautionScope, CNI_CAUTIONS, knownBad } from '../catalog/knowledge/cni-versions.ts'
import type { AddonVersion } from '../model/addon-version.ts'
import { compareAddonVersions, minorLine, parseAddonVersion } from '../model/addon-version.ts'
import type { AddonVersionInfo, EksCluster } from '../model/aws.ts'
import { formatMinor, parseMinor } from '../model/kubernetes-minor.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'

/** What EKS offers of one add-on for one cluster: the answer of DescribeAddonVersions, read for the cluster's minor. */
export interface AddonOffer {
  /** Newest first; for a control plane that moves, those that fit both its minors. */
  readonly versions: readonly string[]
  /** The default version of the cluster's minor, what plans call `recommended`. */
  readonly recommended?: string
}

/** The control plane's minor, `1.33`; undefined when the cluster could not be read. */
export function clusterMinorOf(snapshot: ClusterSnapshot): string | undefined {
  const minor = parseMinor(snapshot.aws.cluster?.version)
  return minor && formatMinor(minor)
}

/**
 * Undefined when the listing of this add-on is not in the snapshot.
 * @param next the minor that the control plane is to go to: https://docs.aws.amazon.com/eks/latest/best-practices/rollback-cluster-upgrades.html
 */
export function offerOf(snapshot: ClusterSnapshot, addon: string, next?: string): AddonOffer | undefined {
  const listing = snapshot.aws.addonVersions?.find((each) => each.addonName === addon)
  const minor = clusterMinorOf(snapshot)
  if (!listing?.addonVersions || minor === undefined) return undefined
  const listedFor = (info: AddonVersionInfo, of: string) => info.compatibilities?.find(({ clusterVersion }) => clusterVersion === of)
  const fitting = listing.addonVersions.filter(
    (info) =>
      compatibilityWith(info, minor, snapshot.aws.cluster) !== undefined && (next === undefined || listedFor(info, next) !== undefined),
  )
  const isDefault = (of: string | undefined) => fitting.find((info) => of !== undefined && listedFor(info, of)?.defaultVersion === true)
  const recommended = isDefault(next) ?? isDefault(minor)
  return { versions: newestFirst(fitting.map((info) => info.addonVersion)), recommended: recommended?.addonVersion }
}

type Compatibility = NonNullable<AddonVersionInfo['compatibilities']>[number]

/** A list of platform versions limits an entry; none, or `*`, means every one. */
function compatibilityWith(info: AddonVersionInfo, minor: string, cluster: EksCluster | undefined): Compatibility | undefined {
  return info.compatibilities?.find((each) => {
    const platforms = each.platformVersions ?? []
    const any = platforms.length === 0 || platforms.includes('*') || cluster?.platformVersion === undefined
    return each.clusterVersion === minor && (any || platforms.includes(cluster.platformVersion ?? ''))
  })
}

function newestFirst(versions: readonly (string | undefined)[]): readonly string[] {
  const parsed = versions.flatMap((text) => {
    const version = parseAddonVersion(text)
    return text !== undefined && version ? [{ text, version }] : []
  })
  return parsed.sort((a, b) => compareAddonVersions(b.version, a.version)).map((each) => each.text)
}

/**
 * Whether a hop should not stop on a CNI version. A caution that spans several minors (or has no end) cannot be stepped around by
 * choosing another patch, so it does not count here; the checks still print it.
 */
export function notToStopOn(version: AddonVersion, scope: CautionScope): boolean {
  const avoidable = CNI_CAUTIONS.filter((row) => {
    const from = parseAddonVersion(row.from)
    const to = parseAddonVersion(row.to)
    return row.severity === 'withdrawn' || (from && to && minorLine(from) === minorLine(to))
  })
  return knownBad(version, scope, avoidable).length > 0
}
