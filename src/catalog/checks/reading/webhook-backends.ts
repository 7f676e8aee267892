import { conditionOf, type KubernetesObject, type Pod } from '../../../model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from '../../../model/snapshot.ts'
import type { Webhook, WebhookConfiguration } from './admission.ts'

/** A webhook in the cluster that must answer before what it is asked about may happen. */
export interface Closed {
  readonly configuration: WebhookConfiguration
  readonly index: number
  readonly webhook: Webhook
}

/** Webhooks that fail closed and are called in the cluster, among them those that `asked` says are concerned. */
export function closedWebhooks(snapshot: ClusterSnapshot, asked: (webhook: Webhook) => boolean): readonly Closed[] {
  const configurations = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'].flatMap((kind) =>
    objectsOf<WebhookConfiguration>(snapshot, kind),
  )
  return configurations
    .flatMap((configuration) => (configuration.webhooks ?? []).map((webhook, index) => ({ configuration, index, webhook })))
    .filter(({ webhook }) => webhook.failurePolicy !== 'Ignore' && webhook.clientConfig?.service !== undefined && asked(webhook))
}

interface Service extends KubernetesObject {
  readonly kind: 'Service'
  readonly spec?: { readonly selector?: Readonly<Record<string, string>> }
}

/** Ready pods behind a webhook; undefined where its Service has no selector, so that somebody else writes its endpoints. */
export function backendOf(snapshot: ClusterSnapshot, { clientConfig }: Webhook): readonly Pod[] | undefined {
  const { namespace, name } = clientConfig?.service ?? {}
  const service = objectsOf<Service>(snapshot, 'Service').find(({ metadata }) => metadata.namespace === namespace && metadata.name === name)
  if (service === undefined) return []
  const { selector } = service.spec ?? {}
  if (selector === undefined) return undefined
  return objectsOf<Pod>(snapshot, 'Pod').filter(
    ({ metadata, status }) =>
      metadata.namespace === namespace &&
      Object.entries(selector).every(([key, value]) => metadata.labels?.[key] === value) &&
      conditionOf(status?.conditions, 'Ready')?.status === 'True',
  )
}
