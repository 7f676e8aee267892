import { z } from 'zod'
import type { GateDefinition } from './definition.ts'

export const soak: GateDefinition = {
  kind: 'soak',
  summary: 'Time that must be seen passing with all its gates passing before the next batch begins.',
  rule: {
    pass: 'The time asked for has been observed passing.',
    fail: 'Never by itself: a gate that fails ends the soak.',
    unknown: 'Never by itself: an unknown stops the clock, and holds the run when it lasts 10 min.',
  },
  options: z.strictObject({}),
  appliesTo: ['addon', 'nodes'],
  cause: 'addon-or-networking',
  source: 'https://sre.google/workbook/canarying-releases/',
}
