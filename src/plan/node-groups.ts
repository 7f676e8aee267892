import { globMatches } from '../model/glob.ts'
import { nearest } from '../model/nearest.ts'
import type { PlanProblem, PlanWave, UpgradePlan } from '../model/plan.ts'
import { poolNamed } from '../model/pools.ts'
import { autoScalingNameOf } from '../model/self-managed.ts'
import { orderMistakes, type Place } from './group-order.ts'
import type { LoadedPlan } from './load.ts'
import type { Path } from './located.ts'
import { type Mistake, problemAt } from './problem.ts'

/** Which entry of the plan each node group of a cluster belongs to. */
export interface GroupAssignment {
  readonly canary: readonly string[]
  /** By wave, in the order of the plan. */
  readonly waves: readonly { readonly wave: PlanWave; readonly groups: readonly string[] }[]
  readonly excluded: readonly { readonly name: string; readonly reason: string }[]
  readonly mistakes: readonly Mistake[]
}

interface Entry {
  readonly path: Path
  readonly label: string
  readonly patterns: readonly string[]
  readonly optional: boolean
}

interface Claim {
  readonly entry: Entry
  readonly pattern: number
}

/**
 * Gives every node group to the canary, a wave or `exclude`. Canary and `exclude` go before waves; `*` takes what no other entry names,
 * wherever it stands. A plan that names neither canary nor wave moves add-ons only and needs no groups.
 * @param names the cluster's node groups: managed ones, and self-managed ones as `asg:NAME`, which `*` never takes
 */
export function assignGroups(plan: UpgradePlan, names: readonly string[]): GroupAssignment {
  const sorted = [...names].sort()
  const reserved: Entry[] = [...(plan.canary ? [canaryEntry(plan.canary)] : []), ...plan.exclude.map(excludeEntry)]
  const waves = plan.waves.map(waveEntry)
  const owners = new Map<string, Entry>()
  const mistakes: Mistake[] = []
  for (const name of sorted) claim(name, reserved, waves, owners, mistakes)
  if (reserved.length + waves.length > 0) mistakes.push(...unnamed(plan, sorted, owners))
  for (const entry of [...reserved, ...waves]) mistakes.push(...emptyPatterns(entry, sorted, owners))
  mistakes.push(...idleSettings(plan, sorted), ...unknownInOrder(plan, sorted))
  const of = (entry: Entry) =>
    inOrder(
      entry,
      sorted.filter((name) => owners.get(name) === entry),
    )
  const first = plan.canary ? 1 : 0
  const canary = plan.canary ? reserved.slice(0, 1).flatMap(of) : []
  const groupsOf = plan.waves.map((wave, index) => ({ wave, groups: waves.slice(index, index + 1).flatMap(of) }))
  mistakes.push(...orderMistakes(plan, placesOf(canary, groupsOf)))
  return {
    canary,
    waves: groupsOf,
    excluded: plan.exclude.flatMap((entry, index) =>
      reserved
        .slice(first + index, first + index + 1)
        .flatMap(of)
        .map((name) => ({ name, reason: entry.reason })),
    ),
    mistakes,
  }
}

/** The groups of a run in the order in which canary and waves begin. */
function placesOf(canary: readonly string[], waves: GroupAssignment['waves']): readonly Place[] {
  return [
    ...canary.map((name) => ({ name, wave: 'canary' })),
    ...waves.flatMap(({ wave, groups }) => groups.map((name) => ({ name, wave: wave.name }))),
  ]
}

function isSelfManaged(name: string): boolean {
  return autoScalingNameOf(name) !== undefined
}

/** Moved, or watched, only where the plan names it: `*` means the groups that EKS manages. */
function isNamedOnly(name: string): boolean {
  return isSelfManaged(name) || poolNamed(name) !== undefined
}

/** As the entry lists them; groups of one pattern by name. */
function inOrder({ patterns }: Entry, names: readonly string[]): readonly string[] {
  const position = (name: string) => patterns.findIndex((pattern) => globMatches(pattern, name))
  return [...names].sort((a, b) => position(a) - position(b))
}

/** What is wrong between a plan and the node groups of a cluster, in the files of the plan. */
export function matchNodeGroups(loaded: LoadedPlan, groupNames: readonly string[]): PlanProblem[] {
  return assignGroups(loaded.plan, groupNames).mistakes.map(({ path, message, remedy }) =>
    problemAt(loaded.locate(path), path, message, remedy),
  )
}

function canaryEntry(canary: PlanWave): Entry {
  return { path: ['canary'], label: 'the canary', patterns: canary.nodeGroups, optional: canary.optional }
}

