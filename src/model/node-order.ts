import { labelsMatch } from './label-selector.ts'

/** When nodes may be taken out of service beside others; nodes by their labels, in selectors as kubectl takes them. */
export interface NodeOrder {
  /** The nodes that it speaks of. */
  readonly match: string
  /** Nodes that have to be through before these begin. */
  readonly after?: readonly string[]
  /** Nodes with which these are never drained at the same time; their own selector keeps them apart from each other. */
  readonly neverWith?: readonly string[]
}

export type Labels = Readonly<Record<string, string>> | undefined

/** Whether a node has to wait until another one is through. None waits for one that the same rule makes wait: nobody would begin. */
export function waitsFor({ match, after = [] }: NodeOrder, node: Labels, other: Labels): boolean {
  return after.length > 0 && labelsMatch(match, node) && !labelsMatch(match, other) && after.some((each) => labelsMatch(each, other))
}

/** Whether two nodes are never drained at the same time, whichever of them the rule names. */
export function areApart({ match, neverWith = [] }: NodeOrder, one: Labels, other: Labels): boolean {
  const isNamed = (a: Labels, b: Labels) => labelsMatch(match, a) && neverWith.some((each) => labelsMatch(each, b))
  return neverWith.length > 0 && (isNamed(one, other) || isNamed(other, one))
}
