import { z } from 'zod'
import { defineFault } from './fault.ts'
import { REQUEST_KEYS } from './selectors.ts'
import { duration } from './when.ts'

export const clockSkew = defineFault({
  name: 'clock-skew',
  title: 'the clocks of client and server differ',
  source:
    'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html (five minutes); aws-iam-authenticator, pkg/token (fifteen)',
  where: REQUEST_KEYS,
  parameters: { by: duration.prefault('10m'), server: z.enum(['ahead', 'behind']).default('ahead') },
  levers: { request: (_subject, { by, server }) => ({ kind: 'skewed', ahead: server === 'ahead' ? by : -by }) },
})
