import { sameJson } from '../../../../model/same-json.ts'
import type { ObjectStore, StoredObject } from '../../../contract.ts'
import { WireError } from '../../../contract.ts'
import type { AdmissionRequest, NewObject } from './requests.ts'
import type { Backends } from './webhook-backends.ts'
import type { Webhook } from './webhook-rules.ts'
import { webhookMatches } from './webhook-rules.ts'

/** Dynamic admission: what the cluster's webhook configurations make of a write. */
export interface Admission {
  /** The object as the mutating webhooks leave it. Throws WireError when one denies it or cannot be called. */
  mutate(request: AdmissionRequest): NewObject | undefined
  /** Throws WireError when a validating webhook denies the write or cannot be called. */
  validate(request: AdmissionRequest): void
}

/**
 * Source: k8s.io/apiserver, pkg/admission/plugin/webhook (dispatchers, error texts);
 * https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/.
 */
export function createAdmission(store: ObjectStore, backends: Backends): Admission {
  return {
    mutate(request) {
      const webhooks = webhooksOf(store, 'MutatingWebhookConfiguration')
      return webhooks.length === 0 || isExempt(request) ? request.object : mutated(store, backends, webhooks, request)
    },
    validate(request) {
      if (isExempt(request)) return
      for (const webhook of webhooksOf(store, 'ValidatingWebhookConfiguration'))
        if (webhookMatches(store, webhook, request)) call(store, backends, webhook, request)
    },
  }
}

/** Webhook configurations are never sent to webhooks: a broken one could not be mended. */
function isExempt({ kind }: AdmissionRequest): boolean {
  return kind.kind === 'MutatingWebhookConfiguration' || kind.kind === 'ValidatingWebhookConfiguration'
}

const NONE: readonly Webhook[] = []
const byConfigurations = new WeakMap<readonly StoredObject[], readonly Webhook[]>()

/** Webhooks in the order they are called: by the name of their configuration, then as they stand in it. */
function webhooksOf(store: ObjectStore, kind: string): readonly Webhook[] {
  const configurations = store.list(kind)
  if (configurations.length === 0) return NONE
  const known = byConfigurations.get(configurations)
  const webhooks = known ?? configurations.flatMap(({ webhooks = [] }) => webhooks as readonly Webhook[])
  byConfigurations.set(configurations, webhooks)
  return webhooks
}

/** All in turn, then once more those with `reinvocationPolicy: IfNeeded` that were called before somebody else changed the object. */
function mutated(store: ObjectStore, backends: Backends, webhooks: readonly Webhook[], request: AdmissionRequest): NewObject | undefined {
  let object = request.object
  const again = new Set<Webhook>()
  const called: Webhook[] = []
  const run = (webhook: Webhook): void => {
    const current = { ...request, object }
    if (!webhookMatches(store, webhook, current)) return
    const next = call(store, backends, webhook, current) ?? object
    if (!sameJson(next, object)) for (const earlier of called) if (earlier.reinvocationPolicy === 'IfNeeded') again.add(earlier)
    called.push(webhook)
    object = next
  }
  for (const webhook of webhooks) run(webhook)
  for (const webhook of webhooks) if (again.has(webhook)) run(webhook)
  return object
}

/** What the webhook makes of the object. Undefined when it changes nothing, or cannot be called and may be ignored. */
function call(store: ObjectStore, backends: Backends, webhook: Webhook, request: AdmissionRequest): NewObject | undefined {
  if (request.dryRun && !['None', 'NoneOnDryRun'].includes(webhook.sideEffects ?? 'Unknown'))
    throw new WireError(400, 'BadRequest', `admission webhook "${webhook.name}" does not support dry run`)
  const outcome = backends.call(store, webhook, request)
  if ('failure' in outcome) {
    if (webhook.failurePolicy === 'Ignore') return undefined
    const because = `failed calling webhook "${webhook.name}": failed to call webhook: Post "${addressOf(webhook)}": ${outcome.failure}`
    throw new WireError(500, 'InternalError', `Internal error occurred: ${because}`, { details: { causes: [{ message: because }] } })
  }
  if ('denied' in outcome) {
    const { code = 403, message } = outcome.denied
    const reason = code === 403 ? 'Forbidden' : 'BadRequest'
    throw new WireError(code, reason, `admission webhook "${webhook.name}" denied the request: ${message}`, { details: undefined })
  }
  return outcome.object
}

function addressOf({ clientConfig, timeoutSeconds = 10 }: Webhook): string {
  const { service, url = '' } = clientConfig
  if (service === undefined) return `${url}?timeout=${timeoutSeconds}s`
  return `https://${service.name}.${service.namespace}.svc:${service.port ?? 443}${service.path ?? '/'}?timeout=${timeoutSeconds}s`
}
