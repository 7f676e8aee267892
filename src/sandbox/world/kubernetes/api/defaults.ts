import type { ServedKind } from './kinds.ts'
import type { NewObject } from './requests.ts'

/** What the API server fills into a new object before anybody else sees it. Source: k8s.io/kubernetes, pkg/apis, `defaults.go` of each group. */
export function defaulted(kind: ServedKind, object: NewObject): NewObject {
  return kind.custom === undefined ? (DEFAULTS[kind.kind]?.(object) ?? object) : object
}

type Defaulting = (object: NewObject) => NewObject
type Spec = Record<string, unknown>

const DEFAULTS: Readonly<Record<string, Defaulting>> = {
  Namespace: (object) => ({
    ...withLabel(object, 'kubernetes.io/metadata.name', object.metadata.name),
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  }),
  Deployment: (object) =>
    withSpec(object, (spec) => ({
      replicas: 1,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      ...templated(spec),
    })),
  ReplicaSet: (object) => withSpec(object, (spec) => ({ replicas: 1, ...templated(spec) })),
  StatefulSet: (object) =>
    withSpec(object, (spec) => ({
      replicas: 1,
      podManagementPolicy: 'OrderedReady',
      revisionHistoryLimit: 10,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      ...templated(spec),
    })),
  DaemonSet: (object) =>
    withSpec(object, (spec) => ({
      revisionHistoryLimit: 10,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
      ...templated(spec),
    })),
  Service: (object) => withSpec(object, (spec) => ({ type: 'ClusterIP', sessionAffinity: 'None', ...spec })),
  MutatingWebhookConfiguration: (object) => withWebhooks(object, { reinvocationPolicy: 'Never' }),
  ValidatingWebhookConfiguration: (object) => withWebhooks(object, {}),
  CustomResourceDefinition: establishedDefinition,
}

function withSpec(object: NewObject, fill: (spec: Spec) => Spec): NewObject {
  return { ...object, spec: fill((object.spec ?? {}) as Spec) }
}

function withLabel(object: NewObject, key: string, value: string): NewObject {
  return { ...object, metadata: { ...object.metadata, labels: { [key]: value, ...object.metadata.labels } } }
}

function templated(spec: Spec): Spec {
  const template = spec.template as { spec?: Spec } | undefined
  return template?.spec === undefined ? spec : { ...spec, template: { ...template, spec: podSpec(template.spec) } }
}

function podSpec(spec: Spec): Spec {
  const serviceAccount = spec.serviceAccountName ?? spec.serviceAccount
  return {
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
    ...spec,
    ...(serviceAccount === undefined ? {} : { serviceAccountName: serviceAccount }),
  }
}

function withWebhooks(object: NewObject, rest: Spec): NewObject {
  if (!Array.isArray(object.webhooks)) return object
  const webhooks = (object.webhooks as readonly Spec[]).map((webhook) => ({
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    timeoutSeconds: 10,
    ...rest,
    ...webhook,
  }))
  return { ...object, webhooks }
}

/** The names that a definition leaves out, and the status of one whose names nobody else has: it is served at once. */
function establishedDefinition(object: NewObject): NewObject {
  const spec = (object.spec ?? {}) as Spec
  const given = (spec.names ?? {}) as Record<string, string>
  const names = { singular: given.kind?.toLowerCase(), listKind: `${given.kind}List`, ...given }
  const versions = Array.isArray(spec.versions) ? (spec.versions as readonly Spec[]) : []
  const conditions = [
    { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
    { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' },
  ]
  const storedVersions = versions.filter(({ storage }) => storage === true).map(({ name }) => name)
  return {
    ...object,
    spec: { conversion: { strategy: 'None' }, ...spec, names },
    status: { acceptedNames: names, conditions, storedVersions },
  }
}
