import { defineFault } from './fault.ts'
import { refused } from './request-refusals.ts'
import { REQUEST_KEYS } from './selectors.ts'

const MESSAGE = 'The security token included in the request is expired'

export const expiredToken = defineFault({
  name: 'expired-token',
  title: 'the credentials have run out',
  source: 'https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html; EC2 API reference, error codes, RequestExpired',
  where: REQUEST_KEYS,
  levers: {
    request: (subject) =>
      refused(
        {
          kubernetes: { status: 401, code: 'Unauthorized', message: 'Unauthorized' },
          ec2: { status: 400, code: 'RequestExpired', message: 'Request has expired.' },
          autoscaling: { status: 403, code: 'ExpiredToken', message: MESSAGE },
          sts: { status: 403, code: 'ExpiredToken', message: MESSAGE },
          otherwise: { status: 403, code: 'ExpiredTokenException', message: MESSAGE },
        },
        subject,
      ),
  },
})
