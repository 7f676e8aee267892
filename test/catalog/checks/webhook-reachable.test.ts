import type { Webhook, WebhookConfiguration } from '../../../src/catalog/checks/reading/admission.ts'
import { webhookReachable } from '../../../src/catalog/checks/webhook-reachable.ts'
import type { KubernetesObject } from '../../../src/model/kubernetes.ts'
import { checkTable } from '../../support/check-table.ts'
import { GROUPS } from '../../support/healthy-cluster.ts'
import { appPod } from '../../support/healthy-kubernetes.ts'
import { addObjects, healthyGroupIntent, nodeNames, type SnapshotChange } from '../../support/snapshot-builder.ts'

const [first = '', second = ''] = nodeNames('app-a')
const noGroups = { groups: GROUPS.map((group) => healthyGroupIntent(group, { changes: false })) }

function configuration(over: Partial<Webhook> = {}, kind = 'ValidatingWebhookConfiguration'): SnapshotChange {
  const webhook: Webhook = {
    name: 'pods.policy.example.com',
    clientConfig: { service: { namespace: 'policy', name: 'hook' } },
    rules: [{ apiGroups: [''], operations: ['CREATE'], resources: ['pods'] }],
    failurePolicy: 'Fail',
    ...over,
  }
  const object: WebhookConfiguration = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: { name: 'policy' },
    webhooks: [webhook],
  }
  return addObjects(object)
}

const service = addObjects({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'hook', namespace: 'policy' },
  spec: { selector: { app: 'hook' } },
} as KubernetesObject)
const backends = (...nodes: readonly string[]) =>
  addObjects(...nodes.map((node, index) => appPod('policy', `hook-${index}`, { app: 'hook' }, node)))
const closed = { verdict: 'block', subject: 'ValidatingWebhookConfiguration/policy' } as const

checkTable(webhookReachable, [
  {
    title: 'a Service without pods',
    snapshot: [configuration(), service],
    ...closed,
    words: ['policy/hook has no ready pod', 'never turn Ready'],
  },
  { title: 'no such Service', snapshot: [configuration()], ...closed },
  {
    title: 'one of the mutating kind',
    snapshot: [configuration({}, 'MutatingWebhookConfiguration')],
    verdict: 'block',
    subject: 'MutatingWebhookConfiguration/policy',
  },
  { title: 'no word on failing: it fails closed', snapshot: [configuration({ failurePolicy: undefined })], ...closed },
  { title: 'one that fails open', snapshot: [configuration({ failurePolicy: 'Ignore' })], verdict: 'pass' },
  {
    title: 'one about updates only',
    snapshot: [configuration({ rules: [{ apiGroups: [''], operations: ['UPDATE'], resources: ['pods'] }] })],
    verdict: 'pass',
  },
  {
    title: 'one that leaves kube-system out',
    snapshot: [
      configuration({
        namespaceSelector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system'] }] },
      }),
    ],
    verdict: 'pass',
  },
  { title: 'one for other pods', snapshot: [configuration({ objectSelector: { matchLabels: { app: 'web' } } })], verdict: 'pass' },
  { title: 'one that is called by URL', snapshot: [configuration({ clientConfig: { url: 'https://127.0.0.1:23443' } })], verdict: 'pass' },
  {
    title: 'a Service whose endpoints somebody writes by hand',
    snapshot: [
      configuration(),
      addObjects({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'hook', namespace: 'policy' }, spec: {} } as KubernetesObject),
    ],
    verdict: 'unknown',
    subject: 'ValidatingWebhookConfiguration/policy',
    words: ['has no selector'],
  },
  { title: 'two pods', snapshot: [configuration(), service, backends(first, second)], verdict: 'pass' },
  {
    title: 'one pod, on a node that is drained',
    snapshot: [configuration(), service, backends(first)],
    verdict: 'warn',
    subject: 'ValidatingWebhookConfiguration/policy',
    words: ['only pod policy/hook-0', first],
  },
  { title: 'one pod, on a node that stays', snapshot: [configuration(), service, backends(first)], intent: noGroups, verdict: 'pass' },
])
