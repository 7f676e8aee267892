import { z } from 'zod'
import type { Judgement } from '../../model/verdict.ts'
import type { GateDefinition, GateInput } from './definition.ts'
import { clockTime } from './judging/words.ts'

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
  watchedInSoak: false,
  source: 'https://docs.aws.amazon.com/eks/latest/best-practices/cluster-upgrades.html',
  judge,
}

function judge({ approval: given, batch }: GateInput<Record<string, never>>): Judgement {
  if (given === undefined)
    return { verdict: 'pending', reason: `${batch.title} waits for the yes of ${askedFor(batch.approval)}: serin approve`, evidence: [] }
  const why = given.reason === undefined ? '' : `: ${given.reason}`
  return { verdict: 'pass', reason: `${given.by} approved ${batch.title} at ${clockTime(given.at)}${why}`, evidence: [] }
}

function askedFor(asked: false | { readonly role?: string }): string {
  return asked !== false && asked.role !== undefined ? `somebody of ${asked.role}` : 'a person'
}
