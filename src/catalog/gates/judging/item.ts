import type { NodeFacts } from '../../../model/seen.ts'
import type { Evidence, Verdict } from '../../../model/verdict.ts'

/** One thing a gate judges (mostly a node), with its own verdict. */
export interface Item {
  /** `Node/ip-10-0-1-7` */
  readonly subject: string
  readonly name: string
  readonly verdict: Verdict
  /** Without the name: `aws-node has restarted 3 times since 10:02 UTC`. For the evidence. */
  readonly says: string
  /** With the name, as the reason prints it. */
  readonly sentence: string
  /** Not failed yet, but showing what a failing one shows: named beside it when another fails. */
  readonly suspect?: boolean
}

/** One thing the run has not touched, and how it fares by the same measure. */
export interface Control {
  readonly name: string
  /** `unreadable`: it can tell nothing now. */
  readonly state: 'fine' | 'fails' | 'unreadable'
}

/** What a gate says of one node: judged, or left out with the reason. */
export type NodeSays =
  | {
      readonly verdict: Verdict
      readonly says: string
      readonly sentence: string
      readonly suspect?: boolean
      readonly shown?: readonly Evidence[]
    }
  | { readonly leftOut: string; readonly shown?: readonly Evidence[] }

export function nodeSubject(node: NodeFacts): string {
  return `Node/${node.name}`
}
