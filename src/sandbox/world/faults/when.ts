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

/** Phases of an update of a managed node group in which something happens to nodes (EKS user guide, "managed-node-update-behavior"). */
const PHASES = ['scale-up', 'upgrade', 'scale-down'] as const

export type UpdatePhase = (typeof PHASES)[number]

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
    phase: z.enum(PHASES).optional(),
    from: duration.optional(),
    to: duration.optional(),
    /** Bursts: every so often, lasting so long. */
    every: duration.optional(),
    lasting: duration.optional(),
  })
  .refine(({ after, phase }) => phase === undefined || after?.startsWith('eks:UpdateNodegroupVersion ') === true, {
    message: 'only an update of a managed node group has phases: after: "eks:UpdateNodegroupVersion app-*"',
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
