import { defineFault } from './fault.ts'
import { REQUEST_KEYS } from './selectors.ts'

export const truncated = defineFault({
  name: 'truncated',
  title: 'the connection ends in the middle of the answer',
  source: 'any network; a load balancer that ends idle connections',
  where: REQUEST_KEYS,
  levers: { request: () => ({ kind: 'truncated' }) },
})
