import { describe, expect, it } from 'vitest'
import { notAsItWas, notTarget } from '../support/as-it-was.ts'
import { type Rehearsal, rehearse } from '../support/rehearsal.ts'

/**
 * Every shipped scenario on the quickstart: how it ends, and that the cluster then is at the target or as it was.
 * More seeds of what holds are in holds.test.ts; the run that goes well with seed 1 is in journal.test.ts.
 */

interface Row {
  readonly title: string
  readonly scenarios: readonly string[]
  readonly exit: 'ok' | 'rolledBack' | 'held' | 'blocked'
  readonly seeds: readonly number[]
}

const ROWS: readonly Row[] = [
  { title: 'nothing is wrong', scenarios: [], exit: 'ok', seeds: [2] },
  { title: 'aws-node hangs at the IPAM check on new canary nodes', scenarios: ['ipam-hang'], exit: 'rolledBack', seeds: [1, 2, 3] },
  { title: 'unrelated pods fail all the while', scenarios: ['noise'], exit: 'ok', seeds: [1] },
  { title: 'aws-node hangs amid unrelated failures', scenarios: ['noise', 'ipam-hang'], exit: 'rolledBack', seeds: [2] },
  { title: 'kube-proxy crash-loops on half of the new nodes', scenarios: ['kube-proxy-crashloop'], exit: 'rolledBack', seeds: [1] },
  { title: 'new canary nodes never join', scenarios: ['node-never-joins'], exit: 'rolledBack', seeds: [2, 3] },
  { title: 'the second hop of vpc-cni crash-loops', scenarios: ['addon-crashloop'], exit: 'rolledBack', seeds: [2, 3] },
  { title: 'budgets come to allow nothing while app-b rolls', scenarios: ['pod-eviction-failure'], exit: 'held', seeds: [3] },
  { title: 'a zone has no free address from the beginning', scenarios: ['subnet-exhausted'], exit: 'blocked', seeds: [1, 2] },
  {
    title: 'a webhook that nobody answers would keep aws-node from new nodes',
    scenarios: ['webhook-blocks-aws-node'],
    exit: 'blocked',
    seeds: [1],
  },
  { title: 'a zone fills while app-a rolls', scenarios: ['subnet-exhausted-midrun'], exit: 'held', seeds: [1, 2, 3] },
  { title: 'APIs throttle in bursts', scenarios: ['throttled'], exit: 'ok', seeds: [1] },
  { title: 'servers fail before and after the effect', scenarios: ['api-flaky'], exit: 'ok', seeds: [1, 2] },
]

const CASES = ROWS.flatMap(({ seeds, ...row }) => seeds.map((seed) => ({ ...row, seed })))

describe('the quickstart', () => {
  it.each(CASES)('$title: $exit (seed $seed)', async ({ scenarios, exit, seed }) => {
    const run = await rehearse({ plan: 'quickstart', scenarios, seed })
    expect(run.exit).toBe(exit)
    expect(unlikeItsExit(run)).toEqual([])
  })
})

/** After `ok` the target, after `rolledBack` and `blocked` the start; only a run that is open or not well ended leaves a mixture. */
function unlikeItsExit({ exit, start, end, prepared, ending }: Rehearsal): readonly string[] {
  const byHand = ending?.kind === 'finished' ? ending.outcome.byHand : []
  if (exit === 'ok') return notTarget(start, end, prepared.itinerary, byHand)
  if (exit === 'rolledBack' || exit === 'blocked') return notAsItWas(start, end, byHand)
  return []
}
