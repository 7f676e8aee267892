import { ZONE_LABEL } from '../../../model/kubernetes.ts'
import type { NodeAccount } from './node-account.ts'
import type { NodeAccounts } from './node-accounts.ts'
import type { PodObject } from './objects.ts'
import { nodeTermMatches, tolerates } from './placement.ts'
import type { PodDetail, SpreadConstraint } from './pod-spec.ts'
import type { PodTerm } from './pod-terms.ts'

/** How much a pod likes a node; only the order matters. */
type Liking = (account: NodeAccount) => number

export interface Preferences {
  /** Over the nodes that take the pod. */
  likings(feasible: readonly NodeAccount[]): readonly number[]
  /** The liking as what a node's zone adds to it and what the node takes away, where it is no more than that. */
  readonly split?: { readonly key: string; readonly zone: Liking; readonly aversion: Liking }
}

const HOST_LABEL = 'kubernetes.io/hostname'

/** Weights of the default plugins. Source: getDefaultPlugins in k8s.io/kubernetes/pkg/scheduler/apis/config/v1. */
const TAINT_WEIGHT = 3
const AFFINITY_WEIGHT = 2
const SPREAD_WEIGHT = 2

/**
 * The preferences that a pod states, each brought to 0 to 100 over the nodes that take it, weighed and summed as the
 * scheduler does. Undefined for a pod without any. What placed pods prefer about newcomers is not asked.
 */
export function preferencesOf(accounts: NodeAccounts, pod: PodObject): Preferences | undefined {
  const parts = [...nodePart(pod), ...neighbourPart(accounts, pod), ...spreadPart(accounts, pod)]
  const spec: PodDetail = pod.spec ?? {}
  const avoids = accounts.hasPreferredTaints()
  if (parts.length === 0 && !avoids) return undefined
  const [only, ...others] = parts
  return {
    likings(feasible) {
      const scales = parts.map(({ liking, weight }) => scaledTo(feasible.map(liking), weight))
      const taints = avoids ? scaledTo(feasible.map(dislike(spec)), TAINT_WEIGHT) : undefined
      return feasible.map((_account, at) => scales.reduce((sum, scale) => sum + (scale[at] ?? 0), taints?.[at] ?? 0))
    },
    ...(avoids || others.length > 0 || only?.counts === undefined ? {} : splitOf(only.counts)),
  }
}

/**
 * One part alone needs no scale. Pods in a zone count alike for all its nodes, and those on a node must only make it worse: a node
 * becomes better only when a pod goes, and of that its account tells.
 */
function splitOf(counts: readonly Counted[]): Pick<Preferences, 'split'> {
  const ofZone = counts.filter(({ term }) => term.topologyKey === ZONE_LABEL)
  const ofNode = counts.filter(({ term, weight }) => term.topologyKey === HOST_LABEL && weight < 0)
  if (ofZone.length + ofNode.length < counts.length) return {}
  const key = counts.map(({ term, weight }) => `${weight} ${term.key}`).join()
  return { split: { key, zone: (account) => sumOf(ofZone, account), aversion: (account) => -sumOf(ofNode, account) } }
}

function sumOf(counts: readonly Counted[], { node }: NodeAccount): number {
  return counts.reduce((sum, { weight, term }) => sum + weight * (term.counts.get(node.metadata.labels?.[term.topologyKey] ?? '') ?? 0), 0)
}

function dislike(spec: PodDetail): Liking {
  return ({ node }) => -(node.spec?.taints ?? []).filter((taint) => taint.effect === 'PreferNoSchedule' && !tolerates(spec, taint)).length
}

function scaledTo(values: readonly number[], weight: number): readonly number[] {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return values.map((value) => (high === low ? 0 : (100 * weight * (value - low)) / (high - low)))
}

interface Part {
  readonly liking: Liking
  readonly weight: number
  /** What the liking is the sum of, where it counts pods. */
  readonly counts?: readonly Counted[]
}

/** Pods that are there, each with this weight. */
interface Counted {
  readonly term: PodTerm
  readonly weight: number
}

function counting(counts: readonly Counted[], weight: number): readonly Part[] {
  return counts.length === 0 ? [] : [{ liking: (account) => sumOf(counts, account), weight, counts }]
}

function nodePart(pod: PodObject): readonly Part[] {
  const preferred = pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
  if (preferred.length === 0) return []
  const liking: Liking = ({ node }) =>
    preferred.reduce((sum, { weight, preference }) => sum + (nodeTermMatches(preference, node) ? weight : 0), 0)
  return [{ liking, weight: AFFINITY_WEIGHT }]
}

function neighbourPart(accounts: NodeAccounts, pod: PodObject): readonly Part[] {
  const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {}
  const weighed = (list: NonNullable<typeof podAffinity>['preferredDuringSchedulingIgnoredDuringExecution'], sign: 1 | -1) =>
    (list ?? []).map(({ weight, podAffinityTerm }) => ({
      weight: sign * weight,
      term: accounts.terms.of(podAffinityTerm, pod.metadata.namespace ?? ''),
    }))
  const terms = [
    ...weighed(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution, 1),
    ...weighed(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution, -1),
  ]
  return counting(terms, AFFINITY_WEIGHT)
}

function spreadPart(accounts: NodeAccounts, pod: PodObject): readonly Part[] {
  const constraints: readonly SpreadConstraint[] = pod.spec?.topologySpreadConstraints ?? []
  const counts = constraints
    .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'ScheduleAnyway')
    .map((constraint) => ({ term: accounts.terms.spread(constraint, pod.metadata.labels, pod.metadata.namespace ?? ''), weight: -1 }))
  return counting(counts, SPREAD_WEIGHT)
}
