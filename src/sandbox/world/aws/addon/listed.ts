import type { ControlPlaneSpec } from '../../control-plane-spec.ts'
import type { ListedAddon } from '../../world-spec.ts'

/** A listing without what the world says is withdrawn, and for the platform versions it names. */
export function adjusted(
  listing: readonly ListedAddon[],
  { withdrawnAddonVersions, addonPlatforms }: ControlPlaneSpec,
): readonly ListedAddon[] {
  if (withdrawnAddonVersions.length + addonPlatforms.length === 0) return listing
  return listing.map(({ name, versions }) => ({
    name,
    versions: versions
      .filter(({ version }) => !withdrawnAddonVersions.some((gone) => gone.addon === name && gone.version === version))
      .map((listed) => {
        const rows = addonPlatforms.filter(({ addon, version }) => addon === name && version === listed.version)
        if (rows.length === 0) return listed
        return { ...listed, platforms: Object.fromEntries(rows.map(({ minor, platformVersions }) => [minor, platformVersions])) }
      }),
  }))
}
