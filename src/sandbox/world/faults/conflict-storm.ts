import { defineFault } from './fault.ts'
import { kubernetesNames, refused } from './request-refusals.ts'
import { REQUEST_KEYS } from './selectors.ts'

const CHANGES = new Set(['update', 'patch'])

export const conflictStorm = defineFault({
  name: 'conflict-storm',
  title: 'somebody else always was faster: changes are refused as out of date or in use',
  source: 'https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions; EKS API reference, ResourceInUseException',
  where: REQUEST_KEYS,
  levers: {
    request(subject) {
      if (subject.mutating !== true || (subject.service === 'kubernetes' && !CHANGES.has(subject.operation ?? ''))) return undefined
      return refused(
        {
          kubernetes: { status: 409, code: 'Conflict', message: outOfDate },
          eks: { status: 409, code: 'ResourceInUseException', message: 'Another update is in progress for this resource' },
          autoscaling: { status: 400, code: 'ResourceContention', message: 'You already have a pending update to this resource.' },
          otherwise: { status: 409, code: 'ConflictException', message: 'The resource is being changed' },
        },
        subject,
      )
    },
  },
})

function outOfDate(subject: Parameters<typeof kubernetesNames>[0]): string {
  const { resource, name } = kubernetesNames(subject)
  return `Operation cannot be fulfilled on ${resource} "${name}": the object has been modified; please apply your changes to the latest version and try again`
}
