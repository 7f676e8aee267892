import { z } from 'zod'
import { defineFault } from './fault.ts'
import { REQUEST_KEYS } from './selectors.ts'

export const html = defineFault({
  name: 'html',
  title: 'a proxy or captive portal answers with a page of its own',
  source: 'any company network',
  where: REQUEST_KEYS,
  parameters: { status: z.number().int().min(200).max(599).default(200) },
  levers: { request: (_subject, { status }) => ({ kind: 'html', status }) },
})
