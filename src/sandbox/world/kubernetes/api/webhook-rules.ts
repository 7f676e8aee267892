import { selectorMatches } from '../../../../model/kubernetes.ts'
import type { ObjectStore } from '../../../contract.ts'
import { parseExpression } from './match-expression.ts'
import type { AdmissionRequest } from './requests.ts'

/** A webhook of a configuration, with what the API server fills in. */
export interface Webhook {
  readonly name: string
  readonly clientConfig: {
    readonly service?: { readonly namespace: string; readonly name: string; readonly path?: string; readonly port?: number }
    readonly url?: string
  }
  readonly rules?: readonly Rule[]
  readonly failurePolicy?: 'Fail' | 'Ignore'
  readonly sideEffects?: string
  readonly timeoutSeconds?: number
  readonly reinvocationPolicy?: 'Never' | 'IfNeeded'
  readonly namespaceSelector?: Selector
  readonly objectSelector?: Selector
  readonly matchConditions?: readonly { readonly name: string; readonly expression: string }[]
}

interface Rule {
  readonly operations?: readonly string[]
  readonly apiGroups?: readonly string[]
  readonly apiVersions?: readonly string[]
  readonly resources?: readonly string[]
  readonly scope?: string
}

type Selector = Parameters<typeof selectorMatches>[0]

/** Whether the API server calls a webhook for a request. Source: k8s.io/apiserver, pkg/admission/plugin/webhook/predicates. */
export function webhookMatches(store: Pick<ObjectStore, 'get'>, webhook: Webhook, request: AdmissionRequest): boolean {
  if (!(webhook.rules ?? []).some((rule) => ruleMatches(rule, request))) return false
  if (!namespaceMatches(store, webhook.namespaceSelector, request)) return false
  if (!objectMatches(webhook.objectSelector, request)) return false
  const variables = conditionVariables(request)
  return (webhook.matchConditions ?? []).every(({ expression }) => parseExpression(expression)?.(variables) === true)
}

function ruleMatches(rule: Rule, { operation, kind, subresource }: AdmissionRequest): boolean {
  const { operations = [], apiGroups = [], apiVersions = [], resources = [], scope = '*' } = rule
  if (scope !== '*' && (scope === 'Namespaced') !== kind.namespaced) return false
  return (
    includes(operations, operation) &&
    includes(apiGroups, kind.group) &&
    includes(apiVersions, kind.version) &&
    resources.some((resource) => resourceMatches(resource, kind.plural, subresource))
  )
}

function includes(wanted: readonly string[], value: string): boolean {
  return wanted.includes('*') || wanted.includes(value)
}

/** `pods`, `pods/status`, `pods/*`, `*`, or `*` on both sides of the slash: a bare `*` means whole objects only. */
function resourceMatches(pattern: string, plural: string, subresource: string | undefined): boolean {
  const [resource, part] = pattern.split('/')
  if (resource !== '*' && resource !== plural) return false
  return part === '*' || part === subresource
}

function isEmpty(selector: Selector): boolean {
  return Object.keys(selector?.matchLabels ?? {}).length + (selector?.matchExpressions?.length ?? 0) === 0
}

/** No selector asks nothing, like an empty one. A Namespace is judged by its own labels. */
function namespaceMatches(store: Pick<ObjectStore, 'get'>, selector: Selector, request: AdmissionRequest): boolean {
  if (isEmpty(selector)) return true
  if (request.kind.kind === 'Namespace') return selectorMatches(selector, (request.object ?? request.oldObject)?.metadata.labels)
  if (request.namespace === undefined) return true
  return selectorMatches(selector, store.get('Namespace', undefined, request.namespace)?.metadata.labels)
}

function objectMatches(selector: Selector, { object, oldObject }: AdmissionRequest): boolean {
  if (isEmpty(selector)) return true
  return [object, oldObject].some((each) => each !== undefined && selectorMatches(selector, each.metadata.labels))
}

function conditionVariables(request: AdmissionRequest): Record<string, unknown> {
  const { operation, kind, subresource, namespace, name, object, oldObject, user, dryRun } = request
  const { group, version, plural } = kind
  return {
    request: {
      operation,
      kind: { group, version, kind: kind.kind },
      resource: { group, version, resource: plural },
      subResource: subresource ?? '',
      namespace: namespace ?? '',
      name,
      userInfo: user,
      dryRun,
    },
    object,
    oldObject,
  }
}
