import { z } from 'zod'
import type { GateKind } from './kinds.ts'

const none = z.strictObject({})
const nodes = (kind: string): GateKind => ({ kind, summary: kind, options: none, appliesTo: ['nodes'] })
const both = (kind: string, options: z.ZodType = none): GateKind => ({ kind, summary: kind, options, appliesTo: ['addon', 'nodes'] })

export const GATES: readonly GateKind[] = [
  nodes('nodes-ready'),
  both('aws-node'),
  both('ipam'),
  both('stuck-pods'),
  both('workloads', z.strictObject({ ignoreNamespaces: z.array(z.string()).default([]) })),
  both('soak'),
  both('approval'),
]
