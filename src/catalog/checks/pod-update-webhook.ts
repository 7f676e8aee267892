import type { KubernetesObject, LabelSelector, Pod } from '../../model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf, type UpdateProbe } from '../../model/snapshot.ts'
import type { CheckDefinition, CheckFinding, CheckInput } from './definition.ts'
import {
  asksAbout,
  asksAboutPods,
  type KyvernoPolicy,
  leavesOut,
  rulesThatRewrite,
  type Webhook,
  type WebhookConfiguration,
} from './reading/admission.ts'
import { hasBranch } from './reading/pod-network.ts'
import { awsNodeDaemonSet, awsNodeEnvironment } from './reading/pool-settings.ts'
import { foundOr } from './reading/verdicts.ts'
import { count, names } from './reading/wording.ts'

/** Who annotates a pod with its branch interface. */
const CONTROLLER = 'eks:vpc-resource-controller'
/** EKS's own webhooks, which change no pod that is updated. */
const OF_EKS = new Set(['vpc-resource-mutating-webhook', 'pod-identity-webhook'])
const KYVERNO = /^kyverno-.*mutating-webhook-cfg$/

/** Nothing rewrites a pod that the VPC resource controller annotates. */
export const podUpdateWebhook: CheckDefinition = {
  code: 'POD_UPDATE_WEBHOOK',
  title: 'Where security groups for pods are in use, no webhook or policy rewrites pods that are updated',
  severity: 'block',
  waivable: true,
  needs: [
    'kubernetes:daemonsets',
    'kubernetes:pods',
    'kubernetes:namespaces',
    'kubernetes:mutatingwebhookconfigurations',
    'kubernetes:securitygrouppolicies',
    'kubernetes:clusterpolicies',
  ],
  notApplicable,
  prevents:
    'Pods stuck in ContainerCreating after a drain: a policy adds to the immutable spec of every pod that is updated, so the API server refuses the annotation with the branch interface; each try makes and deletes an interface, and the EC2 budget goes with it.',
  remedy: 'Leave the controller out of the webhook or policy, by user eks:vpc-resource-controller, or have it act on CREATE only.',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/issues/2814',
  evaluate: ({ snapshot, plan }) => {
    const guarded = guardedPods(snapshot)
    const policies = objectsOf<KyvernoPolicy>(snapshot, 'ClusterPolicy')
    const configurations = objectsOf<WebhookConfiguration>(snapshot, 'MutatingWebhookConfiguration')
    const others = configurations.filter(({ metadata }) => !OF_EKS.has(metadata.name) && !KYVERNO.test(metadata.name))
    const namespaces = new Map(
      objectsOf<KubernetesObject>(snapshot, 'Namespace').map(({ metadata }) => [metadata.name, metadata.labels ?? {}]),
    )
    const probes = snapshot.kubernetes.updateProbes ?? []
    const named = [
      ...policies.flatMap((policy) => judgePolicy(policy, guarded, probes)),
      ...others.flatMap((configuration) => judgeWebhooks(configuration, guarded, namespaces, probes)),
    ]
    const found = named.some(({ verdict }) => verdict === 'block') ? named : [...named, ...probes.flatMap(refusedByNobody)]
    const message = `${count(guarded.length, 'pod')} with branch interfaces; ${others.length} other webhook configurations and ${policies.length} Kyverno policies looked at, none that rewrites them${tried(probes)}.`
    return foundOr(found, plan, message)
  },
}

function notApplicable({ snapshot }: CheckInput): string | undefined {
  const daemonSet = awsNodeDaemonSet(snapshot)
  if (daemonSet === undefined) return undefined
  const podEni = awsNodeEnvironment(daemonSet).find(({ name }) => name === 'ENABLE_POD_ENI')?.value
  return podEni === 'true' ? undefined : 'Security groups for pods are not in use: ENABLE_POD_ENI is not "true".'
}

interface SecurityGroupPolicy extends KubernetesObject {
  readonly kind: 'SecurityGroupPolicy'
  readonly spec?: { readonly podSelector?: LabelSelector }
}

/** Pods that ask for a branch interface. */
function guardedPods(snapshot: ClusterSnapshot): readonly Pod[] {
  const namespaces = new Set(objectsOf<SecurityGroupPolicy>(snapshot, 'SecurityGroupPolicy').map(({ metadata }) => metadata.namespace))
  return objectsOf<Pod>(snapshot, 'Pod').filter((pod) => namespaces.has(pod.metadata.namespace) && hasBranch(pod))
}

