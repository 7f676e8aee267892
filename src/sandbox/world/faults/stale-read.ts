import { defineFault } from './fault.ts'
import { REQUEST_KEYS } from './selectors.ts'
import { duration } from './when.ts'

export const staleRead = defineFault({
  name: 'stale-read',
  title: 'reads show what was some time ago, and watches lag',
  source: 'https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions; kubernetes/kubernetes#59848',
  where: REQUEST_KEYS,
  parameters: { lag: duration.prefault('30s') },
  levers: {
    request: ({ mutating }, { lag }) => (mutating === true ? undefined : { kind: 'stale', lag }),
  },
})
