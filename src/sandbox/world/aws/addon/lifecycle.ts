import { type Addon, type AddonChange, beginAddonCreation, beginAddonDeletion, beginAddonUpdate, openAddon } from '../addons.ts'
import { type Input, recordOf, required, textOf } from '../answers.ts'
import { inUse, invalidParameter } from '../eks-errors.ts'
import type { Tokens } from '../tokens.ts'
import { describeUpdate } from '../updates.ts'
import { changeOf } from './change.ts'
import { type AddonApiDeps, about, addonOf } from './context.ts'
import { describeAddon } from './describe.ts'

const BUSY = new Set(['CREATING', 'UPDATING', 'DELETING'])

function refuseWhileBusy(deps: AddonApiDeps, addon: Addon, what: string): void {
  if (BUSY.has(addon.status))
    throw inUse(`Addon ${addon.name} cannot be ${what} as it is currently in ${addon.status} state`, about(deps, addon))
}

/** UpdateAddon. It cannot be cancelled; until it ends, another is refused. */
export function updateAddon(deps: AddonApiDeps, input: Input): Record<string, unknown> {
  const addon = addonOf(deps, input)
  const subject = `addon/${addon.name}`
  const begun = deps.updates.begunBy(subject, input)
  if (begun !== undefined) return { update: describeUpdate(begun) }
  refuseWhileBusy(deps, addon, 'updated')
  const change = changeOf(deps, addon, input)
  const update = deps.updates.open({ type: 'AddonUpdate', subject, input, params: paramsOf(change, input) })
  deps.accepted('eks:UpdateAddon', addon.name)
  beginAddonUpdate(deps.updating, addon, change, update)
  return { update: describeUpdate(update) }
}

function paramsOf(change: AddonChange, input: Input): Readonly<Record<string, string | undefined>> {
  return {
    AddonVersion: change.version,
    ResolveConflicts: textOf(input, 'resolveConflicts'),
    ServiceAccountRoleArn: change.serviceAccountRoleArn,
    ConfigurationValues: change.configurationValues,
    PodIdentityAssociations: change.podIdentityAssociations && JSON.stringify(change.podIdentityAssociations),
  }
}

/** CreateAddon: without a version the default of the cluster's minor. PRESERVE means NONE here (API reference). */
export function createAddon(deps: AddonApiDeps & { readonly creations: Tokens<Addon> }, input: Input): Record<string, unknown> {
  const name = required(input, 'addonName', invalidParameter)
  const known = deps.creations.recall(name, input)
  if (known !== undefined) return { addon: describeAddon(deps, known) }
  // Text: as users report it.
  if (deps.addons.has(name)) throw inUse('Addon already exists.', about(deps, { name }))
  const change = changeOf(
    deps,
    { name, version: '' },
    { ...input, addonVersion: textOf(input, 'addonVersion') ?? defaultVersion(deps, name) },
  )
  const addon = openAddon({ name, ...given(change) }, deps.updating.timeline.now())
  addon.tags = (recordOf(input, 'tags') ?? {}) as Readonly<Record<string, string>>
  deps.addons.set(name, addon)
  deps.creations.keep(name, input, addon)
  beginAddonCreation(deps.updating, addon, change.resolveConflicts === 'OVERWRITE' ? 'OVERWRITE' : 'NONE')
  deps.accepted('eks:CreateAddon', name)
  return { addon: describeAddon(deps, addon) }
}

function given({ version, configurationValues, serviceAccountRoleArn, podIdentityAssociations }: AddonChange) {
  return {
    version,
    ...(configurationValues === undefined ? {} : { configurationValues }),
    ...(serviceAccountRoleArn === undefined ? {} : { serviceAccountRoleArn }),
    ...(podIdentityAssociations === undefined ? {} : { podIdentityAssociations }),
  }
}

function defaultVersion({ listing, controlPlane, ...deps }: AddonApiDeps, name: string): string {
  const versions = listing.find((addon) => addon.name === name)?.versions ?? []
  const found = versions.find(({ defaultFor }) => defaultFor.includes(controlPlane.version))
  if (found !== undefined) return found.version
  throw invalidParameter(`Addon ${name} specified is not supported in ${controlPlane.version} kubernetes version`, {
    clusterName: deps.cluster.name,
    addonName: name,
  })
}

/** DeleteAddon: with `preserve` the objects stay, and EKS no longer looks after them. */
export function deleteAddon(deps: AddonApiDeps, input: Input): Record<string, unknown> {
  const addon = addonOf(deps, input)
  refuseWhileBusy(deps, addon, 'deleted')
  beginAddonDeletion(deps.updating, addon, input.preserve === true, () => deps.addons.delete(addon.name))
  deps.accepted('eks:DeleteAddon', addon.name)
  return { addon: describeAddon(deps, addon) }
}
