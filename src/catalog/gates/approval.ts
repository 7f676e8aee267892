import { z } from 'zod'
import type { GateDefinition } from './definition.ts'

export const approval: GateDefinition = {
  kind: 'approval',
  summary: 'A person has said yes.',
  rule: {
    pass: 'Somebody approved the batch; who, when and why is in the journal.',
    fail: 'Never: who does not want it asks for a hold or a rollback.',
    unknown: 'Never: without an answer it is pending.',
  },
  options: z.strictObject({}),
  appliesTo: ['addon', 'nodes'],
  cause: 'addon-or-networking',
  source: 'https://docs.aws.amazon.com/eks/latest/best-practices/cluster-upgrades.html',
}
