import { type KubernetesObject, type LabelSelector, selectorMatches } from '../../../model/kubernetes.ts'

/** Admission webhooks and policies as they stand in a snapshot: only the members that checks read. */

export interface WebhookConfiguration extends KubernetesObject {
  readonly webhooks?: readonly Webhook[]
}

export interface Webhook {
  readonly name: string
  readonly clientConfig?: {
    readonly url?: string
    readonly service?: { readonly namespace?: string; readonly name?: string; readonly path?: string }
  }
  readonly rules?: readonly {
    readonly apiGroups?: readonly string[]
    readonly operations?: readonly string[]
    readonly resources?: readonly string[]
  }[]
  readonly failurePolicy?: string
  readonly namespaceSelector?: LabelSelector
  readonly objectSelector?: LabelSelector
  readonly matchConditions?: readonly { readonly name?: string; readonly expression?: string }[]
}

export interface KyvernoPolicy extends KubernetesObject {
  readonly kind: 'ClusterPolicy'
  readonly spec?: {
    readonly rules?: readonly KyvernoRule[]
    readonly webhookConfiguration?: { readonly matchConditions?: Webhook['matchConditions'] }
  }
}

export interface KyvernoRule {
  readonly name?: string
  readonly match?: KyvernoFilter
  readonly exclude?: KyvernoFilter
  readonly mutate?: { readonly patchStrategicMerge?: Readonly<Record<string, unknown>>; readonly patchesJson6902?: string }
}

interface KyvernoFilter {
  readonly any?: readonly KyvernoClause[]
  readonly all?: readonly KyvernoClause[]
}

interface KyvernoClause {
  readonly resources?: { readonly kinds?: readonly string[]; readonly operations?: readonly string[] }
  readonly subjects?: readonly { readonly kind?: string; readonly name?: string }[]
}

/** Whether a webhook is asked about an operation on pods, wherever they are. */
export function asksAboutPods(webhook: Webhook, operation: 'CREATE' | 'UPDATE'): boolean {
  return asksAboutResource(webhook, operation, ['pods', '*', 'pods/*', '*/*'])
}

/** Whether a webhook is asked about an operation on a resource of the core group, as one of these patterns names it. */
export function asksAboutResource({ rules = [] }: Webhook, operation: 'CREATE' | 'UPDATE', patterns: readonly string[]): boolean {
  return rules.some(
    ({ apiGroups = [], operations = [], resources = [] }) =>
      apiGroups.some((group) => group === '' || group === '*') &&
      operations.some((one) => one === operation || one === '*') &&
      resources.some((one) => patterns.includes(one)),
  )
}

/** Whether a webhook is asked about an object with these labels in a namespace with those; an absent selector asks about all. */
export function asksAbout(
  { namespaceSelector, objectSelector }: Webhook,
  namespace: Readonly<Record<string, string>>,
  object: Readonly<Record<string, string>>,
): boolean {
  return admits(namespaceSelector, namespace) && admits(objectSelector, object)
}

/** Here, unlike in a budget, an empty selector matches everything. */
function admits(selector: LabelSelector | undefined, labels: Readonly<Record<string, string>>): boolean {
  const empty = Object.keys(selector?.matchLabels ?? {}).length === 0 && (selector?.matchExpressions ?? []).length === 0
  return empty || selectorMatches(selector, labels)
}

/** Whether conditions leave a user out: `request.userInfo.username != 'NAME'`. Other conditions may, but nobody can tell. */
export function leavesOut(conditions: Webhook['matchConditions'], user: string): boolean {
  return (conditions ?? []).some(({ expression = '' }) => {
    const [, named] = /request\.userInfo\.username\s*!=\s*["']([^"']+)["']/.exec(expression) ?? []
    return named === user && !expression.includes('||')
  })
}

/** Rules of a policy that change the spec of pods which are updated by a user, with their place in it. */
export function rulesThatRewrite(policy: KyvernoPolicy, user: string): readonly { readonly rule: KyvernoRule; readonly index: number }[] {
  if (leavesOut(policy.spec?.webhookConfiguration?.matchConditions, user)) return []
  return (policy.spec?.rules ?? [])
    .map((rule, index) => ({ rule, index }))
    .filter(({ rule }) => touchesSpec(rule.mutate) && clausesOf(rule.match).some(isAboutUpdatesOfPods) && !excludes(rule, user))
}

/** What is written into metadata alone does no harm here. */
function touchesSpec(mutate: KyvernoRule['mutate']): boolean {
  if (mutate?.patchesJson6902 !== undefined) return mutate.patchesJson6902.includes('/spec')
  return mutate?.patchStrategicMerge !== undefined && 'spec' in mutate.patchStrategicMerge
}

function clausesOf(filter: KyvernoFilter | undefined): readonly KyvernoClause[] {
  return [...(filter?.any ?? []), ...(filter?.all ?? [])]
}

/** A clause without operations is about creations and updates. */
function isAboutUpdatesOfPods({ resources }: KyvernoClause): boolean {
  const { kinds = [], operations = ['CREATE', 'UPDATE'] } = resources ?? {}
  return kinds.some((kind) => /^(\*\/)*(v1\/)?(Pod|\*)$/.test(kind)) && operations.includes('UPDATE')
}

function excludes({ exclude }: KyvernoRule, user: string): boolean {
  return (exclude?.any ?? []).some(({ subjects = [] }) => subjects.some(({ kind, name }) => kind === 'User' && name === user))
}
