import { z } from 'zod'
import { defineFault } from './fault.ts'
import { REQUEST_KEYS } from './selectors.ts'

const ERRORS: Readonly<Record<string, { readonly code: string; readonly message: string }>> = {
  eks: { code: 'ServerException', message: 'Internal server error' },
  kubernetes: { code: 'InternalError', message: 'Internal error occurred: etcdserver: request timed out' },
}

const OTHERS = { code: 'InternalFailure', message: 'An internal error has occurred' }

export const serverError = defineFault({
  name: 'server-error',
  title: 'the service fails, before or after what was asked has happened',
  source: 'common errors of the AWS query APIs; the API server over a slow etcd',
  where: REQUEST_KEYS,
  parameters: {
    /** Whether what was asked happens all the same. */
    effect: z.enum(['before', 'after']).default('before'),
    status: z.number().int().min(200).max(599).default(500),
  },
  levers: {
    request: ({ service = '' }, { effect, status }) => ({ kind: 'error', when: effect, status, ...(ERRORS[service] ?? OTHERS) }),
  },
})
