import type { Subject } from '../../levers.ts'

/** How a service words a refusal: by its id, with `otherwise` for those that are not named. */
export interface Refusals {
  readonly [service: string]: Refusal
  readonly otherwise: Refusal
}

interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string | ((subject: Subject) => string)
}

/** The effect of a request that is refused before anything happens. */
export function refused(refusals: Refusals, subject: Subject) {
  const { status, code, message } = refusals[subject.service ?? ''] ?? refusals.otherwise
  return { kind: 'error', when: 'before', status, code, message: typeof message === 'string' ? message : message(subject) } as const
}

/** `nodes/n1` as the API server names it: the resource with its group, and the object. */
export function kubernetesNames({ resource = '' }: Subject): {
  readonly resource: string
  readonly name: string
  readonly namespace: string
} {
  const [plural = '', ...rest] = resource.split('/')
  const [namespace = '', name = ''] = rest.length > 1 ? rest : ['', rest[0] ?? '']
  return { resource: plural, name, namespace }
}
