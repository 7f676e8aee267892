import { z } from 'zod'
import type { ObjectStore, Timeline } from '../../contract.ts'
import type { LeverName, Levers, Subject } from '../../levers.ts'
import { type SelectorKey, whereSchema } from './selectors.ts'
import { share, when } from './when.ts'

/**
 * How to add a fault: a file in this folder with one `defineFault`, and its line in `registry.ts`. It says
 * - `name`: what scenario files write after `fault:`; `codes`: the signatures of the failure catalogue that it brings about;
 * - `where`: the selector keys it understands (`selectors.ts`), and its own `parameters`, as a zod shape;
 * - `levers`: what it does to whoever asks (`../../levers.ts`), called only while the fault is in force and its place matches; or
 * - `begin`: what it does to the world when it begins, with what undoes it as the answer.
 * Prefer a cause (a role lacks an action, an agent is not there) from which the world's own rules make the evidence.
 */
export interface FaultDefinition<P extends z.ZodRawShape> {
  readonly name: string
  readonly codes?: readonly string[]
  readonly title: string
  /** Where the behaviour is known from. */
  readonly source: string
  readonly where?: readonly SelectorKey[]
  /** Selector keys without which it makes no sense. */
  readonly needs?: readonly SelectorKey[]
  readonly parameters?: P
  readonly levers?: { readonly [L in LeverName]?: (subject: Subject, spec: z.output<z.ZodObject<P>>) => Levers[L] | undefined }
  readonly begin?: (stage: Stage, spec: z.output<z.ZodObject<P>>) => () => void
}

/** What a fault that changes the world itself works on. */
export interface Stage {
  readonly store: ObjectStore
  readonly timeline: Timeline
  readonly seed: number
  /** Whether the fault's `where` holds for a subject. */
  readonly matches: (subject: Subject) => boolean
}

/** A fault of a scenario, as read: its parameters stand beside these. */
export interface FaultSpec {
  readonly fault: string
  readonly where: Readonly<Record<string, unknown>>
  readonly when?: z.output<typeof when> | undefined
  readonly chance?: number | undefined
}

/** A row of the registry: a definition whose parameters are its own matter. */
export interface FaultRow {
  readonly name: string
  readonly codes: readonly string[]
  readonly title: string
  readonly source: string
  readonly schema: z.ZodObject
  readonly levers: Readonly<Partial<Record<LeverName, (subject: Subject, spec: FaultSpec) => unknown>>>
  readonly begin?: (stage: Stage, spec: FaultSpec) => () => void
}

export function defineFault<P extends z.ZodRawShape>(definition: FaultDefinition<P>): FaultRow {
  const { name, codes = [], title, source, where = [], needs = [], parameters, levers = {}, begin } = definition
  const schema = z.strictObject({
    fault: z.literal(name),
    where: whereSchema(where, needs),
    when: when.optional(),
    chance: share.optional(),
    ...parameters,
  })
  // What reads a scenario has checked it against this very schema.
  const row = { name, codes, title, source, schema, levers: levers as FaultRow['levers'] }
  return begin === undefined ? row : { ...row, begin: begin as unknown as NonNullable<FaultRow['begin']> }
}
