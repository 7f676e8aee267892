import { formatMinor, parseMinor } from '../../../model/kubernetes-minor.ts'
import type { AddonListingName, ListedAddon } from '../world-spec.ts'
import { AUTUMN_2026, type ListingRow } from './listing/autumn-2026.ts'
import { NOVEMBER_2024 } from './listing/november-2024.ts'

const LISTINGS: Readonly<Record<AddonListingName, Readonly<Record<string, readonly ListingRow[]>>>> = {
  'autumn-2026': AUTUMN_2026,
  'november-2024': NOVEMBER_2024,
}

/** One of the built-in listings, ranges written out. */
export function addonListing(name: AddonListingName): readonly ListedAddon[] {
  return Object.entries(LISTINGS[name]).map(([addon, rows]) => ({
    name: addon,
    versions: rows.map(([version, minors, defaultFor]) => ({
      version,
      minors: minorsOf(minors),
      defaultFor: defaultFor === undefined ? [] : minorsOf(defaultFor),
    })),
  }))
}

/** `1.28-1.31` or `1.28`. */
function minorsOf(range: string): readonly string[] {
  const [from, to] = range.split('-').map(parseMinor)
  if (from === undefined) throw new Error(`Not a range of minors: ${range}`)
  const last = to?.minor ?? from.minor
  return Array.from({ length: last - from.minor + 1 }, (_, index) => formatMinor({ major: from.major, minor: from.minor + index }))
}
