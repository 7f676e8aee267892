import { type NodeRequirement, selectorMatches, ZONE_LABEL } from '../../model/kubernetes.ts'
import type { RehearsedNode } from './nodes.ts'
import type { RehearsedPod } from './pods.ts'

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
const COMPARED = 24

export function createPlaces(nodes: readonly RehearsedNode[]): Places {
  const all = new Set(nodes)
  const shapes = new Map<string, Map<string, string | undefined>>()
  const domains = new Map<string, ReadonlySet<string>>()
  let order: RehearsedNode[] | undefined
  let next = 0

  /** What is against each class of nodes for pods of one shape, as far as it was asked. */
  function knownOf({ shape }: RehearsedPod): Map<string, string | undefined> {
    const known = shapes.get(shape) ?? new Map<string, string | undefined>()
    shapes.set(shape, known)
    return known
  }

  function domainsOf(key: string): ReadonlySet<string> {
    const known = domains.get(key) ?? new Set([...all].flatMap((node) => node.labels[key] ?? []))
    domains.set(key, known)
    return known
  }

  function changed(): void {
    order = undefined
    domains.clear()
  }

  function find(pod: RehearsedPod): RehearsedNode | Misfit {
    order ??= [...all]
    const against = new Map<string, number>()
    const fitting: RehearsedNode[] = []
    const rules = rulesFor(pod, domainsOf)
    const known = knownOf(pod)
    for (let seen = 0; seen < order.length && fitting.length < COMPARED; seen++) {
      const node = order[(next + seen) % order.length] as RehearsedNode
      if (!known.has(node.class)) known.set(node.class, staticMisfit(pod, node))
      const why = known.get(node.class) ?? momentaryMisfit(pod, node, rules)
      if (why === undefined) fitting.push(node)
      else against.set(why, (against.get(why) ?? 0) + 1)
    }
    next = (next + COMPARED) % Math.max(1, order.length)
    return best(fitting, pod) ?? { because: [...against].map(([why, count]) => `${count} ${why}`).join(', ') || 'there is no node' }
  }

  return {
    add(node) {
      all.add(node)
      changed()
    },
    remove(node) {
      all.delete(node)
      changed()
    },
    find,
  }
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

/** What cannot change while a node lives. */
function staticMisfit({ spec }: RehearsedPod, { labels, taints }: RehearsedNode): string | undefined {
  const selected = Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value)
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  const wanted = terms === undefined || terms.some(({ matchExpressions = [] }) => matchExpressions.every((one) => satisfies(one, labels)))
  if (!selected || !wanted) return "node(s) didn't match Pod's node affinity/selector"
  const tolerated = taints.every((taint) => spec.tolerations?.some((toleration) => tolerates(toleration, taint)))
  return tolerated ? undefined : 'node(s) had untolerated taint(s)'
}

function satisfies({ key, operator, values = [] }: NodeRequirement, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[key]
  if (operator === 'Gt') return value !== undefined && Number(value) > Number(values[0])
  if (operator === 'Lt') return value !== undefined && Number(value) < Number(values[0])
  return selectorMatches({ matchExpressions: [{ key, operator, values }] }, labels)
}

type Toleration = NonNullable<RehearsedPod['spec']['tolerations']>[number]

function tolerates(toleration: Toleration, taint: RehearsedNode['taints'][number]): boolean {
  if (toleration.effect !== undefined && toleration.effect !== '' && toleration.effect !== taint.effect) return false
  if (toleration.key === undefined || toleration.key === '') return toleration.operator === 'Exists'
  if (toleration.key !== taint.key) return false
  return toleration.operator === 'Exists' || (toleration.value ?? '') === (taint.value ?? '')
}

/** How many pods of the same owner each value of a topology has; only where a hard rule asks. */
interface Rule {
  readonly key: string
  /** 0 stands for required anti-affinity: none beside another. */
  readonly maxSkew: number
  readonly counts: ReadonlyMap<string, number>
  readonly least: number
}

/** Cordoned nodes count too: the scheduler ignores taints here unless it is told otherwise. */
function rulesFor(pod: RehearsedPod, domains: (key: string) => ReadonlySet<string>): readonly Rule[] {
  return hardRules(pod).map(({ key, maxSkew }) => {
    const counts = new Map([...domains(key)].map((value) => [value, 0]))
    for (const [node, count] of pod.siblings) {
      const value = node.labels[key]
      if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + count)
    }
    return { key, maxSkew, counts, least: maxSkew === 0 || counts.size === 0 ? 0 : Math.min(...counts.values()) }
  })
}

/** Required anti-affinity is a spread that allows none. */
function hardRules({ spec, labels }: RehearsedPod): readonly { readonly key: string; readonly maxSkew: number }[] {
  const apart = (spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [])
    .filter(({ labelSelector }) => selectorMatches(labelSelector, labels))
    .map(({ topologyKey }) => ({ key: topologyKey, maxSkew: 0 }))
  const spread = (spec.topologySpreadConstraints ?? [])
    .filter(({ whenUnsatisfiable, labelSelector }) => whenUnsatisfiable !== 'ScheduleAnyway' && selectorMatches(labelSelector, labels))
    .map(({ topologyKey = '', maxSkew = 1 }) => ({ key: topologyKey, maxSkew }))
  return [...apart, ...spread]
}

/** What depends on who is there now. */
function momentaryMisfit(pod: RehearsedPod, node: RehearsedNode, rules: readonly Rule[]): string | undefined {
  if (node.closed) return 'node(s) were unschedulable'
  return lacking(pod, node) ?? misplaced(node, rules)
}

function lacking(pod: RehearsedPod, node: RehearsedNode): string | undefined {
  if (node.freePods < 1) return 'Too many pods'
  if (node.freeCores < pod.cores - ROUNDING) return 'Insufficient cpu'
  if (node.freeBytes < pod.bytes) return 'Insufficient memory'
  if (pod.zones !== undefined && !pod.zones.includes(node.labels[ZONE_LABEL] ?? '')) return 'node(s) had volume node affinity conflict'
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
