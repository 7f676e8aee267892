import { z } from 'zod'
import { type Instant, type Millis, parseDuration } from '../../../model/instant.ts'

export const duration = z.string().transform((text, context): Millis => {
  const span = parseDuration(text)
  if (span === undefined) context.addIssue({ code: 'custom', message: `"${text}" is not a duration such as 90s, 15m or 1h30m` })
  return span ?? 0
})

export const share = z.number().gt(0).lte(1)

/** Operations whose acceptance a fault may wait for: those that the world announces. */
const OPERATIONS = [
  'eks:UpdateNodegroupVersion',
  'eks:UpdateNodegroupConfig',
  'eks:UpdateAddon',
  'eks:UpdateClusterVersion',
  'eks:UpdateClusterConfig',
]

/**
 * Phases of updates, in their order. Those of managed node groups in which something happens to nodes have EKS's names (user guide,
 * "managed-node-update-behavior"); an add-on's objects are applied, then its pods roll ("kubernetes-field-management"); for a control plane
 * new servers are launched, take the place of the old ones, and are checked ("update-cluster"); in a rollback under Auto Mode the nodes go
 * before all that ("rollback-automode").
 */
const PHASES = {
  'eks:UpdateNodegroupVersion': ['scale-up', 'upgrade', 'scale-down'],
  'eks:UpdateAddon': ['apply', 'rollout'],
  'eks:UpdateClusterVersion': ['nodes', 'launch', 'replace', 'verify'],
} as const

export type PhasedOperation = keyof typeof PHASES
export type PhaseOf<O extends PhasedOperation> = (typeof PHASES)[O][number]

/** Tells the scenarios which phase an update is in, by its operation and subject; undefined once it is over. */
export type Entered = <O extends PhasedOperation>(operation: O, subject: string, phase: PhaseOf<O> | undefined) => void

export const when = z
  .strictObject({
    /** `eks:UpdateNodegroupVersion app-*`: offsets count from the acceptance of this operation; otherwise from the world's start. */
    after: z
      .string()
      .regex(
        new RegExp(`^(${OPERATIONS.join('|')}) \\S+$`),
        'expected an operation and a subject, such as "eks:UpdateNodegroupVersion app-*"',
      )
      .optional(),
    /** Which of the matching operations it is; the first unless said. */
    occurrence: z.number().int().positive().optional(),
    /** Offsets count from the beginning of this phase of the update instead, and with its end it is over. */
    phase: z.enum(Object.values(PHASES).flat()).optional(),
    from: duration.optional(),
    to: duration.optional(),
    /** Bursts: every so often, lasting so long. */
    every: duration.optional(),
    lasting: duration.optional(),
  })
  .superRefine(({ after, phase }, context) => {
    const operation = after?.split(' ')[0] ?? ''
    const known: readonly string[] = Object.hasOwn(PHASES, operation) ? PHASES[operation as PhasedOperation] : []
    if (phase === undefined || known.includes(phase)) return
    const having = Object.entries(PHASES).map(([each, phases]) => `${each} (${phases.join(', ')})`)
    context.addIssue({ code: 'custom', path: ['phase'], message: `"after" has no phase ${phase}; phases have ${having.join(', ')}` })
  })

export type When = z.output<typeof when>

/** Whether a fault is in force so long after its offsets began to count. */
export function isOpen({ from = 0, to, every, lasting }: When, elapsed: Millis): boolean {
  if (elapsed < from || (to !== undefined && elapsed >= to)) return false
  return every === undefined || lasting === undefined || (elapsed - from) % every < lasting
}

/** The first window of a fault that begins at or after an instant, given when its offsets began to count. */
export function nextWindow(
  { from = 0, to = Number.POSITIVE_INFINITY, every, lasting }: When,
  base: Instant,
  now: Instant,
): { readonly opens: Instant; readonly closes: Instant } | undefined {
  const first = base + from
  const bursts = every !== undefined && lasting !== undefined
  const opens = bursts && now > first ? first + Math.ceil((now - first) / every) * every : first
  if (opens < now || opens >= base + to) return undefined
  return { opens, closes: Math.min(bursts ? opens + lasting : Number.POSITIVE_INFINITY, base + to) }
}
