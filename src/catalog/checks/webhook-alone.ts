import { type KubernetesObject, NODEGROUP_LABEL, type Node, type Pod } from '../../model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from '../../model/snapshot.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { asksAbout, asksAboutPods } from './reading/admission.ts'
import { drainedNodes, noGroupChanges } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'
import { backendOf, type Closed, closedWebhooks } from './reading/webhook-backends.ts'
import { count } from './reading/wording.ts'

/** A webhook whose only pod is drained can keep that very pod from coming back. */
export const webhookAlone: CheckDefinition = {
  code: 'WEBHOOK_ALONE',
  title: 'No webhook that fails closed on pods runs as one pod on a node that is drained',
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
    'A drain that never ends: with its only pod gone the webhook answers nobody, so no evicted pod can be made anew, and where it asks itself about its own pod not even that one.',
  remedy: 'Give it two replicas on different nodes for the run: `kubectl -n NAMESPACE scale deployment NAME --replicas=2`.',
  source: 'https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/#webhook-limit-scope',
  evaluate: ({ snapshot, plan, intent }) => {
    const drained = new Map(drainedNodes(snapshot, intent).map((node) => [node.metadata.name, node]))
    const closed = closedWebhooks(snapshot, (webhook) => asksAboutPods(webhook, 'CREATE'))
    const found = closed.flatMap((one) => {
      const [only, another] = backendOf(snapshot, one.webhook) ?? []
      const node = drained.get(only?.spec?.nodeName ?? '')
      return only === undefined || another !== undefined || node === undefined ? [] : [judge(snapshot, one, only, node)]
    })
    return foundOr(
      found,
      plan,
      `${count(closed.length, 'webhook')} may keep pods from being made; none of them runs as one pod on a node that is drained.`,
    )
  },
}

function judge(snapshot: ClusterSnapshot, { configuration: { kind, metadata }, webhook }: Closed, pod: Pod, node: Node): CheckFinding {
  const { namespace = '', name, labels } = pod.metadata
  const own = asksAbout(webhook, namespaceLabels(snapshot, namespace), labels ?? {})
  const message =
    `The webhook ${webhook.name} fails closed on pods and its only pod ${namespace}/${name} is on ${node.metadata.name} of ${node.metadata.labels?.[NODEGROUP_LABEL]}, which this run drains: ` +
    (own
      ? 'it is asked about that very pod, which can then never be made anew.'
      : 'until it runs again, no pod that it is asked about can be made.')
  const scale = `kubectl -n ${namespace} scale deploy --replicas=2 ${name.replace(/-[a-z0-9]+-[a-z0-9]+$/, '')}`
  const remedy = own ? `\`${scale}\`, or leave ${namespace} out by the webhook's namespaceSelector.` : `\`${scale}\` for the run.`
  return { verdict: own ? 'block' : 'warn', subject: `${kind}/${metadata.name}`, message, remedy }
}

function namespaceLabels(snapshot: ClusterSnapshot, name: string): Readonly<Record<string, string>> {
  const found = objectsOf<KubernetesObject>(snapshot, 'Namespace').find(({ metadata }) => metadata.name === name)
  return { 'kubernetes.io/metadata.name': name, ...found?.metadata.labels }
}
