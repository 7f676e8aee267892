import type { AddonVersionInfo, EksAddon } from '../../../model/aws.ts'
import type { AddonIntent } from '../../../model/intent.ts'
import { type ClusterSnapshot, whyUnavailable } from '../../../model/snapshot.ts'
import type { CheckInput } from '../definition.ts'

export const CNI = 'vpc-cni'

/** What the run makes of vpc-cni, or undefined where it stays as it is. */
export function movingCni({ intent }: Pick<CheckInput, 'intent'>): AddonIntent | undefined {
  return intent.addons.find(({ name, hops }) => name === CNI && hops.length > 0)
}

/** For `notApplicable` of what only an update of vpc-cni can break. */
export function cniStays(input: Pick<CheckInput, 'intent'>): string | undefined {
  return movingCni(input) === undefined ? 'vpc-cni does not move.' : undefined
}

/** Versions that aws-node starts with in this run: every hop; without hops the installed one, where new nodes start with it. */
export function versionsToStart({ snapshot, intent }: Pick<CheckInput, 'snapshot' | 'intent'>): readonly string[] {
  const hops = intent.addons.filter(({ name }) => name === CNI).flatMap((addon) => addon.hops)
  if (hops.length > 0) return hops
  const installed = addonOf(snapshot, CNI)?.addonVersion
  return installed === undefined || !intent.groups.some(({ changes }) => changes) ? [] : [installed]
}

export function addonOf(snapshot: ClusterSnapshot, name: string): EksAddon | undefined {
  return snapshot.aws.addons?.find((addon) => addon.addonName === name)
}

/** Whether EKS is known not to manage an add-on: what could not be read may be one. */
export function isNoAddon(snapshot: ClusterSnapshot, name: string): boolean {
  const isWhole = snapshot.aws.addons !== undefined && whyUnavailable(snapshot, 'eks:DescribeAddon') === undefined
  return isWhole && addonOf(snapshot, name) === undefined
}

/** The version as EKS lists it, or undefined when it is not in the listing. */
export function listedVersion(snapshot: ClusterSnapshot, addon: string, version: string): AddonVersionInfo | undefined {
  const listing = snapshot.aws.addonVersions?.find((entry) => entry.addonName === addon)
  return listing?.addonVersions?.find((entry) => entry.addonVersion === version)
}

/** Whether the listing of an add-on was read at all. */
export function hasListing(snapshot: ClusterSnapshot, addon: string): boolean {
  return snapshot.aws.addonVersions?.some((entry) => entry.addonName === addon) ?? false
}

/** Minors of Kubernetes that a listed version is for. */
export function minorsOf(version: AddonVersionInfo): readonly string[] {
  return (version.compatibilities ?? []).flatMap((entry) => entry.clusterVersion ?? [])
}
