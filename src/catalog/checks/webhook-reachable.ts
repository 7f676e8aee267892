import { conditionOf, type KubernetesObject, type Pod } from '../../model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from '../../model/snapshot.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { asksAbout, asksAboutPods, type Webhook, type WebhookConfiguration } from './reading/admission.ts'
import { drainedNodes } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'
import { count } from './reading/wording.ts'

/** Every webhook that must answer before a pod of kube-system can be made has somebody to answer. */
export const webhookReachable: CheckDefinition = {
  code: 'WEBHOOK_UNREACHABLE',
  title: 'No webhook that fails closed can keep the pods of kube-system from being created',
  severity: 'block',
  waivable: true,
  needs: [
    'kubernetes:namespaces',
    'kubernetes:services',
    'kubernetes:pods',
    'kubernetes:mutatingwebhookconfigurations',
    'kubernetes:validatingwebhookconfigurations',
  ],
  prevents:
    'New nodes that never turn Ready: aws-node cannot be created on them, because a webhook that fails closed has nobody to answer, or had its only pod on a node that was just drained.',
  remedy: 'Bring its pods up, give it two replicas, or leave kube-system out by its namespaceSelector.',
  source: 'https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/',
  evaluate: ({ snapshot, plan, intent }) => {
    const drained = new Set(drainedNodes(snapshot, intent).map(({ metadata }) => metadata.name))
    const closed = closedToSystem(snapshot)
    return foundOr(
      closed.flatMap((one) => judge(one, backendOf(snapshot, one.webhook), drained)),
      plan,
      `${count(closed.length, 'webhook')} may keep pods of kube-system from being created; each has pods to answer.`,
    )
  },
}

interface Closed {
  readonly configuration: WebhookConfiguration
  readonly index: number
  readonly webhook: Webhook
}

/** Webhooks that fail closed, and are asked about the creation of aws-node's pods. */
function closedToSystem(snapshot: ClusterSnapshot): readonly Closed[] {
  const system = objectsOf<KubernetesObject>(snapshot, 'Namespace').find(({ metadata }) => metadata.name === 'kube-system')
  const labels = { 'kubernetes.io/metadata.name': 'kube-system', ...system?.metadata.labels }
  const configurations = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'].flatMap((kind) =>
    objectsOf<WebhookConfiguration>(snapshot, kind),
  )
  return configurations
    .flatMap((configuration) => (configuration.webhooks ?? []).map((webhook, index) => ({ configuration, index, webhook })))
    .filter(
      ({ webhook }) =>
        webhook.failurePolicy !== 'Ignore' &&
        webhook.clientConfig?.service !== undefined &&
        asksAboutPods(webhook, 'CREATE') &&
        asksAbout(webhook, labels, { 'k8s-app': 'aws-node', 'app.kubernetes.io/name': 'aws-node' }),
    )
}

interface Service extends KubernetesObject {
  readonly kind: 'Service'
  readonly spec?: { readonly selector?: Readonly<Record<string, string>> }
}

/** Ready pods behind a webhook; undefined where its Service has no selector, so that somebody else writes its endpoints. */
function backendOf(snapshot: ClusterSnapshot, { clientConfig }: Webhook): readonly Pod[] | undefined {
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

function judge(
  { configuration, index, webhook }: Closed,
  pods: readonly Pod[] | undefined,
  drained: ReadonlySet<string>,
): readonly CheckFinding[] {
  const { kind, metadata } = configuration
  const subject = `${kind}/${metadata.name}`
  const { namespace, name } = webhook.clientConfig?.service ?? {}
  const patch = [{ op: 'add', path: `/webhooks/${index}/namespaceSelector`, value: LEAVES_SYSTEM_OUT }]
  const remedy = `Bring it up (\`kubectl -n ${namespace} get pods\`), or leave kube-system out: \`kubectl patch ${kind.toLowerCase()} ${metadata.name} --type=json -p '${JSON.stringify(patch)}'\`.`
  if (pods?.length === 0) {
    const message = `The webhook ${webhook.name} fails closed for pods of kube-system, and Service ${namespace}/${name} has no ready pod to answer it: aws-node could not be created anywhere, and new nodes would never turn Ready.`
    return [{ verdict: 'block', subject, message, remedy }]
  }
  if (pods === undefined) {
    const message = `The webhook ${webhook.name} fails closed for pods of kube-system, and Service ${namespace}/${name} has no selector: whether anybody answers cannot be seen.`
    return [
      {
        verdict: 'unknown',
        subject,
        message,
        remedy: `Look: \`kubectl -n ${namespace} get endpointslices -l kubernetes.io/service-name=${name}\`. ${remedy}`,
      },
    ]
  }
  const [only, another] = pods
  if (only === undefined || another !== undefined || !drained.has(only.spec?.nodeName ?? '')) return []
  const message = `The webhook ${webhook.name} fails closed for pods of kube-system, and its only pod ${only.metadata.namespace}/${only.metadata.name} is on ${only.spec?.nodeName}, which this run drains: until it runs again, no aws-node can be created.`
  return [{ verdict: 'warn', subject, message, remedy: `Give it a second replica for the run. ${remedy}` }]
}

const LEAVES_SYSTEM_OUT = { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system'] }] }
