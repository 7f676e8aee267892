import { z } from 'zod'
import { globMatches } from '../../model/glob.ts'
import { refuseContradictions } from './contradictions.ts'
import type { FaultSpec } from './faults/fault.ts'
import { FAULTS } from './faults/registry.ts'
import { strayPatterns } from './faults/selectors.ts'
import { patchWorld, type WorldPatch, worldPatch } from './world-patch.ts'
import type { WorldSpec } from './world-spec.ts'
import { readYaml } from './yaml-file.ts'

/** A named set of faults, and what is different about the world in which they happen. */
export interface Scenario {
  readonly name: string
  readonly summary: string
  readonly world: WorldPatch
  readonly faults: readonly FaultSpec[]
}

const [first, ...others] = FAULTS.map(({ schema }) => schema)
if (first === undefined) throw new Error('There are no faults.')

const scenario = z
  .strictObject({
    apiVersion: z.literal('serin.dev/v1alpha1'),
    kind: z.literal('Scenario'),
    metadata: z.strictObject({ name: z.string(), summary: z.string() }),
    world: worldPatch.prefault({}),
    faults: z.array(z.discriminatedUnion('fault', [first, ...others])).default([]),
  })
  .refine(({ world, faults }) => faults.length > 0 || Object.keys(world).length > 0, 'it has neither faults nor a world of its own')

/** Reads a scenario file. Throws Error with file, line and column of every problem. */
export function readScenario(name: string, text: string): Scenario {
  const { metadata, world, faults } = readYaml(name, text, scenario)
  return { name: metadata.name, summary: metadata.summary, world, faults: faults as unknown as readonly FaultSpec[] }
}

/**
 * The world as the scenarios have it, each patch upon the one before.
 * Throws when a scenario speaks of what the world does not have, which would silently do nothing, and when two contradict each other.
 * @param later node groups that will be made meanwhile, of which they may speak too
 */
export function stageScenarios(spec: WorldSpec, scenarios: readonly Scenario[], later: readonly string[] = []): WorldSpec {
  refuseContradictions(spec, scenarios)
  const staged = scenarios.reduce((world, { name, world: patch }) => patchWorld(world, patch, `Scenario ${name}`), spec)
  for (const each of scenarios) requireFitting(each, staged, later)
  return staged
}

function requireFitting({ name, faults }: Scenario, spec: WorldSpec, later: readonly string[]): void {
  const subjects = [...spec.nodeGroups, ...spec.addons, spec.cluster].map((each) => each.name)
  for (const { fault, where, when } of faults) {
    const about = `Scenario ${name}, ${fault}:`
    const stray = strayPatterns(where, spec).find(({ key }) => key !== 'group' || !later.includes(String(where[key])))
    if (stray !== undefined) throw matchesNothing(`${about} ${stray.key}`, where[stray.key], stray.names)
    const pattern = when?.after?.split(' ')[1]
    if (pattern !== undefined && !subjects.some((each) => globMatches(pattern, each)))
      throw matchesNothing(`${about} subject of after`, pattern, subjects)
  }
}

function matchesNothing(what: string, pattern: unknown, names: readonly string[]): Error {
  return new Error(`${what} "${pattern}" matches nothing in this world (${[...new Set(names)].join(', ') || 'it has none'}).`)
}
