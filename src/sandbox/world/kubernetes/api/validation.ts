import type { ObjectStore } from '../../../contract.ts'
import { WireError } from '../../../contract.ts'
import type { FieldProblem } from './api-errors.ts'
import { invalidValue, notSupported, required } from './api-errors.ts'
import { kindsServed } from './custom-kinds.ts'
import type { ServedKind } from './kinds.ts'
import { requireUnderstoodPolicy } from './kyverno.ts'
import type { NewObject } from './requests.ts'
import { webhookProblems } from './webhook-validation.ts'

/**
 * What is wrong with an object, of the things people get wrong: names, labels, and the members their kind cannot be
 * without. Source: k8s.io/kubernetes, pkg/apis, in the folder `validation` of each group. The store is given for new objects only.
 */
export function creationProblems(kind: ServedKind, object: NewObject, store: ObjectStore | undefined): readonly FieldProblem[] {
  const own = KINDS[kind.kind]?.(object, store) ?? []
  return [...(store === undefined ? [] : nameProblems(kind, object)), ...labelProblems(object), ...own]
}

type Rule = (object: NewObject, store: ObjectStore | undefined) => readonly FieldProblem[]
type Spec = Record<string, unknown>

const KINDS: Readonly<Record<string, Rule>> = {
  Pod: ({ spec }) => podSpecProblems((spec ?? {}) as Spec, 'spec'),
  Deployment: workloadProblems,
  ReplicaSet: workloadProblems,
  DaemonSet: workloadProblems,
  StatefulSet: workloadProblems,
  PodDisruptionBudget: budgetProblems,
  Lease: leaseProblems,
  CustomResourceDefinition: definitionProblems,
  ClusterPolicy: policyProblems,
  MutatingWebhookConfiguration: webhookProblems,
  ValidatingWebhookConfiguration: webhookProblems,
}

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const SUBDOMAIN_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric " +
  "character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const LABEL_TEXT =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character " +
  "(e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"

/** Kinds whose names may hold colons and the like: only `/` and `%` are refused. */
const PATH_NAMES = new Set(['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'])

function nameProblems({ kind }: ServedKind, { metadata }: NewObject): readonly FieldProblem[] {
  const { name } = metadata
  const generateName = (metadata as { generateName?: string }).generateName
  if (!name) return generateName ? [] : [required('metadata.name', 'name or generateName is required')]
  if (PATH_NAMES.has(kind)) return /[/%]/.test(name) ? [invalidValue('metadata.name', name, "may not contain '/'")] : []
  const [form, text] = kind === 'Namespace' || kind === 'Service' ? [LABEL, LABEL_TEXT] : [SUBDOMAIN, SUBDOMAIN_TEXT]
  const longest = form === LABEL ? 63 : 253
  if (name.length > longest) return [invalidValue('metadata.name', name, `must be no more than ${longest} bytes`)]
  return form.test(name) ? [] : [invalidValue('metadata.name', name, text)]
}

const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/
const LABEL_KEY = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/
const VALUE_TEXT =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric " +
  "character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
const KEY_TEXT =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
  "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

function labelProblems({ metadata }: NewObject): readonly FieldProblem[] {
  return Object.entries(metadata.labels ?? {}).flatMap(([key, value]) => [
    ...(LABEL_KEY.test(key) ? [] : [invalidValue('metadata.labels', key, KEY_TEXT)]),
    ...(value.length > 63 ? [invalidValue('metadata.labels', value, 'must be no more than 63 bytes')] : []),
    ...(LABEL_VALUE.test(value) ? [] : [invalidValue('metadata.labels', value, VALUE_TEXT)]),
  ])
}

