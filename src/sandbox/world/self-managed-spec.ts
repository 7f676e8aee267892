import { z } from 'zod'

const count = z.number().int().min(0)

/** `selfManaged` of a node group in a world file: what its Auto Scaling group launches from. Without it: a template of its own. */
export const selfManagedSchema = z.strictObject({
  /** One of the world's templates; the version may be `$Latest` or `$Default`. */
  launchTemplate: z
    .strictObject({ name: z.string(), version: z.union([z.number().int().positive(), z.enum(['$Latest', '$Default'])]) })
    .optional(),
  /** A launch configuration with the AMI of the group's release and its first instance type. */
  launchConfiguration: z.literal(true).optional(),
  /** A mixed-instances policy over the group's instance types. */
  mixed: z
    .strictObject({
      onDemandBase: count.default(0),
      onDemandPercentage: count.max(100).default(100),
      onDemandStrategy: z.enum(['prioritized', 'lowest-price']).default('prioritized'),
      spotStrategy: z
        .enum(['lowest-price', 'capacity-optimized', 'capacity-optimized-prioritized', 'price-capacity-optimized'])
        .default('price-capacity-optimized'),
      /** Units of capacity by instance type. */
      weights: z.record(z.string(), z.number().int().min(1).max(999)).optional(),
    })
    .optional(),
  hooks: z
    .array(
      z.strictObject({
        name: z.string(),
        transition: z.enum(['launching', 'terminating']),
        heartbeat: z.number().int().min(30).max(7200).default(3600),
        defaultResult: z.enum(['CONTINUE', 'ABANDON']).default('ABANDON'),
      }),
    )
    .default([]),
})

export type SelfManagedFile = z.output<typeof selfManagedSchema>

/** The same with names resolved. */
export interface SelfManagedSpec extends Omit<SelfManagedFile, 'launchTemplate'> {
  readonly launchTemplate?: { readonly id: string; readonly version: string }
}

/** Throws Error when the template that it names does not exist, or when it names two sources. */
export function selfManagedOf(
  given: SelfManagedFile | undefined,
  templates: readonly { readonly id: string; readonly name: string }[],
): SelfManagedSpec | undefined {
  if (given === undefined) return undefined
  const { launchTemplate, ...rest } = given
  if (rest.launchConfiguration === true && (launchTemplate !== undefined || rest.mixed !== undefined)) {
    throw new Error('a launch configuration excludes a launch template and a mixed-instances policy')
  }
  if (launchTemplate === undefined) return rest
  const template = templates.find(({ name }) => name === launchTemplate.name)
  if (template === undefined) throw new Error(`there is no launch template ${launchTemplate.name}`)
  return { ...rest, launchTemplate: { id: template.id, version: String(launchTemplate.version) } }
}
