import { z } from 'zod'
import { type Millis, parseDuration } from '../model/instant.ts'

/**
 * Building blocks of the plan schema. A message may have two lines: what is wrong, and what to write instead.
 */

export function says(wrong: string, remedy: string): { error: (issue: { input?: unknown }) => string } {
  return { error: (issue) => `${shown(issue.input)} ${wrong}\n${remedy}` }
}

/** A value as it is quoted in messages, short. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')
  return `\`${text.length > 60 ? `${text.slice(0, 57)}…` : text}\``
}

/** Text that must look a certain way. Only the pattern reaches the JSON Schema for editors. */
export function pattern(expression: RegExp, wrong: string, remedy: string): z.ZodString {
  return z.string().regex(expression, says(wrong, remedy))
}

export function strict<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape)
}

const NOT_A_DURATION = says('is not a duration', 'Write a number and a unit: `90s`, `15m`, `1h30m`, `2d`.')
const DURATION = /^(\d{1,9}(ms|s|m|h|d))+$/

/** `15m`, `1h30m`, `2d`; milliseconds after parsing, at most a year. */
export const duration = z
  .string(NOT_A_DURATION)
  .regex(DURATION, NOT_A_DURATION)
  .refine((text) => (parseDuration(text) ?? 0) <= 366 * 86_400_000, says('is longer than a year', 'Write a shorter time.'))
  .transform((text): Millis => parseDuration(text) ?? 0)

export const percentage = pattern(
  /^([1-9]\d?|100)%$/,
  'is not a percentage from 1% to 100%',
  'Write a whole number from 1 to 100, then `%`.',
)

export const text = z.string().regex(/\S/, says('is empty', 'Say something here.'))

export const minor = pattern(/^1\.\d{1,3}$/, 'is not a Kubernetes minor version', 'Write the minor alone and in quotes: `"1.33"`.')

/** At most three stars: more serve nobody, and make matching slow. */
export const glob = pattern(
  /^((asg|karpenter|auto-mode|fargate|hybrid):.{1,255}|(?!([^*]*\*){4})[0-9A-Za-z_*-]{1,100})$/,
  'is not a node group name or glob',
  'Letters, digits, `-` and `_`, and up to three `*` for any run of characters.',
)

export const globs = z.array(glob).min(1, 'The list of node groups is empty\nName at least one node group or glob, or remove the entry.')

const RELEASE = '\\d+\\.\\d+(\\.\\d+)?-[0-9A-Za-z.]+'

/** `1.33.5-20261101` (Amazon Linux), `1.52.0-943d9a41` (Bottlerocket). */
export const release = pattern(
  new RegExp(`^(latest|keep|${RELEASE})$`),
  'is neither `latest`, `keep` nor an AMI release',
  'A release looks like `1.33.5-20261101`; `latest` takes the newest of the minor, `keep` stays.',
)

export const approval = z
  .union([z.boolean(), strict({ role: text.optional().describe('Who may say yes.') })])
  .default(false)
  .describe('A person must say yes before this begins.')
