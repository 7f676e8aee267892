import type { AddonVersion } from '../../../model/addon-version.ts'
import { compareAddonVersions, parseAddonVersion } from '../../../model/addon-version.ts'

/** Whether a version is that of the floor or a later one. False for what is no version. */
export function atLeast(version: AddonVersion | string | undefined, floor: string): boolean {
  const parsed = typeof version === 'string' ? parseAddonVersion(version) : version
  const bound = parseAddonVersion(floor)
  return parsed !== undefined && bound !== undefined && compareAddonVersions(parsed, bound) >= 0
}

/** Whether a version is one of the patch versions from `first` to `last`, both included, whatever its build. */
export function isBetween(version: string, first: string, last: string): boolean {
  const parsed = parseAddonVersion(version)
  const bare = parsed && { ...parsed, build: undefined }
  const end = parseAddonVersion(last)
  return atLeast(bare, first) && bare !== undefined && end !== undefined && compareAddonVersions(bare, end) <= 0
}
