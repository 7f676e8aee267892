import { z } from 'zod'
import { globMatches } from '../../../model/glob.ts'
import { keyedRandom } from '../../../model/keyed.ts'
import type { Subject } from '../../levers.ts'
import type { WorldSpec } from '../world-spec.ts'
import { share } from './when.ts'

/** What a selector knows of the world and of the fault it belongs to. */
interface SelectorWorld {
  readonly seed: number
  readonly cluster: string
  readonly cniAtStart: string
  /** Names the fault among all of the scenarios, for draws. */
  readonly fault: string
}

interface Selector {
  readonly schema: z.ZodType
  readonly holds: (wanted: never, subject: Subject, world: SelectorWorld) => boolean
  /** The names a pattern can match in this world; a pattern that matches none is refused: it would silently do nothing. */
  readonly names?: (spec: WorldSpec) => readonly string[]
}

type Text = string | readonly string[] | undefined

/** A pattern with `*` on what the subject says of itself. A subject that says nothing of it does not match. */
function pattern(read: (subject: Subject, world: SelectorWorld) => Text, names?: Selector['names']): Selector {
  const holds = (wanted: string, subject: Subject, world: SelectorWorld) => {
    const said = read(subject, world)
    const all = typeof said === 'string' ? [said] : (said ?? [])
    return all.some((each) => globMatches(wanted, each))
  }
  return { schema: z.string(), holds, ...(names === undefined ? {} : { names }) }
}

function flag(read: (subject: Subject, world: SelectorWorld) => boolean | undefined): Selector {
  return { schema: z.boolean(), holds: (wanted: boolean, subject: Subject, world: SelectorWorld) => read(subject, world) === wanted }
}

const SELECTORS = {
  cluster: pattern(
    (_subject, { cluster }) => cluster,
    ({ cluster }) => [cluster.name],
  ),
  group: pattern(
    ({ group }) => group,
    ({ nodeGroups, otherNodes = [] }) => [...nodeGroups, ...otherNodes].map(({ name }) => name),
  ),
  zone: pattern(
    ({ zone }) => zone,
    ({ subnets }) => subnets.map(({ zone }) => zone),
  ),
  instanceType: pattern(({ instanceType }) => instanceType),
  kubeletMinor: pattern(({ kubeletMinor }) => kubeletMinor),
  cniVersion: pattern(({ cniVersion }) => cniVersion),
  /** The CNI version is another than at the world's beginning. */
  cniChanged: flag(({ cniVersion }, { cniAtStart }) => cniVersion !== cniAtStart),
  /** The AMI's id. */
  image: pattern(({ imageId }) => imageId),
  launchedLater: flag(({ launchedLater }) => launchedLater),
  /** Share of the nodes that it meets. */
  share: {
    schema: share,
    holds: (wanted: number, { node = '' }: Subject, { seed, fault }: SelectorWorld) => keyedRandom(seed, 'fault', fault, node) < wanted,
  },
  namespace: pattern(({ namespace }) => namespace),
  name: pattern(({ name }) => name),
  pod: pattern(({ pod }) => pod),
  workload: pattern(({ workload }) => workload),
  budget: pattern(
    ({ budget }) => budget,
    ({ workloads, objects }) => [
      ...workloads.filter(({ budget }) => budget !== undefined).map(({ namespace, name }) => `${namespace}/${name}`),
      ...objects.filter(({ kind }) => kind === 'PodDisruptionBudget').map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
    ],
  ),
  addon: pattern(
    ({ addon }) => addon,
    ({ addons }) => addons.map(({ name }) => name),
  ),
  alarm: pattern(({ alarm }) => alarm),
  role: pattern(({ role }) => role),
  user: pattern(({ user }) => user),
  webhook: pattern(({ webhook }) => webhook),
  service: pattern(({ service }) => service),
  operation: pattern(({ operation }) => operation),
  resource: pattern(({ resource }) => resource),
  mutating: flag(({ mutating }) => mutating),
  /** Which requests of the same service, operation and resource. */
  nth: {
    schema: z.array(z.number().int().positive()),
    holds: (wanted: readonly number[], { nth }: Subject) => nth !== undefined && wanted.includes(nth),
  },
} satisfies Record<string, Selector>

export type SelectorKey = keyof typeof SELECTORS

const ROWS: Readonly<Record<string, Selector>> = SELECTORS

/** Selector keys for whatever stands on a node. */
export const NODE_KEYS = [
  'cluster',
  'group',
  'zone',
  'instanceType',
  'kubeletMinor',
  'cniVersion',
  'cniChanged',
  'image',
  'launchedLater',
  'share',
] as const satisfies readonly SelectorKey[]

export const POD_KEYS = [...NODE_KEYS, 'namespace', 'pod', 'workload'] as const satisfies readonly SelectorKey[]

export const REQUEST_KEYS = ['service', 'operation', 'resource', 'mutating', 'nth'] as const satisfies readonly SelectorKey[]

/** The strict schema of a `where` with these keys. */
export function whereSchema(keys: readonly SelectorKey[], needs: readonly SelectorKey[]): z.ZodType {
  const members = [...new Set([...keys, ...needs])].map((key) => {
    const schema: z.ZodType = SELECTORS[key].schema
    return [key, needs.includes(key) ? schema : schema.optional()] as const
  })
  const where = z.strictObject(Object.fromEntries(members))
  return needs.length > 0 ? where : where.prefault({})
}

export function placeMatches(where: Readonly<Record<string, unknown>>, subject: Subject, world: SelectorWorld): boolean {
  return Object.entries(where).every(
    ([key, wanted]) => wanted === undefined || (ROWS[key]?.holds(wanted as never, subject, world) ?? false),
  )
}

/** Patterns of a `where` that match nothing in a world, with the names that there are. */
export function strayPatterns(
  where: Readonly<Record<string, unknown>>,
  spec: WorldSpec,
): readonly { key: string; names: readonly string[] }[] {
  return Object.entries(where).flatMap(([key, wanted]) => {
    const names = ROWS[key]?.names?.(spec)
    if (names === undefined || typeof wanted !== 'string' || names.some((name) => globMatches(wanted, name))) return []
    return [{ key, names: [...new Set(names)] }]
  })
}
