import { type AddonVersion, compareAddonVersions, parseAddonVersion } from '../../../model/addon-version.ts'
import type { AddonIntent } from '../../../model/intent.ts'

/** Whether a run takes an add-on over a version, and which way; undefined where it stays on one side. */
export function crosses(
  { baseline, hops }: Pick<AddonIntent, 'baseline' | 'hops'>,
  limit: AddonVersion | undefined,
): 'up' | 'down' | undefined {
  const [from, to] = [parseAddonVersion(baseline.version), parseAddonVersion(hops.at(-1))]
  if (from === undefined || to === undefined || limit === undefined) return undefined
  const [before, after] = [compareAddonVersions(from, limit) >= 0, compareAddonVersions(to, limit) >= 0]
  if (before === after) return undefined
  return after ? 'up' : 'down'
}
