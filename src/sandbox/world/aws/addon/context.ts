import { keyedUuid } from '../../../../model/keyed.ts'
import type { ClusterSpec, ListedAddon, ListedVersion, WorldOptions } from '../../world-spec.ts'
import type { Addon, AddonUpdateDeps } from '../addons.ts'
import { type Input, required } from '../answers.ts'
import type { ControlPlane } from '../control-plane.ts'
import { invalidParameter, notFound } from '../eks-errors.ts'
import type { ShownEks } from '../shown-eks.ts'
import type { Updates } from '../updates.ts'

/** What the operations on add-ons work with. */
export interface AddonApiDeps {
  readonly cluster: ClusterSpec
  readonly controlPlane: ControlPlane
  readonly options: WorldOptions
  readonly seed: number
  readonly listing: readonly ListedAddon[]
  readonly addons: Map<string, Addon>
  readonly updates: Updates
  readonly updating: AddonUpdateDeps
  readonly shown: Pick<ShownEks, 'addons'>
  readonly accepted: (operation: string, subject: string) => void
}

/** The installed add-on that an input names. Throws 404. */
export function addonOf(deps: AddonApiDeps, input: Input): Addon {
  const name = required(input, 'addonName', invalidParameter)
  return found(deps, name, deps.addons.get(name))
}

/** The add-on that an input names, as readers are shown it. Throws 404. */
export function shownAddon(deps: AddonApiDeps, input: Input): Addon {
  const name = required(input, 'addonName', invalidParameter)
  return found(deps, name, deps.shown.addons.get(name))
}

function found(deps: AddonApiDeps, addonName: string, addon: Addon | undefined): Addon {
  const clusterName = deps.cluster.name
  if (addon !== undefined) return addon
  throw notFound(`No addon: ${addonName} found in cluster: ${clusterName}`, { clusterName, addonName })
}

export function about(deps: AddonApiDeps, { name }: Pick<Addon, 'name'>): { clusterName: string; addonName: string } {
  return { clusterName: deps.cluster.name, addonName: name }
}

/**
 * The ARN of an add-on, with the id that EKS gave it
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelastickubernetesservice.html).
 */
export function addonArn({ cluster, seed }: { readonly cluster: ClusterSpec; readonly seed: number }, addon: string): string {
  const { region, accountId, name } = cluster
  return `arn:aws:eks:${region}:${accountId}:addon/${name}/${addon}/${keyedUuid(seed, 'addon', addon)}`
}

/** Platform versions of a minor that a version is listed for; `*` is all of them. */
export function platformsOf({ platforms }: ListedVersion, minor: string): readonly string[] {
  return platforms?.[minor] ?? ['*']
}

/** Whether a version is listed for the cluster as it is: its minor and its platform version. */
export function isListed({ listing, controlPlane }: AddonApiDeps, addon: string, version: string): boolean {
  const { version: minor, platformVersion } = controlPlane
  const listed = listing.find(({ name }) => name === addon)?.versions.find((each) => each.version === version)
  if (listed?.minors.includes(minor) !== true) return false
  const platforms = platformsOf(listed, minor)
  return platforms.includes('*') || platforms.includes(platformVersion)
}
