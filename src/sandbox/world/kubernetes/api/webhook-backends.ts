import { selectorMatches } from '../../../../model/kubernetes.ts'
import type { Faults, ObjectStore, StoredObject } from '../../../contract.ts'
import type { PodObject } from '../objects.ts'
import { isReady } from '../objects.ts'
import type { AdmissionRequest, NewObject } from './requests.ts'
import { BEHAVIOURS } from './webhook-behaviours.ts'
import type { Webhook } from './webhook-rules.ts'

/** What comes back from a webhook. */
export type Outcome =
  | { readonly object: NewObject | undefined }
  | { readonly denied: { readonly message: string; readonly code?: number } }
  /** Nobody answered: why the call failed, as the API server says it. */
  | { readonly failure: string }

/** What a webhook's own code does with a request. */
export type Behaviour = (request: AdmissionRequest, webhook: Webhook) => Outcome

/** The servers behind the cluster's webhooks. */
export interface Backends {
  /** Puts code behind a Service, `namespace/name`. */
  add(service: string, behaviour: Behaviour): void
  call(store: Pick<ObjectStore, 'get' | 'list'>, webhook: Webhook, request: AdmissionRequest): Outcome
}

/**
 * A call reaches a webhook when its Service exists and has an endpoint: a ready pod that it selects, or an address of
 * its Endpoints. What the code there does is what a fault of the scenarios says, else its own, else it allows everything.
 */
export function createBackends(faults: Pick<Faults, 'effects'>): Backends {
  const behaviours = new Map<string, Behaviour>()
  return {
    add(service, behaviour) {
      behaviours.set(service, behaviour)
    },
    call(store, webhook, request) {
      const { service, url } = webhook.clientConfig
      if (service === undefined && isOfEks(url)) return { object: undefined }
      if (service === undefined) return { failure: `dial tcp: lookup ${hostOf(url)}: no such host` }
      const { namespace, name } = service
      const object = store.get('Service', namespace, name)
      if (object === undefined) return { failure: `service "${name}" not found` }
      const { port = 443 } = service
      if (!hasPort(object, port)) return { failure: `no service port ${port} found for service "${name}"` }
      if (!hasEndpoint(store, object)) return { failure: `no endpoints available for service "${name}"` }
      const [answer] = faults.effects('webhook/answer', { webhook: webhook.name })
      const behaviour = answer === undefined ? behaviours.get(`${namespace}/${name}`) : BEHAVIOURS[answer]
      return behaviour?.(request, webhook) ?? { object: undefined }
    },
  }
}

/** EKS runs its own webhooks beside the API server, so they are always reached; what they do the world does itself. */
function isOfEks(url = ''): boolean {
  return url.startsWith('https://127.0.0.1:23443/')
}

function hasPort({ spec }: StoredObject, port: number): boolean {
  const { ports = [] } = (spec ?? {}) as { readonly ports?: readonly { readonly port?: number }[] }
  return ports.some((each) => each.port === port)
}

function hasEndpoint(store: Pick<ObjectStore, 'get' | 'list'>, { metadata, spec }: StoredObject): boolean {
  const { namespace, name } = metadata
  const matchLabels = (spec as { selector?: Record<string, string> } | undefined)?.selector
  if (matchLabels !== undefined && Object.keys(matchLabels).length > 0)
    return (store.list('Pod') as readonly PodObject[]).some(
      (pod) => pod.metadata.namespace === namespace && isReady(pod) && selectorMatches({ matchLabels }, pod.metadata.labels),
    )
  const subsets = store.get('Endpoints', namespace, name)?.subsets
  return Array.isArray(subsets) && subsets.some(({ addresses }) => Array.isArray(addresses) && addresses.length > 0)
}

function hostOf(url = ''): string {
  return URL.canParse(url) ? new URL(url).hostname : url
}
