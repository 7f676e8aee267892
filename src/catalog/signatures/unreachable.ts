import { about, says, type Weighed } from './definition.ts'
import type { ClusterFacts, NodeFact, PodFact } from './facts.ts'
import { few, nodesOf } from './reading.ts'

/** Pods that run and that nothing reaches, on nodes whose aws-node serves, with those beside them that are reached. */
export interface CutOff {
  readonly nodes: readonly NodeFact[]
  readonly never: readonly PodFact[]
  /** Reached for minutes, and then no more. */
  readonly forAWhile: readonly PodFact[]
  /** Whether the same pods are reached on other nodes: the node is the difference, not the application. */
  readonly elsewhere: readonly Weighed[]
}

export function cutOff({ unreachable, serving }: ClusterFacts): CutOff | undefined {
  const on = unreachable.filter(({ node }) => node !== undefined && serving.includes(node))
  if (on.length === 0) return undefined
  const nodes = nodesOf(on)
  const others = serving.filter((node) => !nodes.includes(node))
  return {
    nodes,
    never: on.filter(({ wasReadyFor = 0 }) => wasReadyFor === 0),
    forAWhile: on.filter(({ wasReadyFor = 0 }) => wasReadyFor > 0),
    elsewhere: others.slice(0, 3).map((node) => says(1, about(node), 'no pod is cut off here')),
  }
}

export function cutOffEvidence(pods: readonly PodFact[], weight: 1 | 2, words: string): readonly Weighed[] {
  return [...Map.groupBy(pods, ({ node }) => node?.name ?? '')].map(([node, all]) =>
    says(weight, `Node/${node}`, `${all.length} pods ${words}: ${few(all.map(({ key }) => key))}`),
  )
}
