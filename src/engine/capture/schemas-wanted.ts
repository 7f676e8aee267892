import { type AddonVersion, compareAddonVersions, formatAddonVersion, minorLine, parseAddonVersion } from '../../model/addon-version.ts'
import type { AddonListing, EksAddon } from '../../model/aws.ts'
import { notToStopOn } from '../../plan/addon-listing.ts'

export interface SchemaWanted {
  readonly addon: string
  readonly version: string
}

/**
 * The add-on versions whose configuration schemas a plan can need: the installed one, the default of the cluster's minor,
 * what was asked for, and for the VPC CNI, which moves one minor at a time, where each hop between them would stop.
 */
export function schemasWanted(
  addon: EksAddon,
  listing: AddonListing | undefined,
  clusterMinor: string,
  targets: readonly string[] = [],
): readonly SchemaWanted[] {
  const name = addon.addonName ?? ''
  const listed = listedFor(listing, clusterMinor)
  const ends = [addon.addonVersion, defaultOf(listing, clusterMinor), ...targets].filter((version) => version !== undefined)
  const wanted = name === 'vpc-cni' ? cniVersions([...ends, ...listed.slice(0, 1)], listed, clusterMinor) : ends
  return [...new Set(wanted)].map((version) => ({ addon: name, version })).toSorted(byVersion)
}

/** Versions listed for the cluster's minor, newest first. */
function listedFor(listing: AddonListing | undefined, clusterMinor: string): readonly string[] {
  const fitting = (listing?.addonVersions ?? []).filter((info) =>
    info.compatibilities?.some((each) => each.clusterVersion === clusterMinor),
  )
  return parsed(fitting.map((info) => info.addonVersion ?? ''))
    .toSorted((a, b) => compareAddonVersions(b, a))
    .map(formatAddonVersion)
}

function defaultOf(listing: AddonListing | undefined, clusterMinor: string): string | undefined {
  return listing?.addonVersions?.find((info) =>
    info.compatibilities?.some((each) => each.clusterVersion === clusterMinor && each.defaultVersion === true),
  )?.addonVersion
}

/** The ends, and on each minor line between them the highest build and the highest that is fit to stop on. */
function cniVersions(ends: readonly string[], listed: readonly string[], kubernetes: string): readonly string[] {
  const limits = parsed(ends).toSorted(compareAddonVersions)
  const [lowest, highest] = [limits[0], limits.at(-1)]
  if (lowest === undefined || highest === undefined) return ends
  const between = parsed(listed).filter((version) => lineBetween(version, lowest, highest))
  const lines = Map.groupBy(between, minorLine)
  const stops = [...lines.values()].flatMap((line) => [line[0], line.find((version) => !notToStopOn(version, { kubernetes }))])
  return [...ends, ...stops.filter((version) => version !== undefined).map(formatAddonVersion)]
}

function lineBetween(version: AddonVersion, lowest: AddonVersion, highest: AddonVersion): boolean {
  const line = (one: AddonVersion) => one.major * 10_000 + one.minor
  return line(version) >= line(lowest) && line(version) <= line(highest)
}

function parsed(versions: readonly string[]): readonly AddonVersion[] {
  return versions.map(parseAddonVersion).filter((version) => version !== undefined)
}

function byVersion(a: SchemaWanted, b: SchemaWanted): number {
  const [one, other] = [parseAddonVersion(a.version), parseAddonVersion(b.version)]
  return one && other ? compareAddonVersions(one, other) : 0
}
