import { z } from 'zod'
import { WATCH_FATES } from '../../levers.ts'
import { defineFault } from './fault.ts'
import { REQUEST_KEYS } from './selectors.ts'

export const cutWatch = defineFault({
  name: 'cut-watch',
  title: 'a watch breaks off, between two lines or within one, or falls silent and stays open',
  source: 'kubernetes-client/javascript#2385, #596; load balancers that drop idle connections',
  where: REQUEST_KEYS,
  parameters: {
    /** Changes that still arrive, a line each, counted from its opening. */
    lines: z.number().int().min(0).default(10),
    /** `cut-within`: half of the line after them arrives too. */
    fate: z.enum(WATCH_FATES).default('cut'),
  },
  levers: { request: ({ operation }, { lines, fate }) => (operation === 'watch' ? { kind: 'watch', lines, fate } : undefined) },
})
