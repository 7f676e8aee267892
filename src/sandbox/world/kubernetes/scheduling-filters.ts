import { demandOf, hostPortsOf } from './demand.ts'
import type { NodeAccount } from './node-account.ts'
import type { NodeAccounts } from './node-accounts.ts'
import type { Shape } from './node-shapes.ts'
import type { PodObject } from './objects.ts'
import type { PodDetail, SpreadConstraint } from './pod-spec.ts'
import type { PodTerm } from './pod-terms.ts'

/** Why a node does not take a pod now. What no eviction there could change is hopeless. */
export interface Refusal {
  readonly reasons: readonly string[]
  readonly hopeless: boolean
}

/** One filter of the scheduler for one pod. */
export interface Filter {
  (account: NodeAccount): Refusal | undefined
  /** Topology keys by which alone it tells nodes apart; absent when it looks at more of a node. */
  readonly keys?: readonly string[]
}

/**
 * The filters whose outcome changes with what runs where, for one pod, in the scheduler's order; labels and taints are
 * judged before. Reasons: k8s.io/kubernetes/pkg/scheduler/framework/plugins.
 */
export function filtersOf(accounts: NodeAccounts, shape: Shape, pod: PodObject): readonly Filter[] {
  const spec: PodDetail = pod.spec ?? {}
  return [...roomFilters(spec), ...spreadFilters(accounts, shape, pod), ...neighbourFilters(accounts, pod)]
}

/** Whether a node has the ports and the room for a pod. */
export function roomFilters(spec: PodDetail): readonly Filter[] {
  const ports = hostPortsOf(spec)
  const demand = demandOf(spec)
  return [
    ...(ports.length > 0 ? [portsFilter(ports)] : []),
    (account) => {
      if (account.pods < account.slots && account.cpu >= demand.cpu && account.memory >= demand.memory && hasOthers(account, demand.others))
        return undefined
      return { reasons: shortages(account, demand), hopeless: false }
    },
  ]
}

function hasOthers(account: NodeAccount, others: ReadonlyMap<string, number>): boolean {
  for (const [name, amount] of others) if (amount > 0 && (account.others.get(name) ?? 0) < amount) return false
  return true
}

function shortages(account: NodeAccount, demand: ReturnType<typeof demandOf>): readonly string[] {
  return [
    ...(account.pods >= account.slots ? ['Too many pods'] : []),
    ...(account.cpu < demand.cpu ? ['Insufficient cpu'] : []),
    ...(account.memory < demand.memory ? ['Insufficient memory'] : []),
    ...[...demand.others].flatMap(([name, amount]) =>
      amount > 0 && (account.others.get(name) ?? 0) < amount ? [`Insufficient ${name}`] : [],
    ),
  ]
}

function portsFilter(ports: readonly string[]): Filter {
  const taken = { reasons: ["node(s) didn't have free ports for the requested pod ports"], hopeless: false }
  return (account) => (ports.some((port) => (account.ports.get(port) ?? 0) > 0) ? taken : undefined)
}

function labelOf(account: NodeAccount, key: string): string | undefined {
  return account.node.metadata.labels?.[key]
}

function spreadFilters(accounts: NodeAccounts, shape: Shape, pod: PodObject): readonly Filter[] {
  const constraints: readonly SpreadConstraint[] = pod.spec?.topologySpreadConstraints ?? []
  return constraints
    .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule')
    .map((constraint) => spreadFilter(accounts, shape, pod, constraint))
}

/**
 * The pods of a domain may outnumber those of the emptiest by `maxSkew`. Domains are those of nodes that the pod selects,
 * tainted ones among them (nodeAffinityPolicy Honor, nodeTaintsPolicy Ignore, the defaults). Rule: plugins/podtopologyspread.
 */
function spreadFilter(accounts: NodeAccounts, shape: Shape, pod: PodObject, constraint: SpreadConstraint): Filter {
  const { topologyKey, maxSkew, minDomains = 1 } = constraint
  const term = accounts.terms.spread(constraint, pod.metadata.labels, pod.metadata.namespace ?? '')
  const domains = accounts.domainsOf(shape, topologyKey)
  const fewest = domains.size < minDomains ? 0 : Math.min(...[...domains].map((domain) => term.counts.get(domain) ?? 0))
  const own = term.matches(pod) ? 1 : 0
  const mismatch = "node(s) didn't match pod topology spread constraints"
  return by([topologyKey], (account) => {
    const domain = labelOf(account, topologyKey)
    if (domain === undefined) return { reasons: [`${mismatch} (missing required label)`], hopeless: true }
    return (term.counts.get(domain) ?? 0) + own - fewest > maxSkew ? { reasons: [mismatch], hopeless: false } : undefined
  })
}

function by(keys: readonly string[], filter: (account: NodeAccount) => Refusal | undefined): Filter {
  return Object.assign(filter, { keys })
}

function keysOf(terms: readonly PodTerm[]): readonly string[] {
  return terms.map(({ topologyKey }) => topologyKey)
}

/** Rule: plugins/interpodaffinity/filtering.go. */
function neighbourFilters(accounts: NodeAccounts, pod: PodObject): readonly Filter[] {
  const { terms } = accounts
  const namespace = pod.metadata.namespace ?? ''
  const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {}
  const near = (podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => terms.of(term, namespace))
  const far = (podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => terms.of(term, namespace))
  const shunned = [...terms.holders()].filter((term) => term.counts.size > 0 && term.matches(pod))
  const filters: Filter[] = []
  if (near.length > 0) filters.push(nearFilter(near, pod))
  if (far.length > 0) filters.push(crowded(far, "node(s) didn't match pod anti-affinity rules"))
  if (shunned.length > 0) filters.push(crowded(shunned, "node(s) didn't satisfy existing pods anti-affinity rules"))
  return filters
}

/** A pod may be the first of those it wants to be near, if it is one of them itself. */
function nearFilter(near: readonly PodTerm[], pod: PodObject): Filter {
  const isFirst = near.every((term) => term.counts.size === 0 && term.matches(pod))
  const away = { reasons: ["node(s) didn't match pod affinity rules"], hopeless: true }
  return by(keysOf(near), (account) => {
    const holds = near.every(({ topologyKey, counts }) => {
      const domain = labelOf(account, topologyKey)
      return domain !== undefined && (isFirst || (counts.get(domain) ?? 0) > 0)
    })
    return holds ? undefined : away
  })
}

function crowded(terms: readonly PodTerm[], reason: string): Filter {
  const refusal = { reasons: [reason], hopeless: false }
  return by(keysOf(terms), (account) => {
    const meets = terms.some(({ topologyKey, counts }) => {
      const domain = labelOf(account, topologyKey)
      return domain !== undefined && (counts.get(domain) ?? 0) > 0
    })
    return meets ? refusal : undefined
  })
}
