import type { Stage } from './stage.ts'

/** A signature of the failure catalogue: what is done in the world of its scenario, and what the API then shows. */
export interface SignatureRow {
  /** `F05`: its scenario is plans/scenarios/signatures/f05.yaml. */
  readonly code: string
  readonly title: string
  /** What happens in the world: an upgrade, nodes that join, pods that start. */
  readonly act: (stage: Stage) => void
  /** Everything found wrong that the signature could be told from. Empty in a healthy world. */
  readonly look: (stage: Stage) => readonly unknown[]
  /** What is found, thing by thing, nothing more: matchers only where times and counts vary. */
  readonly evidence: readonly unknown[]
  /**
   * What makes the things found this signature and no other, however many there are and whatever they are called: near misses are held
   * against it. The evidence itself where that says no numbers.
   */
  readonly signs?: readonly unknown[]
  /** Leaves of the scenario that may change without the evidence going, each with the reason; what lies below one is meant too. As few as possible. */
  readonly indifferent?: Readonly<Record<string, string>>
  /** By path: a value outside, where the general one would not be accepted. */
  readonly outside?: Readonly<Record<string, unknown>>
}