function podSpecProblems(spec: Spec, path: string): readonly FieldProblem[] {
  const containers = Array.isArray(spec.containers) ? (spec.containers as readonly Spec[]) : []
  if (containers.length === 0) return [required(`${path}.containers`)]
  const seen = new Set<unknown>()
  return containers.flatMap((container, index) => {
    const at = `${path}.containers[${index}]`
    const twice = seen.has(container.name)
    seen.add(container.name)
    return [
      ...(container.name ? [] : [required(`${at}.name`)]),
      ...(container.image ? [] : [required(`${at}.image`)]),
      ...(twice
        ? [{ field: `${at}.name`, reason: 'FieldValueDuplicate', message: `Duplicate value: ${JSON.stringify(container.name)}` } as const]
        : []),
    ]
  })
}

function workloadProblems({ spec: given }: NewObject): readonly FieldProblem[] {
  const spec = (given ?? {}) as Spec
  const template = (spec.template ?? {}) as { metadata?: { labels?: Record<string, string> }; spec?: Spec }
  const selector = spec.selector as { matchLabels?: Record<string, string> } | undefined
  const { replicas } = spec
  const problems: FieldProblem[] = []
  if (typeof replicas === 'number' && replicas < 0)
    problems.push(invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0'))
  if (selector === undefined) problems.push(required('spec.selector'))
  const labels = template.metadata?.labels ?? {}
  const differs = Object.entries(selector?.matchLabels ?? {}).some(([key, value]) => labels[key] !== value)
  if (differs) problems.push(invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'))
  return [...problems, ...podSpecProblems(template.spec ?? {}, 'spec.template.spec')]
}

function budgetProblems({ spec: given }: NewObject): readonly FieldProblem[] {
  const { minAvailable, maxUnavailable, unhealthyPodEvictionPolicy: policy } = (given ?? {}) as Spec
  const problems: FieldProblem[] = []
  if (minAvailable !== undefined && maxUnavailable !== undefined)
    problems.push(invalidValue('spec', given, 'minAvailable and maxUnavailable cannot be both set'))
  if (policy !== undefined && policy !== 'IfHealthyBudget' && policy !== 'AlwaysAllow')
    problems.push(notSupported('spec.unhealthyPodEvictionPolicy', policy, ['AlwaysAllow', 'IfHealthyBudget']))
  for (const [member, value] of Object.entries({ minAvailable, maxUnavailable }))
    if (typeof value === 'number' && value < 0) problems.push(invalidValue(`spec.${member}`, value, 'must be greater than or equal to 0'))
  return problems
}

function leaseProblems({ spec: given }: NewObject): readonly FieldProblem[] {
  const { leaseDurationSeconds, leaseTransitions } = (given ?? {}) as Spec
  const problems: FieldProblem[] = []
  if (typeof leaseDurationSeconds === 'number' && leaseDurationSeconds <= 0)
    problems.push(invalidValue('spec.leaseDurationSeconds', leaseDurationSeconds, 'must be greater than 0'))
  if (typeof leaseTransitions === 'number' && leaseTransitions < 0)
    problems.push(invalidValue('spec.leaseTransitions', leaseTransitions, 'must be greater than or equal to 0'))
  return problems
}

/** The sandbox tells kinds apart by their name alone, so a second kind of one name is refused by name. */
function definitionProblems({ metadata, spec: given }: NewObject, store: ObjectStore | undefined): readonly FieldProblem[] {
  const { group, names = {}, versions } = (given ?? {}) as { group?: string; names?: Record<string, string>; versions?: unknown }
  const problems: FieldProblem[] = []
  if (!group) problems.push(required('spec.group'))
  if (!Array.isArray(versions) || versions.length === 0)
    problems.push(invalidValue('spec.versions', null, 'must have exactly one version marked as storage version'))
  if (metadata.name !== `${names.plural}.${group}`)
    problems.push(invalidValue('metadata.name', metadata.name, 'must be spec.names.plural+"."+spec.group'))
  const other = store && kindsServed(store).all.find((kind) => kind.kind === names.kind && kind.group !== group)
  if (other)
    throw new WireError(
      501,
      'NotImplemented',
      `the sandbox cannot serve two kinds named ${names.kind}: one is of the group "${other.group}"`,
    )
  return problems
}

function policyProblems(policy: NewObject): readonly FieldProblem[] {
  requireUnderstoodPolicy(policy)
  return []
}
