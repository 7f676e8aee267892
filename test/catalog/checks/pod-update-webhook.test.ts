import { podUpdateWebhook } from '../../../src/catalog/checks/pod-update-webhook.ts'
import type { KyvernoPolicy, KyvernoRule, Webhook, WebhookConfiguration } from '../../../src/catalog/checks/reading/admission.ts'
import type { KubernetesObject, Pod, Workload } from '../../../src/model/kubernetes.ts'
import type { UpdateProbe } from '../../../src/model/snapshot.ts'
import { checkTable } from '../../support/check-table.ts'
import { addObjects, changeObject, type SnapshotChange } from '../../support/snapshot-builder.ts'

const USER = 'eks:vpc-resource-controller'

/** Security groups for pods are in use, and the database wears one. */
const inUse: readonly SnapshotChange[] = [
  changeObject<Workload>('DaemonSet', 'aws-node', (each) => {
    const containers = each.spec?.template?.spec?.containers?.map((container) => ({
      ...container,
      env: container.env?.map((entry) => (entry.name === 'ENABLE_POD_ENI' ? { ...entry, value: 'true' } : entry)),
    }))
    return { ...each, spec: { ...each.spec, template: { spec: { ...each.spec?.template?.spec, ...(containers && { containers }) } } } }
  }),
  changeObject<Pod>('Pod', 'db-0', (each) => ({
    ...each,
    spec: { ...each.spec, containers: [{ name: 'db', resources: { limits: { 'vpc.amazonaws.com/pod-eni': '1' } } }] },
  })),
  addObjects({ apiVersion: 'vpcresources.k8s.aws/v1beta1', kind: 'SecurityGroupPolicy', metadata: { name: 'db', namespace: 'shop' } }, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'shop', labels: { team: 'shop' } },
  } as KubernetesObject),
]

const REWRITES: KyvernoRule = {
  name: 'seccomp',
  match: { any: [{ resources: { kinds: ['Pod'] } }] },
  mutate: { patchStrategicMerge: { spec: { securityContext: { seccompProfile: { type: 'RuntimeDefault' } } } } },
}

function policy(rule: Partial<KyvernoRule>, spec: Partial<NonNullable<KyvernoPolicy['spec']>> = {}): readonly SnapshotChange[] {
  const object: KyvernoPolicy = {
    apiVersion: 'kyverno.io/v1',
    kind: 'ClusterPolicy',
    metadata: { name: 'restrict' },
    spec: { rules: [{ ...REWRITES, ...rule }], ...spec },
  }
  return [...inUse, addObjects(object)]
}

function webhook(over: Partial<Webhook>, name = 'sidecars'): readonly SnapshotChange[] {
  const rules = [{ apiGroups: [''], operations: ['CREATE', 'UPDATE'], resources: ['pods'] }]
  const configuration: WebhookConfiguration = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name },
    webhooks: [{ name: 'pods.sidecars.example.com', rules, ...over }],
  }
  return [...inUse, addObjects(configuration)]
}

const REFUSED = 'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`'
const dryRun = (probe: Partial<UpdateProbe>): SnapshotChange => {
  const updateProbes = [{ namespace: 'shop', pod: 'db-0', as: USER, accepted: true, ...probe }]
  return (snapshot) => ({ ...snapshot, kubernetes: { ...snapshot.kubernetes, updateProbes } })
}

const blocked = { verdict: 'block', subject: 'ClusterPolicy/restrict' } as const
const unclear = { verdict: 'unknown', subject: 'MutatingWebhookConfiguration/sidecars' } as const

