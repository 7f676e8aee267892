import { expect, it } from 'vitest'
import { checkQuickLaws } from './checking-quickly.ts'

/**
 * Several groups of every kind, moved by the decisions, the acting and the performing of the engine as they are, in thousands of quick
 * clusters: nodes fail, answers get lost, drivers die between any two calls, autoscalers grow, people cordon, hold and go back.
 */

it('keeps its laws in thousands of clusters of several groups', { timeout: 600_000 }, async () => {
  const exits = await checkQuickLaws(2_000, 1)
  // Were all runs alike, the laws would be kept by runs that do nothing.
  for (const exit of ['ok', 'rolledBack', 'partlyDone', 'held', 'failed']) expect(exits[exit] ?? 0, exit).toBeGreaterThanOrEqual(40)
})
