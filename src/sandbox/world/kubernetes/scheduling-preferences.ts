import type { NodeAccount, NodeAccounts } from './node-accounts.ts'
import type { PodObject } from './objects.ts'
import { nodeTermMatches, tolerates } from './placement.ts'
import type { PodDetail, SpreadConstraint } from './pod-spec.ts'

/** How much a pod likes a node; only the order matters. */
type Liking = (account: NodeAccount) => number

/** Weights of the default plugins. Source: getDefaultPlugins in k8s.io/kubernetes/pkg/scheduler/apis/config/v1. */
const TAINT_WEIGHT = 3
const AFFINITY_WEIGHT = 2
const SPREAD_WEIGHT = 2

/**
 * The preferences that a pod states, each brought to 0 to 100 over the nodes that take it, weighed and summed as the
 * scheduler does. Undefined for a pod without any. What placed pods prefer about newcomers is not asked.
 */
export function preferencesOf(
  accounts: NodeAccounts,
  pod: PodObject,
): ((feasible: readonly NodeAccount[]) => readonly number[]) | undefined {
  const parts = [...nodePart(pod), ...neighbourPart(accounts, pod), ...spreadPart(accounts, pod)]
  const spec: PodDetail = pod.spec ?? {}
  const avoids = accounts.hasPreferredTaints()
  if (parts.length === 0 && !avoids) return undefined
  return (feasible) => {
    const scales = parts.map(({ liking, weight }) => scaledTo(feasible.map(liking), weight))
    const taints = avoids ? scaledTo(feasible.map(dislike(spec)), TAINT_WEIGHT) : undefined
    return feasible.map((_account, at) => scales.reduce((sum, scale) => sum + (scale[at] ?? 0), taints?.[at] ?? 0))
  }
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
  if (terms.length === 0) return []
  const liking: Liking = ({ node }) =>
    terms.reduce((sum, { weight, term }) => sum + weight * (term.counts.get(node.metadata.labels?.[term.topologyKey] ?? '') ?? 0), 0)
  return [{ liking, weight: AFFINITY_WEIGHT }]
}

function spreadPart(accounts: NodeAccounts, pod: PodObject): readonly Part[] {
  const constraints: readonly SpreadConstraint[] = pod.spec?.topologySpreadConstraints ?? []
  const terms = constraints
    .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'ScheduleAnyway')
    .map((constraint) => accounts.terms.spread(constraint, pod.metadata.labels, pod.metadata.namespace ?? ''))
  if (terms.length === 0) return []
  const liking: Liking = ({ node }) =>
    -terms.reduce((sum, { topologyKey, counts }) => sum + (counts.get(node.metadata.labels?.[topologyKey] ?? '') ?? 0), 0)
  return [{ liking, weight: SPREAD_WEIGHT }]
}
