import { z } from 'zod'
import { globMatches } from '../../model/glob.ts'
import { type Millis, parseDuration } from '../../model/instant.ts'
import type { WorldSpec } from './world-spec.ts'
import { readYaml } from './yaml-file.ts'

/** A named set of faults. */
export interface Scenario {
  readonly name: string
  readonly summary: string
  readonly faults: readonly FaultSpec[]
}

const duration = z.string().transform((text, context): Millis => {
  const span = parseDuration(text)
  if (span === undefined) context.addIssue({ code: 'custom', message: `"${text}" is not a duration such as 90s, 15m or 1h30m` })
  return span ?? 0
})

const share = z.number().gt(0).lte(1)

const when = z.strictObject({
  /** `eks:UpdateNodegroupVersion app-*`: offsets count from the acceptance of this operation; otherwise from the world's start. */
  after: z
    .string()
    .regex(
      /^eks:(UpdateNodegroupVersion|UpdateNodegroupConfig|UpdateAddon) \S+$/,
      'expected an operation and a subject, such as "eks:UpdateNodegroupVersion app-*"',
    )
    .optional(),
  /** Which of the matching operations it is; the first unless said. */
  occurrence: z.number().int().positive().optional(),
  from: duration.optional(),
  to: duration.optional(),
  /** Bursts: every so often, lasting so long. */
  every: duration.optional(),
  lasting: duration.optional(),
})

const nodeFault = z.strictObject({
  fault: z.enum(['ipam-hang', 'node-never-joins', 'addon-crashloop']),
  where: z
    .strictObject({
      group: z.string().optional(),
      zone: z.string().optional(),
      instanceType: z.string().optional(),
      kubeletMinor: z.string().optional(),
      cniVersion: z.string().optional(),
      /** The CNI version is another than at the world's beginning. */
      cniChanged: z.boolean().optional(),
      launchedLater: z.boolean().optional(),
      /** Share of these nodes that it meets. */
      share: share.optional(),
    })
    .prefault({}),
  when: when.optional(),
})

const subnetFault = z.strictObject({
  fault: z.literal('subnet-exhausted'),
  where: z.strictObject({ zone: z.string().optional(), group: z.string().optional() }).prefault({}),
  when: when.optional(),
})

const budgetFault = z.strictObject({
  fault: z.literal('eviction-blocked'),
  where: z.strictObject({ budget: z.string() }),
  when: when.optional(),
})

const requestWhere = z.strictObject({
  service: z.string().optional(),
  operation: z.string().optional(),
  resource: z.string().optional(),
  mutating: z.boolean().optional(),
  /** Which requests of the same service, operation and resource. */
  nth: z.array(z.number().int().positive()).optional(),
})

const requestFault = z.strictObject({
  fault: z.enum(['throttling', 'server-error', 'cut-connection', 'html']),
  where: requestWhere.optional(),
  when: when.optional(),
  chance: share.optional(),
  /** Whether what was asked happens all the same. */
  effect: z.enum(['before', 'after']).optional(),
  status: z.number().int().min(200).max(599).optional(),
})

export type When = z.output<typeof when>
export type NodeFault = z.output<typeof nodeFault>
export type RequestFault = z.output<typeof requestFault>
export type FaultSpec = NodeFault | z.output<typeof subnetFault> | z.output<typeof budgetFault> | RequestFault

const scenario = z.strictObject({
  apiVersion: z.literal('serin.dev/v1alpha1'),
  kind: z.literal('Scenario'),
  metadata: z.strictObject({ name: z.string(), summary: z.string() }),
  faults: z.array(z.discriminatedUnion('fault', [nodeFault, subnetFault, budgetFault, requestFault])).min(1),
})

/** Reads a scenario file. Throws Error with file, line and column of every problem. */
export function readScenario(name: string, text: string): Scenario {
  const { metadata, faults } = readYaml(name, text, scenario)
  return { name: metadata.name, summary: metadata.summary, faults }
}

/** Throws when a scenario names groups, zones or budgets that the world does not have: it would silently do nothing. */
export function requireFitting(scenario: Scenario, spec: WorldSpec): void {
  const groups = spec.nodeGroups.map(({ name }) => name)
  const zones = spec.subnets.map(({ zone }) => zone)
  const budgets = spec.workloads.filter(({ budget }) => budget !== undefined).map(({ namespace, name }) => `${namespace}/${name}`)
  const subjects = [...groups, ...spec.addons.map(({ name }) => name)]
  for (const fault of scenario.faults) {
    const where: Readonly<Record<string, unknown>> = fault.where ?? {}
    const wanted = [
      ['group', where.group, groups],
      ['zone', where.zone, zones],
      ['budget', where.budget, budgets],
      ['subject of after', fault.when?.after?.split(' ')[1], subjects],
    ] as const
    for (const [what, pattern, names] of wanted) requireMatch(`Scenario ${scenario.name}, ${fault.fault}: ${what}`, pattern, names)
  }
}

function requireMatch(what: string, pattern: unknown, names: readonly string[]): void {
  if (typeof pattern !== 'string' || names.some((name) => globMatches(pattern, name))) return
  throw new Error(`${what} "${pattern}" matches nothing in this world (${[...new Set(names)].join(', ') || 'it has none'}).`)
}
