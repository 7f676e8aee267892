import { globMatches } from '../../model/glob.ts'
import { sameJson } from '../../model/same-json.ts'
import type { Scenario } from './scenario-file.ts'
import type { WorldSpec } from './world-spec.ts'

/** One thing that a scenario says of the world it is played in. */
interface Claim {
  readonly who: string
  readonly path: string
  readonly value: unknown
}

/**
 * Throws when two scenarios want the same thing of the world to be different: the later one would win without a word. Lists are put
 * together, so they contradict each other only where both describe the same object.
 */
export function refuseContradictions(spec: WorldSpec, scenarios: readonly Scenario[]): void {
  const known = new Map<string, Claim>()
  for (const claim of scenarios.flatMap((scenario) => claimsOf(spec, scenario))) {
    const former = known.get(claim.path)
    if (former !== undefined && former.who !== claim.who && !sameJson(former.value, claim.value))
      throw new Error(
        `Scenarios ${former.who} and ${claim.who} contradict each other: ${claim.path} is ${shown(former.value)} in one and ${shown(claim.value)} in the other.`,
      )
    known.set(claim.path, claim)
  }
}

function claimsOf(spec: WorldSpec, { name: who, world }: Scenario): readonly Claim[] {
  const { objects = [], workloads = [], nodeGroups = {}, addons = {}, cluster = {}, controlPlane, network } = world
  const claim = (path: string, value: unknown): Claim => ({ who, path, value })
  const groups = Object.entries(nodeGroups).flatMap(([pattern, change]) =>
    spec.nodeGroups
      .filter(({ name }) => globMatches(pattern, name))
      .flatMap(({ name }) => leaves(`nodeGroups.${name}`, change).map(([path, value]) => claim(path, value))),
  )
  return [
    ...groups,
    ...leaves('addons', addons).map(([path, value]) => claim(path, value)),
    ...leaves('cluster', cluster).map(([path, value]) => claim(path, value)),
    ...leaves('network.requestBuckets', network?.requestBuckets ?? {}).map(([path, value]) => claim(path, value)),
    ...(controlPlane === undefined ? [] : [claim('controlPlane', controlPlane)]),
    ...workloads.map((each) => claim(`${each.kind} ${each.namespace}/${each.name}`, each)),
    ...objects.map((each) => claim(`${each.kind} ${each.metadata.namespace ?? ''}/${each.metadata.name}`, each)),
  ]
}

function leaves(path: string, value: unknown): readonly (readonly [string, unknown])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value === undefined ? [] : [[path, value]]
  return Object.entries(value).flatMap(([key, member]) => leaves(`${path}.${key}`, member))
}

function shown(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
