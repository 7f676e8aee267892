import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SECOND } from '../../src/model/instant.ts'
import { Run } from '../support/group-run.ts'
import type { GroupChoice, GroupWorld } from '../support/group-world.ts'
import { checking } from './checking.ts'

/**
 * The nodes of a self-managed group replaced in thousands of small worlds, by the decisions, the fold and the performing of the
 * engine as they are: answers get lost, drivers die and go on, autoscalers grow the group, people uncordon, nodes fall ill and
 * budgets close meanwhile.
 */

const choice = fc.record<GroupChoice>({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  nodes: fc.integer({ min: 1, max: 4 }),
  spare: fc.integer({ min: 0, max: 2 }),
  zones: fc.integer({ min: 1, max: 3 }),
  pods: fc.integer({ min: 0, max: 5 }),
  budget: fc.integer({ min: 1, max: 2 }),
  maxUnavailable: fc.integer({ min: 0, max: 2 }),
  surge: fc.integer({ min: 1, max: 3 }),
  rebalances: fc.boolean(),
  grace: fc.constantFrom(5 * SECOND, 30 * SECOND),
  lost: fc.constantFrom(0, 0, 0.05, 0.2),
  others: fc.array(
    fc.record({
      at: fc.integer({ min: 0, max: 600 }).map((seconds) => seconds * SECOND),
      does: fc.constantFrom<GroupChoice['others'][number]['does']>('grow', 'uncordon', 'not-ready', 'freeze-budget'),
    }),
    { maxLength: 3 },
  ),
})

/** What is not as it was, or not as it was to be, after a run that ended well. */
function leftWrong(world: GroupWorld, { nodes, spare, rebalances }: GroupChoice): readonly string[] {
  const staying = [...world.machines.values()].filter(({ lifecycle }) => lifecycle !== 'Terminating')
  return [
    ...(world.max === Math.max(nodes + spare, world.desired) ? [] : [`the maximum is ${world.max}, it was ${nodes + spare}`]),
    ...(world.desired >= nodes + world.grown
      ? []
      : [`the size is ${world.desired}: it was ${nodes}, and an autoscaler grew it by ${world.grown}`]),
    ...(world.suspended.has('AZRebalance') === rebalances ? ['AZRebalance is not as it was'] : []),
    ...staying.flatMap(({ name, version, cordoned, marks, protected: kept }) => [
      ...(version === '2' ? [] : [`${name} is still of version ${version}`]),
      ...(cordoned || kept || marks.size > 0 ? [`${name} is left cordoned, protected or marked: ${[...marks].join(', ')}`] : []),
    ]),
  ]
}

it('replaces the nodes of a group in thousands of worlds without taking more than it may, and leaves it as it was', {
  timeout: 240_000,
}, async () => {
  const exits: Record<string, number> = {}
  await fc.assert(
    fc.asyncProperty(choice, fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 2 }), async (chosen, deaths) => {
      const { world, exit, why } = await new Run(chosen, deaths).driven()
      expect(world.wrongs, `${exit}: ${why}`).toEqual([])
      expect(['ok', 'held'], why).toContain(exit)
      if (exit === 'ok') expect(leftWrong(world, chosen)).toEqual([])
      exits[exit] = (exits[exit] ?? 0) + 1
    }),
    checking(Number(process.env.SERIN_REPLACING_RUNS ?? 2_000), 1),
  )
  expect(exits.ok ?? 0).toBeGreaterThan(exits.held ?? 0)
})
