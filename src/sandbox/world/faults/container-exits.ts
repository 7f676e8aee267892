import { z } from 'zod'
import { defineFault } from './fault.ts'
import { POD_KEYS } from './selectors.ts'
import { duration } from './when.ts'

export const containerExits = defineFault({
  name: 'container-exits',
  title: 'a container of a pod ends soon after each start',
  source: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-restarts',
  where: POD_KEYS,
  parameters: {
    /** The pod's first unless said. */
    container: z.string().optional(),
    after: duration.prefault('2s'),
    code: z.number().int().min(0).max(255).default(1),
    reason: z.string().optional(),
    log: z.array(z.string()).default([]),
  },
  levers: {
    'pod/run': (_subject, { container, after, code, reason, log }) => ({
      ...(container === undefined ? {} : { container }),
      fault: { kind: 'exits', after, code, log, ...(reason === undefined ? {} : { reason }) },
    }),
  },
})
