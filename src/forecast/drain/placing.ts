import { ZONE_LABEL } from '../../model/kubernetes.ts'
import { isAskedFor, staticMisfit } from './fitting.ts'
import type { RehearsedNode } from './nodes.ts'
import type { PlacingRule, RehearsedPod } from './pods.ts'

/**
 * Where evicted pods come up again, by the rules of the scheduler that keep a pod Pending: requests, pod slots, cordons, taints,
 * node selector, required node affinity, zones of volumes, required anti-affinity and hard topology spread.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/
 *
 * Anti-affinity and spread are counted among the pods of one owner, which is what their selectors nearly always say; a term
 * that does not select the pod itself, and affinity to other pods, are left out.
 */
export interface Places {
  readonly add: (node: RehearsedNode) => void
  readonly remove: (node: RehearsedNode) => void
  /** The node a pod would come to, or what is against the nearest ones, as the scheduler counts it. */
  readonly find: (pod: RehearsedPod) => RehearsedNode | Misfit
}

export interface Misfit {
  /** `3 Insufficient cpu, 2 node(s) had untolerated taint(s)` */
  readonly because: string
}

export function isMisfit(place: RehearsedNode | Misfit): place is Misfit {
  return 'because' in place
}

/** Of the nodes that fit so many are compared, as the scheduler does in large clusters; then the search is over. */
const COMPARED = 12

/** So many nodes that are closed or full may stand in the way of a search before they are taken out of it. */
const STALE = 64

interface Search {
  readonly all: Set<RehearsedNode>
  /** What is against each class of nodes for pods of each shape, as far as it was asked. */
  readonly shapes: Map<string, Map<string, string | undefined>>
  /** Values of a topology on nodes that pods of a shape ask for, by both. */
  readonly domains: Map<string, Domains>
  /** Why pods of one kind find no place, as long as no node comes or goes. */
  readonly reasons: Map<string, string>
  /** Nodes with room. Room only goes: what is drained is closed, and what is new comes on top. */
  roomy: RehearsedNode[]
  next: number
}

interface Domains {
  readonly key: string
  /** One pod of the shape. */
  readonly like: RehearsedPod
  readonly values: Set<string>
}

export function createPlaces(nodes: readonly RehearsedNode[]): Places {
  const search: Search = {
    all: new Set(nodes),
    shapes: new Map(),
    domains: new Map(),
    reasons: new Map(),
    roomy: nodes.filter(hasRoom),
    next: 0,
  }
  return {
    add(node) {
      search.all.add(node)
      search.roomy.push(node)
      search.reasons.clear()
      for (const domains of search.domains.values()) addDomain(domains, node)
    },
    remove(node) {
      search.all.delete(node)
      search.reasons.clear()
      // Other topologies outlive their nodes: a zone that had a node gets one again.
      for (const { key, values } of search.domains.values()) if (key === HOSTNAME) values.delete(node.labels[HOSTNAME] ?? '')
    },
    find: (pod) => find(search, pod),
  }
}

const HOSTNAME = 'kubernetes.io/hostname'

function hasRoom({ closed, freePods }: RehearsedNode): boolean {
  return !closed && freePods >= 1
}

function addDomain({ key, like, values }: Domains, node: RehearsedNode): void {
  const value = node.labels[key]
  if (value !== undefined && isAskedFor(like.facts.spec, node)) values.add(value)
}

function find(search: Search, pod: RehearsedPod): RehearsedNode | Misfit {
  const { roomy } = search
  const rules = rulesOf(search, pod)
  const fitting: RehearsedNode[] = []
  let stale = 0
  for (let seen = 0; seen < roomy.length && fitting.length < COMPARED; seen++) {
    const node = roomy[(search.next + seen) % roomy.length] as RehearsedNode
    if (!hasRoom(node)) stale++
    else if (misfitOf(search, pod, node, rules) === undefined) fitting.push(node)
  }
  search.next = (search.next + COMPARED) % Math.max(1, roomy.length)
  if (stale > STALE) search.roomy = roomy.filter(hasRoom)
  return best(fitting, pod) ?? { because: explained(search, pod, rules) }
}

