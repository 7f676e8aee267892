import type { KubernetesObject, Pod } from '../../model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from '../../model/snapshot.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { asksAbout, asksAboutResource, type Webhook } from './reading/admission.ts'
import { drainedNodes, noGroupChanges } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'
import { backendOf, type Closed, closedWebhooks } from './reading/webhook-backends.ts'
import { count } from './reading/wording.ts'
import { movedPods } from './reading/workloads.ts'

/** Nothing that fails closed stands between a drain and its pods, or between a new node and the cluster. */
export const webhookDrain: CheckDefinition = {
  code: 'WEBHOOK_DRAIN',
  title: 'No webhook that fails closed can keep nodes from joining or pods from being evicted',
  severity: 'block',
  waivable: true,
  needs: [
    'kubernetes:namespaces',
    'kubernetes:nodes',
    'kubernetes:services',
    'kubernetes:pods',
    'kubernetes:mutatingwebhookconfigurations',
    'kubernetes:validatingwebhookconfigurations',
  ],
  notApplicable: noGroupChanges,
  prevents:
    'A run that stands still in the middle: the webhook that must allow evictions, or the registration of nodes, had its pods on the nodes that were just drained, and now nobody answers.',
  remedy:
    'Spread its pods over groups that do not go together, or set its failurePolicy to Ignore for the run (`kubectl edit validatingwebhookconfiguration NAME`).',
  source: 'https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/',
  evaluate: ({ snapshot, plan, intent }) => {
    const drained = new Set(drainedNodes(snapshot, intent).map(({ metadata }) => metadata.name))
    const namespaces = namespacesOf(snapshot, movedPods(snapshot, intent))
    const closed = [
      ...closedWebhooks(snapshot, (webhook) => guardsEvictions(webhook, namespaces)).map((one) => ({ one, what: 'evictions' })),
      ...closedWebhooks(snapshot, guardsNodes).map((one) => ({ one, what: 'the registration of nodes' })),
    ]
    const found = closed.flatMap(({ one, what }) => judge(one, what, backendOf(snapshot, one.webhook), drained))
    return foundOr(found, plan, `${count(closed.length, 'webhook')} must allow evictions or new nodes; each has pods to answer.`)
  },
}

type Labels = Readonly<Record<string, string>>

function namespacesOf(snapshot: ClusterSnapshot, pods: readonly Pod[]): readonly Labels[] {
  const used = new Set(pods.map(({ metadata }) => metadata.namespace ?? ''))
  const known = new Map(objectsOf<KubernetesObject>(snapshot, 'Namespace').map(({ metadata }) => [metadata.name, metadata.labels]))
  return [...used].map((name) => ({ 'kubernetes.io/metadata.name': name, ...known.get(name) }))
}

/** An Eviction has no labels of its own. */
function guardsEvictions(webhook: Webhook, namespaces: readonly Labels[]): boolean {
  return (
    asksAboutResource(webhook, 'CREATE', ['pods/eviction', 'pods/*', '*/*']) &&
    namespaces.some((namespace) => asksAbout(webhook, namespace, {}))
  )
}

/** Nodes are in no namespace: namespaceSelectors do not matter. */
function guardsNodes(webhook: Webhook): boolean {
  return asksAboutResource(webhook, 'CREATE', ['nodes', '*', '*/*']) && asksAbout({ ...webhook, namespaceSelector: undefined }, {}, {})
}

function judge(
  { configuration, index, webhook }: Closed,
  what: string,
  pods: readonly Pod[] | undefined,
  drained: ReadonlySet<string>,
): readonly CheckFinding[] {
  const { kind, metadata } = configuration
  const subject = `${kind}/${metadata.name}`
  const { namespace, name } = webhook.clientConfig?.service ?? {}
  const patch = [{ op: 'replace', path: `/webhooks/${index}/failurePolicy`, value: 'Ignore' }]
  const ignore = `\`kubectl patch ${kind.toLowerCase()} ${metadata.name} --type=json -p '${JSON.stringify(patch)}'\``
  if (pods === undefined) {
    const message = `The webhook ${webhook.name} fails closed for ${what}, and Service ${namespace}/${name} has no selector: whether anybody answers cannot be seen.`
    const remedy = `Look: \`kubectl -n ${namespace} get endpointslices -l kubernetes.io/service-name=${name}\`.`
    return [{ verdict: 'unknown', subject, message, remedy }]
  }
  if (pods.length === 0) {
    const message = `The webhook ${webhook.name} fails closed for ${what}, and Service ${namespace}/${name} has no ready pod to answer it.`
    return [{ verdict: 'block', subject, message, remedy: `Bring it up (\`kubectl -n ${namespace} get pods\`), or ${ignore} for the run.` }]
  }
  const nodes = new Set(pods.map(({ spec }) => spec?.nodeName ?? ''))
  const [only = ''] = nodes
  if (nodes.size > 1 || !drained.has(only)) return []
  const message = `The webhook ${webhook.name} fails closed for ${what}, and all of its ${count(pods.length, 'pod')} run on ${only}, which this run drains: until one runs elsewhere, nothing else moves.`
  return [{ verdict: 'warn', subject, message, remedy: `Spread its pods over two nodes, or ${ignore} for the run.` }]
}
