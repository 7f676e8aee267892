import type { WebhookAnswer } from '../../../levers.ts'
import type { AdmissionRequest, NewObject } from './requests.ts'
import type { Behaviour, Outcome } from './webhook-backends.ts'

const UNCHANGED: Outcome = { object: undefined }

/** What the code behind a webhook may do, by the name that a scenario gives it. */
export const BEHAVIOURS: Readonly<Record<WebhookAnswer, Behaviour>> = {
  'add-label': ({ object }, { name }) => (object === undefined ? UNCHANGED : { object: withLabel(object, name) }),
  'rewrite-pod-spec': (request) => ({ object: rewritten(request) }),
  deny: () => ({ denied: { message: 'denied by the policy of this cluster' } }),
  unreachable: (_request, { clientConfig }) => ({ failure: `no endpoints available for service "${clientConfig.service?.name ?? ''}"` }),
  timeout: () => ({ failure: 'context deadline exceeded' }),
}

function withLabel(object: NewObject, name: string): NewObject {
  return { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, 'admission.example.com/seen-by': name } } }
}

/**
 * Writes a security profile into the containers of a pod that is bound: what was left out at creation is asked for when
 * somebody updates the pod, and the API server then refuses the update as one of immutable fields.
 */
function rewritten({ kind, subresource, operation, object }: AdmissionRequest): NewObject | undefined {
  if (kind.kind !== 'Pod' || subresource !== undefined || operation !== 'UPDATE' || object === undefined) return undefined
  const spec = object.spec as { containers?: readonly Record<string, unknown>[] } | undefined
  const containers = spec?.containers?.map((container) => ({
    ...container,
    securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
  }))
  return { ...object, spec: { ...spec, containers } }
}