checkTable(
  podUpdateWebhook,
  [
    { title: 'nothing but the pods', snapshot: inUse, verdict: 'pass', words: ['1 pod with branch interfaces'] },
    {
      title: 'a policy that rewrites the spec',
      snapshot: policy({}),
      ...blocked,
      words: ['seccomp', '1 pod (shop/db-0)', 'pod updates may not change'],
    },
    {
      title: 'the same while security groups for pods are not in use',
      snapshot: policy({}).slice(1),
      verdict: 'pass',
      words: ['not in use'],
    },
    {
      title: 'a policy that writes labels',
      snapshot: policy({ mutate: { patchStrategicMerge: { metadata: { labels: { a: 'b' } } } } }),
      verdict: 'pass',
    },
    { title: 'a JSON patch of the spec', snapshot: policy({ mutate: { patchesJson6902: '- path: /spec/priority' } }), ...blocked },
    {
      title: 'a policy about Deployments',
      snapshot: policy({ match: { any: [{ resources: { kinds: ['Deployment'] } }] } }),
      verdict: 'pass',
    },
    {
      title: 'a policy about creations only',
      snapshot: policy({ match: { any: [{ resources: { kinds: ['Pod'], operations: ['CREATE'] } }] } }),
      verdict: 'pass',
    },
    {
      title: 'a policy that leaves the controller out',
      snapshot: policy({ exclude: { any: [{ subjects: [{ kind: 'User', name: USER }] }] } }),
      verdict: 'pass',
    },
    {
      title: 'a policy that leaves somebody else out',
      snapshot: policy({ exclude: { any: [{ subjects: [{ kind: 'User', name: 'eks:other' }] }] } }),
      ...blocked,
    },
    {
      title: 'a match condition of its webhook',
      snapshot: policy({}, { webhookConfiguration: { matchConditions: [{ expression: `request.userInfo.username != '${USER}'` }] } }),
      verdict: 'pass',
    },
    {
      title: 'a webhook of which nobody knows what it does',
      snapshot: webhook({}),
      ...unclear,
      words: ['pods.sidecars.example.com', 'not known'],
    },
    {
      title: 'a webhook on creations',
      snapshot: webhook({ rules: [{ apiGroups: [''], operations: ['CREATE'], resources: ['pods'] }] }),
      verdict: 'pass',
    },
    {
      title: 'a webhook on something else',
      snapshot: webhook({ rules: [{ apiGroups: ['apps'], operations: ['*'], resources: ['*'] }] }),
      verdict: 'pass',
    },
    {
      title: 'a webhook on everything',
      snapshot: webhook({ rules: [{ apiGroups: ['*'], operations: ['*'], resources: ['*/*'] }] }),
      ...unclear,
    },
    {
      title: 'one that leaves the controller out',
      snapshot: webhook({ matchConditions: [{ expression: `request.userInfo.username != "${USER}"` }] }),
      verdict: 'pass',
    },
    {
      title: 'one whose condition may still be true of it',
      snapshot: webhook({ matchConditions: [{ expression: `request.userInfo.username != "${USER}" || true` }] }),
      ...unclear,
    },
    { title: 'one for other namespaces', snapshot: webhook({ namespaceSelector: { matchLabels: { team: 'pay' } } }), verdict: 'pass' },
    { title: 'one for this namespace', snapshot: webhook({ namespaceSelector: { matchLabels: { team: 'shop' } } }), ...unclear },
    { title: 'one for other pods', snapshot: webhook({ objectSelector: { matchLabels: { inject: 'yes' } } }), verdict: 'pass' },
    {
      title: 'a webhook that a dry run proves to rewrite',
      snapshot: [...webhook({}), dryRun({ accepted: false, message: REFUSED })],
      verdict: 'block',
      subject: 'MutatingWebhookConfiguration/sidecars',
      words: ['dry run of such an update of shop/db-0 was refused', 'may not change fields'],
    },
    {
      title: 'a webhook that a dry run as the controller clears',
      snapshot: [...webhook({}), dryRun({})],
      verdict: 'pass',
      words: ['dry runs of such an update of 1 pod were accepted'],
    },
    {
      title: 'a dry run as somebody else clears what makes no difference between users',
      snapshot: [...webhook({}), dryRun({ as: undefined })],
      verdict: 'pass',
    },
    {
      title: 'a dry run as somebody else says nothing about conditions on users',
      snapshot: [...webhook({ matchConditions: [{ expression: 'true' }] }), dryRun({ as: undefined })],
      ...unclear,
    },
    {
      title: 'a policy, and a dry run that proves it',
      snapshot: [...policy({}), dryRun({ accepted: false, message: REFUSED })],
      ...blocked,
      words: ['was refused'],
    },
    {
      title: 'a refusal that nothing explains',
      snapshot: [...inUse, dryRun({ accepted: false, message: REFUSED })],
      verdict: 'block',
      subject: 'Pod/shop/db-0',
      words: ['none of the webhooks and policies that were read'],
    },
    { title: "EKS's own", snapshot: webhook({}, 'vpc-resource-mutating-webhook'), verdict: 'pass' },
    {
      title: "Kyverno's, which does what its policies say",
      snapshot: webhook({}, 'kyverno-resource-mutating-webhook-cfg'),
      verdict: 'pass',
    },
  ],
  { snapshot: inUse },
)
