import { defineFault } from './fault.ts'
import { REQUEST_KEYS } from './selectors.ts'

/** How each service says that it was asked too often. */
const REFUSALS: Readonly<Record<string, { readonly status: number; readonly code: string; readonly message: string }>> = {
  eks: { status: 429, code: 'ThrottlingException', message: 'Rate exceeded' },
  ec2: { status: 503, code: 'RequestLimitExceeded', message: 'Request limit exceeded.' },
  autoscaling: { status: 400, code: 'Throttling', message: 'Rate exceeded' },
  kubernetes: {
    status: 429,
    code: 'TooManyRequests',
    message: 'the server has received too many requests and has asked us to try again later',
  },
}

const OTHERS = { status: 400, code: 'ThrottlingException', message: 'Rate exceeded' }

export const throttling = defineFault({
  name: 'throttling',
  title: 'the account has used up its requests',
  source: 'https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html; the models of the SDK',
  where: REQUEST_KEYS,
  levers: { request: ({ service = '' }) => ({ kind: 'error', when: 'before', ...(REFUSALS[service] ?? OTHERS) }) },
})
