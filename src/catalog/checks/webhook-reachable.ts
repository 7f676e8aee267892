import type { KubernetesObject, Pod } from '../../model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from '../../model/snapshot.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { asksAbout, asksAboutPods } from './reading/admission.ts'
import { drainedNodes } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'
import { backendOf, type Closed, closedWebhooks } from './reading/webhook-backends.ts'
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

/** Webhooks that fail closed, and are asked about the creation of aws-node's pods. */
function closedToSystem(snapshot: ClusterSnapshot): readonly Closed[] {
  const system = objectsOf<KubernetesObject>(snapshot, 'Namespace').find(({ metadata }) => metadata.name === 'kube-system')
  const labels = { 'kubernetes.io/metadata.name': 'kube-system', ...system?.metadata.labels }
  const pod = { 'k8s-app': 'aws-node', 'app.kubernetes.io/name': 'aws-node' }
  return closedWebhooks(snapshot, (webhook) => asksAboutPods(webhook, 'CREATE') && asksAbout(webhook, labels, pod))
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
