import type { Subject } from '../../levers.ts'
import { defineFault } from './fault.ts'
import { kubernetesNames, refused } from './request-refusals.ts'
import { REQUEST_KEYS } from './selectors.ts'

const USER = 'arn:aws:sts::111122223333:assumed-role/release-engineer/sandbox'

export const forbidden = defineFault({
  name: 'forbidden',
  title: 'whoever asks may not do that',
  source: 'https://kubernetes.io/docs/reference/access-authn-authz/rbac/; IAM user guide, troubleshooting access denied',
  where: REQUEST_KEYS,
  levers: {
    request: (subject) =>
      refused(
        {
          kubernetes: { status: 403, code: 'Forbidden', message: notAllowed },
          ec2: {
            status: 403,
            code: 'UnauthorizedOperation',
            message: (asked) => `You are not authorized to perform this operation. ${notAuthorised(asked)}`,
          },
          autoscaling: { status: 403, code: 'AccessDenied', message: notAuthorised },
          iam: { status: 403, code: 'AccessDenied', message: notAuthorised },
          sts: { status: 403, code: 'AccessDenied', message: notAuthorised },
          ssm: { status: 400, code: 'AccessDeniedException', message: notAuthorised },
          servicequotas: { status: 400, code: 'AccessDeniedException', message: notAuthorised },
          otherwise: { status: 403, code: 'AccessDeniedException', message: notAuthorised },
        },
        subject,
      ),
  },
})

function notAuthorised({ service, operation }: Subject): string {
  return `User: ${USER} is not authorized to perform: ${service}:${operation} because no identity-based policy allows the ${service}:${operation} action`
}

function notAllowed(subject: Subject): string {
  const { resource, name, namespace } = kubernetesNames(subject)
  const scope = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`
  return `${resource}${name === '' ? '' : ` "${name}"`} is forbidden: User "${USER}" cannot ${subject.operation} resource "${resource}" in API group "" ${scope}`
}