function judgePolicy(policy: KyvernoPolicy, pods: readonly Pod[], probes: readonly UpdateProbe[]): readonly CheckFinding[] {
  const { name } = policy.metadata
  return rulesThatRewrite(policy, CONTROLLER).map(({ rule, index }) => {
    const clause = { subjects: [{ kind: 'User', name: CONTROLLER }] }
    const [path, value] = rule.exclude?.any === undefined ? ['exclude', { any: [clause] }] : ['exclude/any/-', clause]
    const patch = [{ op: 'add', path: `/spec/rules/${index}/${path}`, value }]
    return {
      verdict: 'block',
      subject: `ClusterPolicy/${name}`,
      message: `Rule ${rule.name ?? index} of the Kyverno policy ${name} rewrites the spec of pods on UPDATE, which no update may change. ${refusal(probes)}${consequence(pods)}`,
      remedy: `\`kubectl patch clusterpolicy ${name} --type=json -p '${JSON.stringify(patch)}'\`, or have its match name \`operations: [CREATE]\`.`,
    }
  })
}

/** What the code behind a webhook does, nobody can read: unknown, unless it is kept away from the controller, or a dry run told. */
function judgeWebhooks(
  { metadata, webhooks = [] }: WebhookConfiguration,
  pods: readonly Pod[],
  namespaces: ReadonlyMap<string, Readonly<Record<string, string>>>,
  probes: readonly UpdateProbe[],
): readonly CheckFinding[] {
  const concerned = (webhook: Webhook) =>
    pods.filter(({ metadata: { namespace = '', labels = {} } }) => asksAbout(webhook, namespaces.get(namespace) ?? {}, labels))
  return webhooks.flatMap((webhook, index): CheckFinding[] => {
    const reached = concerned(webhook)
    if (!asksAboutPods(webhook, 'UPDATE') || leavesOut(webhook.matchConditions, CONTROLLER)) return []
    if (pods.length > 0 && reached.length === 0) return []
    const told = probes.filter((probe) =>
      reached.some(({ metadata }) => metadata.namespace === probe.namespace && metadata.name === probe.pod),
    )
    if (clears(told, webhook)) return []
    const proof = refusal(told)
    const condition = { name: 'not-the-vpc-resource-controller', expression: `request.userInfo.username != "${CONTROLLER}"` }
    const [path, value] = webhook.matchConditions === undefined ? ['matchConditions', [condition]] : ['matchConditions/-', condition]
    const patch = [{ op: 'add', path: `/webhooks/${index}/${path}`, value }]
    return [
      {
        verdict: proof === '' ? 'unknown' : 'block',
        subject: `MutatingWebhookConfiguration/${metadata.name}`,
        message:
          proof === ''
            ? `The webhook ${webhook.name} is asked about every UPDATE of pods, and what it does to them is not known. If it changes their spec: ${consequence(reached)}`
            : `The webhook ${webhook.name} is asked about every UPDATE of pods. ${proof}${consequence(reached)}`,
        remedy:
          `See what it does: \`kubectl annotate pod POD serin-probe=1 --dry-run=server\`; to keep it away from the controller: ` +
          `\`kubectl patch mutatingwebhookconfiguration ${metadata.name} --type=json -p '${JSON.stringify(patch)}'\`.`,
      },
    ]
  })
}

/** What a dry run was refused with, as a sentence; empty where none was. */
function refusal(probes: readonly UpdateProbe[]): string {
  const refused = probes.find(({ accepted }) => !accepted)
  return refused === undefined ? '' : `A dry run of such an update of ${refused.namespace}/${refused.pod} was refused: ${refused.message}. `
}

/** Tried as the controller, or by a webhook that makes no difference between users. */
function clears(probes: readonly UpdateProbe[], { matchConditions }: Webhook): boolean {
  return probes.length > 0 && probes.every(({ accepted, as }) => accepted && (as === CONTROLLER || matchConditions === undefined))
}

function tried(probes: readonly UpdateProbe[]): string {
  return probes.length === 0 ? '' : `; dry runs of such an update of ${count(probes.length, 'pod')} were accepted`
}

/** Refused, and nothing that was read explains it: a policy of another kind, or of one namespace. */
function refusedByNobody({ namespace, pod, accepted, message }: UpdateProbe): readonly CheckFinding[] {
  if (accepted) return []
  return [
    {
      verdict: 'block',
      subject: `Pod/${namespace}/${pod}`,
      message: `A dry run of an update of ${namespace}/${pod}, such as the VPC resource controller makes, was refused: ${message}. What rewrites it is none of the webhooks and policies that were read.`,
      remedy: `See who: \`kubectl annotate pod -n ${namespace} ${pod} serin-probe=1 --dry-run=server -o yaml\` and \`kubectl get mutatingadmissionpolicies,policies.kyverno.io -A\`; leave out the user ${CONTROLLER}.`,
    },
  ]
}

function consequence(pods: readonly Pod[]): string {
  const who =
    pods.length === 0
      ? 'New pods with a security group of their own'
      : `${count(pods.length, 'pod')} (${names(pods.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`))})`
  return `${who} would get no address once started anew: the annotation with the branch interface is refused with "pod updates may not change fields other than …".`
}