function misfitOf({ shapes }: Search, pod: RehearsedPod, node: RehearsedNode, rules: readonly Rule[]): string | undefined {
  const known = shapes.get(pod.facts.shape) ?? new Map<string, string | undefined>()
  if (known.size === 0) shapes.set(pod.facts.shape, known)
  if (!known.has(node.class)) known.set(node.class, staticMisfit(pod.facts.spec, node))
  return known.get(node.class) ?? momentaryMisfit(pod, node, rules)
}

/** What is against each node, counted; pods alike have the same answer until a node comes or goes. */
function explained(search: Search, pod: RehearsedPod, rules: readonly Rule[]): string {
  const key = rules.length > 0 ? undefined : [pod.facts.shape, pod.facts.cores, pod.facts.bytes, pod.facts.zones].join('\n')
  const known = key === undefined ? undefined : search.reasons.get(key)
  if (known !== undefined) return known
  const against = new Map<string, number>()
  for (const node of search.all) {
    const why = misfitOf(search, pod, node, rules)
    if (why !== undefined) against.set(why, (against.get(why) ?? 0) + 1)
  }
  const because = [...against].map(([why, count]) => `${count} ${why}`).join(', ') || 'there is no node'
  if (key !== undefined) search.reasons.set(key, because)
  return because
}

/** The node with the fewest pods of the same owner, then the one with the most room for pods. */
function best(nodes: readonly RehearsedNode[], pod: RehearsedPod): RehearsedNode | undefined {
  let found: { readonly node: RehearsedNode; readonly own: number } | undefined
  for (const node of nodes) {
    const own = pod.siblings.get(node) ?? 0
    if (found === undefined || own < found.own || (own === found.own && node.freePods > found.node.freePods)) found = { node, own }
  }
  return found?.node
}

/** How many pods of the same owner each value of a topology has; only where a hard rule asks. */
interface Rule extends PlacingRule {
  readonly counts: ReadonlyMap<string, number>
  readonly least: number
}

/**
 * Cordoned nodes count too: the scheduler ignores taints here unless it is told otherwise, but honours node selector and affinity.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/#spread-constraint-definition
 */
function rulesOf(search: Search, pod: RehearsedPod): readonly Rule[] {
  return pod.facts.rules.map(({ key, maxSkew, minDomains = 1 }) => {
    const counts = new Map([...domainsOf(search, key, pod)].map((value) => [value, 0]))
    for (const [node, count] of pod.siblings) {
      const value = node.labels[key]
      if (value !== undefined && (maxSkew === 0 || counts.has(value))) counts.set(value, (counts.get(value) ?? 0) + count)
    }
    return { key, maxSkew, counts, least: maxSkew === 0 || counts.size < minDomains ? 0 : Math.min(...counts.values()) }
  })
}

function domainsOf({ all, domains }: Search, key: string, pod: RehearsedPod): ReadonlySet<string> {
  const name = `${key}\n${pod.facts.shape}`
  const known = domains.get(name)
  if (known !== undefined) return known.values
  const made: Domains = { key, like: pod, values: new Set() }
  for (const node of all) addDomain(made, node)
  domains.set(name, made)
  return made.values
}

/** What depends on who is there now. */
function momentaryMisfit(pod: RehearsedPod, node: RehearsedNode, rules: readonly Rule[]): string | undefined {
  if (node.closed) return 'node(s) were unschedulable'
  return lacking(pod, node) ?? misplaced(node, rules)
}

function lacking(pod: RehearsedPod, node: RehearsedNode): string | undefined {
  if (node.freePods < 1) return 'Too many pods'
  if (node.freeCores < pod.facts.cores - ROUNDING) return 'Insufficient cpu'
  if (node.freeBytes < pod.facts.bytes) return 'Insufficient memory'
  if (pod.facts.zones !== undefined && !pod.facts.zones.includes(node.labels[ZONE_LABEL] ?? ''))
    return 'node(s) had volume node affinity conflict'
  return undefined
}

function misplaced(node: RehearsedNode, rules: readonly Rule[]): string | undefined {
  for (const { key, maxSkew, counts, least } of rules) {
    const there = counts.get(node.labels[key] ?? '') ?? 0
    if (maxSkew === 0 && there > 0) return "node(s) didn't match pod anti-affinity rules"
    if (maxSkew > 0 && there + 1 - least > maxSkew) return "node(s) didn't match pod topology spread constraints"
  }
  return undefined
}

/** Sums of tenths of a core are not exact. */
const ROUNDING = 1e-9
