import { z } from 'zod'
import { duration, pattern, percentage, strict, text } from './schema-parts.ts'

/** Settings of a group that gives way to a new one. */
export const replacement = strict({
  name: pattern(/^[0-9A-Za-z][\w-]{0,62}$/, 'is not a node group name', 'Letters, digits, `-` and `_`, at most 63.')
    .optional()
    .describe('Name of the new group; made of the old name and the target when absent, the same for the same target.'),
  amiType: text
    .optional()
    .describe('AMI type of the new managed group, such as `AL2023_x86_64_STANDARD`; that of the old one when absent.'),
  instanceTypes: z.array(text).min(1).optional().describe('Instance types of the new managed group; those of the old one when absent.'),
  share: z
    .union([z.int().min(1), percentage])
    .optional()
    .describe('Nodes that move first; a share is rounded up. 10% when absent.'),
  soak: duration.optional().describe('Time that must be seen passing after the first share; 15m when absent.'),
  keep: duration.optional().describe('How long the old group is kept, empty, before its deletion is asked for; 1h when absent.'),
  consent: strict({ role: text.optional().describe('Who may say yes.') })
    .optional()
    .describe('Who says yes to the deletion of the old group; somebody always has to (`serin approve`).'),
})
