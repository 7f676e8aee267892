import { z } from 'zod'
import { defineFault } from './fault.ts'
import { REQUEST_KEYS } from './selectors.ts'

export const cutConnection = defineFault({
  name: 'cut-connection',
  title: 'the connection ends without an answer, before or after what was asked has happened',
  source: 'any network',
  where: REQUEST_KEYS,
  parameters: { effect: z.enum(['before', 'after']).default('before') },
  levers: { request: (_subject, { effect }) => ({ kind: 'cut', when: effect }) },
})
