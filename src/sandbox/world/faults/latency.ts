import { z } from 'zod'
import { defineFault } from './fault.ts'
import { REQUEST_KEYS } from './selectors.ts'
import { duration } from './when.ts'

export const latency = defineFault({
  name: 'latency',
  title: 'answers take long',
  source: 'any network; any overloaded server',
  where: REQUEST_KEYS,
  parameters: {
    delay: duration.prefault('3s'),
    /** Whether what was asked happens before the wait or after it. */
    effect: z.enum(['before', 'after']).default('before'),
  },
  levers: { request: (_subject, { delay, effect }) => ({ kind: 'slow', when: effect === 'before' ? 'after' : 'before', delay }) },
})
