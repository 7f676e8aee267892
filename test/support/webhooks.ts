import type { Webhook, WebhookConfiguration } from '../../src/catalog/checks/reading/admission.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import { appPod } from './healthy-kubernetes.ts'
import { addObjects, type SnapshotChange } from './snapshot-builder.ts'

/** A webhook on the creation of pods, its Service, and its pods, one on each of the nodes. */
export function aWebhook({ nodes, ...over }: Partial<Webhook> & { readonly nodes: readonly string[] }): readonly SnapshotChange[] {
  const webhook: Webhook = {
    name: 'pods.policy.example.com',
    clientConfig: { service: { namespace: 'policy', name: 'hook' } },
    rules: [{ apiGroups: [''], operations: ['CREATE'], resources: ['pods'] }],
    failurePolicy: 'Fail',
    ...over,
  }
  const configuration: WebhookConfiguration = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'policy' },
    webhooks: [webhook],
  }
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'hook', namespace: 'policy' },
    spec: { selector: { app: 'hook' } },
  }
  const pods = nodes.map((node, index) => appPod('policy', `hook-${index}`, { app: 'hook' }, node))
  return [addObjects(configuration, service as KubernetesObject, ...pods)]
}
