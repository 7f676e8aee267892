import { z } from 'zod'
import { defineFault } from './fault.ts'
import { REQUEST_KEYS } from './selectors.ts'

export const cutWatch = defineFault({
  name: 'cut-watch',
  title: 'a watch breaks off in the middle, or falls silent and stays open',
  source: 'kubernetes-client/javascript#2385, #596; load balancers that drop idle connections',
  where: REQUEST_KEYS,
  parameters: {
    /** Lines that still arrive, counted from its opening. */
    lines: z.number().int().min(0).default(10),
    fate: z.enum(['cut', 'silent']).default('cut'),
  },
  levers: { request: ({ operation }, { lines, fate }) => (operation === 'watch' ? { kind: 'watch', lines, fate } : undefined) },
})
