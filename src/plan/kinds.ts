import type { z } from 'zod'

/** What gates stand behind: a hop of an add-on, the control plane, node groups. */
export type GatedPhase = 'addon' | 'control-plane' | 'nodes'

/** What the plan format needs to know of a gate; a GateDefinition of the catalog is one. */
export interface GateKind {
  readonly kind: string
  readonly summary: string
  readonly options: z.ZodType
  readonly appliesTo: readonly GatedPhase[]
}

interface StrategyKind {
  readonly kind: string
  readonly summary: string
}

interface CheckKind {
  readonly code: string
  readonly title: string
}

/** The kinds of gates, strategies and checks that a plan may name. */
export interface PlanKinds {
  readonly gates: readonly GateKind[]
  readonly strategies: readonly StrategyKind[]
  /** With what is said about waivers themselves. */
  readonly checks: readonly CheckKind[]
}

/** Gates that stand beside a list as keys of their own (`soak: 15m`, `approval: true`), never in it. */
const KEYS_OF_THEIR_OWN = ['soak', 'approval']

export function listableGates(gates: readonly GateKind[]): readonly GateKind[] {
  return gates.filter((gate) => !KEYS_OF_THEIR_OWN.includes(gate.kind))
}

/**
 * Default gates where an entry names none. No node is replaced in an add-on step, so `workloads` has nothing to compare there: what every
 * add-on is judged by is that aws-node runs and pods get addresses. `throttling` and `addresses-left` are no defaults, as they never
 * fail: throttling lowers the pace without its gate, and pre-flight counts addresses anew before every batch; what they add is to hold
 * one batch earlier. Kinds that do not exist are left out.
 */
export function defaultGates(kinds: PlanKinds, phase: GatedPhase): readonly string[] {
  return DEFAULT_GATES[phase].filter((kind) => kinds.gates.some((gate) => gate.kind === kind && gate.appliesTo.includes(phase)))
}

const DEFAULT_GATES: Readonly<Record<GatedPhase, readonly string[]>> = {
  nodes: ['nodes-ready', 'aws-node', 'kube-proxy', 'ipam', 'stuck-pods', 'workloads'],
  addon: ['aws-node', 'stuck-pods'],
  'control-plane': ['control-plane'],
}
