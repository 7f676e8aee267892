import type { Remedy } from '../../model/diagnosis.ts'
import type { FailureCause } from '../../model/failure.ts'
import type { Evidence } from '../../model/verdict.ts'
import type { ClusterFacts, NodeFact, PodFact } from './facts.ts'

/** How much a fact counts: 1 fits, 2 tells causes apart, 4 says it outright. */
export interface Weighed extends Evidence {
  readonly weight: 1 | 2 | 3 | 4
}

/** A signature that was found. Nothing in a snapshot can be found in its name: whoever matches reads facts only. */
export interface Match {
  readonly nodes: readonly NodeFact[]
  readonly pods: readonly PodFact[]
  readonly evidence: readonly Weighed[]
  readonly against: readonly Weighed[]
}

export interface Signature {
  /** Stable: `F05` of aws-node that is not Ready, `P01` of pods without a network. */
  readonly code: string
  readonly title: string
  readonly source: string
  /** Codes that this one explains where both are found on the same nodes or pods. */
  readonly explains?: readonly string[]
  /** What a failure counts as that comes from this, where the gate that noticed it cannot know. */
  readonly answeredAs?: FailureCause
  /** Parts of a snapshot without which it cannot be found. */
  readonly needs: readonly string[]
  /** What to read to be surer. */
  readonly collect?: (match: Match) => readonly string[]
  /** The match; why it was looked for and is not it; or undefined when nothing reminds of it. */
  readonly match: (facts: ClusterFacts) => Match | { readonly rejected: string } | undefined
  readonly remedy: (match: Match, facts: ClusterFacts) => Remedy
}

export function isMatch(answer: ReturnType<Signature['match']>): answer is Match {
  return answer !== undefined && 'evidence' in answer
}

export function says(weight: Weighed['weight'], subject: string, text: string): Weighed {
  return { subject, says: text, weight }
}

export const about = (node: NodeFact): string => `Node/${node.name}`
export const aboutPod = (pod: PodFact): string => `Pod/${pod.key}`

/** A match, or undefined when nothing shows it. */
export function matched(match: Partial<Match>): Match | undefined {
  const { nodes = [], pods = [], evidence = [], against = [] } = match
  return evidence.length === 0 ? undefined : { nodes, pods, evidence, against }
}

export function byPerson(text: string, ...commands: readonly string[]): Remedy {
  return { disposition: 'person', text, commands }
}

export function automatic(text: string, cure: Remedy['cure'], ...commands: readonly string[]): Remedy {
  return { disposition: 'automatic', text, commands, ...(cure && { cure }) }
}
