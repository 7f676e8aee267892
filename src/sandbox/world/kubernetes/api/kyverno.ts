import { sameJson } from '../../../../model/same-json.ts'
import type { ObjectStore, StoredObject } from '../../../contract.ts'
import { isRecord } from '../../../record.ts'
import { kindsServed } from './custom-kinds.ts'
import type { DefinitionSpec } from './eks-definitions.ts'
import { definitionObject } from './eks-definitions.ts'
import { mutatedBy } from './kyverno-mutation.ts'
import type { PolicyRule } from './kyverno-rules.ts'
import { kindMatches, requireUnderstood, ruleApplies } from './kyverno-rules.ts'
import type { AdmissionRequest, NewObject } from './requests.ts'
import type { Backends, Outcome } from './webhook-backends.ts'
import type { Webhook } from './webhook-rules.ts'

/**
 * Kyverno as far as it changes what others write: ClusterPolicy objects with mutate rules, the webhook configuration that
 * follows from them, and what the webhook then does. Rules for the controllers of pods are not generated.
 * Sources: https://kyverno.io/docs/policy-types/cluster-policy/; kyverno/kyverno, pkg/controllers/webhook; its Helm chart's defaults.
 */
export function installKyverno(store: ObjectStore, backends: Backends, create: (object: NewObject) => void): void {
  create(definitionObject(CLUSTER_POLICIES))
  create({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'kyverno', labels: { 'kubernetes.io/metadata.name': 'kyverno' } },
    spec: {},
    status: { phase: 'Active' },
  })
  create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kyverno-svc', namespace: 'kyverno' },
    spec: { type: 'ClusterIP', ports: [{ port: 443 }] },
  })
  create({
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'kyverno-svc', namespace: 'kyverno' },
    subsets: [{ addresses: [{ ip: '10.0.255.10' }], ports: [{ port: 9443 }] }],
  })
  backends.add('kyverno/kyverno-svc', (request, webhook) => answer(store, request, webhook))
  store.subscribe(({ object }) => {
    if (object.kind === 'ClusterPolicy') keepConfiguration(store, create)
  })
  keepConfiguration(store, create)
}

const CLUSTER_POLICIES: DefinitionSpec = {
  group: 'kyverno.io',
  version: 'v1',
  kind: 'ClusterPolicy',
  plural: 'clusterpolicies',
  shortNames: ['cpol'],
  categories: ['kyverno'],
  subresources: { status: {} },
  columns: [
    { name: 'ADMISSION', type: 'boolean', jsonPath: '.spec.admission' },
    { name: 'BACKGROUND', type: 'boolean', jsonPath: '.spec.background' },
    { name: 'READY', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'AGE', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    { name: 'MESSAGE', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].message' },
  ],
  schema: {
    spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  },
}

interface PolicySpec {
  readonly rules?: readonly PolicyRule[]
  readonly failurePolicy?: 'Fail' | 'Ignore'
  readonly webhookTimeoutSeconds?: number
  readonly webhookConfiguration?: { readonly matchConditions?: Webhook['matchConditions'] }
}

const specOf = ({ spec }: StoredObject | NewObject): PolicySpec => (spec ?? {}) as PolicySpec
const CONFIGURATION = 'kyverno-resource-mutating-webhook-cfg'

/** Throws WireError 501 for a policy the sandbox would not do justice to. */
export function requireUnderstoodPolicy(policy: NewObject): void {
  for (const rule of specOf(policy).rules ?? []) if (isRecord(rule)) requireUnderstood(rule)
}

function answer(store: ObjectStore, request: AdmissionRequest, webhook: Webhook): Outcome {
  const policies = store.list('ClusterPolicy').filter((policy) => pathOf(policy) === webhook.clientConfig.service?.path)
  let object = request.object
  for (const policy of policies)
    for (const rule of specOf(policy).rules ?? [])
      if (object !== undefined && rule.mutate !== undefined && ruleApplies(rule, { ...request, object }))
        object = mutatedBy(rule, request, object)
  return { object }
}

/** Which of Kyverno's webhooks a policy is served by: its own when it has match conditions, else one per failure policy. */
function pathOf(policy: StoredObject): string {
  const { failurePolicy = 'Fail', webhookConfiguration } = specOf(policy)
  const path = `/mutate/${failurePolicy.toLowerCase()}`
  return webhookConfiguration?.matchConditions === undefined ? path : `${path}/finegrained/${policy.metadata.name}`
}

function keepConfiguration(store: ObjectStore, create: (object: NewObject) => void): void {
  const policies = store.list('ClusterPolicy').filter((policy) => (specOf(policy).rules ?? []).some((rule) => rule.mutate !== undefined))
  const paths = [...new Set(policies.map(pathOf))].sort()
  const webhooks = paths.map((path) =>
    webhookOf(
      store,
      path,
      policies.filter((policy) => pathOf(policy) === path),
    ),
  )
  const current = store.get('MutatingWebhookConfiguration', undefined, CONFIGURATION)
  if (current === undefined) create(configuration(webhooks))
  else if (!sameJson(current.webhooks, webhooks))
    store.update('MutatingWebhookConfiguration', undefined, CONFIGURATION, (object) => ({ ...object, webhooks }))
}

function configuration(webhooks: readonly unknown[]): NewObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: CONFIGURATION, labels: { 'webhook.kyverno.io/managed-by': 'kyverno' } },
    webhooks,
  }
}

