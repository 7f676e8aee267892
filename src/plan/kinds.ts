import type { z } from 'zod'

/** What the plan format needs to know of a gate; a GateDefinition of the catalog is one. */
export interface GateKind {
  readonly kind: string
  readonly summary: string
  readonly options: z.ZodType
  readonly appliesTo: readonly ('addon' | 'nodes')[]
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
 * add-on is judged by is that aws-node runs and pods get addresses. Kinds that do not exist are left out.
 */
export function defaultGates(kinds: PlanKinds, phase: 'nodes' | 'addon'): readonly string[] {
  return (phase === 'nodes' ? NODE_GATES : ADDON_GATES).filter((kind) =>
    kinds.gates.some((gate) => gate.kind === kind && gate.appliesTo.includes(phase)),
  )
}

const NODE_GATES = ['nodes-ready', 'aws-node', 'kube-proxy', 'ipam', 'stuck-pods', 'workloads']
const ADDON_GATES = ['aws-node', 'stuck-pods']