function excludeEntry(entry: UpgradePlan['exclude'][number], index: number): Entry {
  return { path: ['exclude', index], label: '`exclude`', patterns: entry.nodeGroups, optional: entry.optional }
}

function waveEntry(wave: PlanWave, index: number): Entry {
  return { path: ['waves', index], label: `wave \`${wave.name}\``, patterns: wave.nodeGroups, optional: wave.optional }
}

function claim(name: string, reserved: readonly Entry[], waves: readonly Entry[], owners: Map<string, Entry>, mistakes: Mistake[]): void {
  const first = claimsOn(name, reserved)
  const claims = first.length > 0 ? first : claimsOn(name, waves)
  const [owner, second] = claims
  // Groups that EKS does not manage are moved only where the plan names them.
  const rest = isNamedOnly(name) ? undefined : waves.find((wave) => wave.patterns.includes('*'))
  const taker = owner?.entry ?? rest
  if (taker) owners.set(name, taker)
  if (!owner || !second) return
  mistakes.push({
    path: [...second.entry.path, 'nodeGroups', second.pattern],
    message: `Node group \`${name}\` is already named by ${owner.entry.label}`,
    remedy: 'A node group belongs to one entry: narrow one of the patterns.',
  })
}

/** The entries that name a group other than by `*`, each once. */
function claimsOn(name: string, entries: readonly Entry[]): readonly Claim[] {
  return entries.flatMap((entry) => {
    const pattern = entry.patterns.findIndex((each) => each !== '*' && globMatches(each, name))
    return pattern < 0 ? [] : [{ entry, pattern }]
  })
}

function unnamed(plan: UpgradePlan, names: readonly string[], owners: ReadonlyMap<string, Entry>): Mistake[] {
  const path: Path = plan.waves.length > 0 ? ['waves'] : plan.canary ? ['canary'] : ['exclude']
  if (!plan.canary && plan.waves.length === 0) return []
  return names
    .filter((name) => !owners.has(name) && !isNamedOnly(name))
    .map((name) => ({
      path,
      message: `No entry names node group \`${name}\``,
      remedy: 'Name it in a wave, add a wave with `nodeGroups: ["*"]`, or put it under `exclude` with a reason.',
    }))
}

function emptyPatterns(entry: Entry, names: readonly string[], owners: ReadonlyMap<string, Entry>): Mistake[] {
  if (entry.optional) return []
  return entry.patterns.flatMap((pattern, index) => {
    const matches = pattern === '*' ? names.some((name) => owners.get(name) === entry) : names.some((name) => globMatches(pattern, name))
    return matches ? [] : [matchesNothing([...entry.path, 'nodeGroups', index], pattern, names)]
  })
}

function matchesNothing(path: Path, pattern: string, names: readonly string[]): Mistake {
  const literal = !pattern.includes('*')
  const close = literal ? nearest(pattern, names) : undefined
  const listed = `The cluster has ${names.length > 0 ? names.join(', ') : 'no managed node groups'}.`
  if (isSelfManaged(pattern)) return selfManagedMissing(path, pattern)
  const message = literal
    ? `There is no node group \`${pattern}\``
    : pattern === '*'
      ? 'No node group is left for `*`'
      : `\`${pattern}\` matches no node group`
  return {
    path,
    message,
    remedy: close ? `Did you mean \`${close}\`? ${listed}` : `${listed} Say \`optional: true\` if it may match none.`,
  }
}

/** Only groups that say whose they are can be told from anything else in the account. */
function selfManagedMissing(path: Path, pattern: string): Mistake {
  const name = autoScalingNameOf(pattern)
  const message = `No Auto Scaling group \`${name}\` of this cluster was found`
  const remedy = 'Name one that exists; a pattern finds those that carry the tag `kubernetes.io/cluster/NAME` with `owned` or `shared`.'
  return { path, message, remedy }
}

/** Names under `after` and `neverWith` that no group has: an order with nobody is a slip. */
function unknownInOrder(plan: UpgradePlan, names: readonly string[]): Mistake[] {
  return plan.nodeGroups.flatMap((settings, index) =>
    (['after', 'neverWith'] as const).flatMap((key) =>
      (settings[key] ?? []).flatMap((pattern, place) => {
        const known = settings.optional === true || names.some((name) => globMatches(pattern, name))
        return known ? [] : [matchesNothing(['nodeGroups', index, key, place], pattern, names)]
      }),
    ),
  )
}

function idleSettings(plan: UpgradePlan, names: readonly string[]): Mistake[] {
  return plan.nodeGroups.flatMap((settings, index) => {
    const idle = settings.optional !== true && !names.some((name) => globMatches(settings.match, name))
    return idle ? [matchesNothing(['nodeGroups', index, 'match'], settings.match, names)] : []
  })
}