function webhookOf(store: ObjectStore, path: string, policies: readonly StoredObject[]): Webhook & Record<string, unknown> {
  const specs = policies.map(specOf)
  const matchConditions = specs[0]?.webhookConfiguration?.matchConditions
  return {
    name: `mutate.kyverno.svc-${path.split('/').slice(2).join('-')}`,
    clientConfig: { service: { namespace: 'kyverno', name: 'kyverno-svc', path, port: 443 } },
    rules: rulesOf(store, specs),
    failurePolicy: path.startsWith('/mutate/fail') ? 'Fail' : 'Ignore',
    matchPolicy: 'Equivalent',
    namespaceSelector: {
      matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system', 'kyverno'] }],
    },
    objectSelector: {},
    reinvocationPolicy: 'IfNeeded',
    sideEffects: 'NoneOnDryRun',
    timeoutSeconds: Math.max(10, ...specs.map(({ webhookTimeoutSeconds = 10 }) => webhookTimeoutSeconds)),
    admissionReviewVersions: ['v1'],
    ...(matchConditions === undefined ? {} : { matchConditions }),
  }
}

/** One rule per kind that a policy matches, with the operations its rules ask for (CREATE and UPDATE unless they say). */
function rulesOf(store: ObjectStore, specs: readonly PolicySpec[]): Webhook['rules'] {
  const wanted = new Map<string, Set<string>>()
  for (const { rules = [] } of specs) {
    for (const { match } of rules) {
      const parts = [match, ...(match?.any ?? []), ...(match?.all ?? [])].flatMap((part) => part?.resources ?? [])
      for (const { kinds = [], operations = ['CREATE', 'UPDATE'] } of parts)
        for (const kind of kinds) wanted.set(kind, new Set([...(wanted.get(kind) ?? []), ...operations]))
    }
  }
  return [...wanted].flatMap(([pattern, operations]) =>
    kindsServed(store)
      .all.filter(({ kind }) => kindMatches(pattern, kind, undefined))
      .map(({ group, version, plural, namespaced }) => ({
        apiGroups: [group],
        apiVersions: [version],
        operations: [...operations],
        resources: plural === 'pods' ? ['pods', 'pods/ephemeralcontainers'] : [plural],
        scope: namespaced ? 'Namespaced' : 'Cluster',
      })),
  )
}
