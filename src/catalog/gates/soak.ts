import { z } from 'zod'
import { formatDuration } from '../../model/instant.ts'
import type { Judgement } from '../../model/verdict.ts'
import type { GateDefinition, GateInput } from './definition.ts'

export const soak: GateDefinition = {
  kind: 'soak',
  summary: 'Time that must be seen passing with all watched gates passing before the next batch begins.',
  rule: {
    pass: 'The time asked for has been observed passing.',
    fail: 'Never by itself: a watched gate that fails ends the soak.',
    unknown: 'Never by itself: an unknown of a watched gate stops the clock, and holds the run when it lasts 10 min.',
  },
  options: z.strictObject({}),
  appliesTo: ['addon', 'nodes'],
  cause: 'addon-or-networking',
  watchedInSoak: false,
  source: 'https://sre.google/workbook/canarying-releases/',
  judge,
}

function judge({ soak: { passed, wanted } }: GateInput<Record<string, never>>): Judgement {
  if (passed >= wanted)
    return { verdict: 'pass', reason: `${formatDuration(passed)} of ${formatDuration(wanted)} were seen passing`, evidence: [] }
  const left = formatDuration(wanted - passed)
  return {
    verdict: 'pending',
    reason: `${formatDuration(passed)} of ${formatDuration(wanted)} were seen passing, ${left} to go`,
    evidence: [],
  }
}
