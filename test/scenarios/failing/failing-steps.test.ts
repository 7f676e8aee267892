import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { STEPS } from '../../../src/catalog/steps/registry.ts'
import { STRATEGIES } from '../../../src/catalog/strategies/registry.ts'
import { CELLS } from './cells.ts'
import { STEP_FAULTS } from './faults.ts'
import { endOf, stepsOf } from './play.ts'
import { NOT_FORWARD, OTHER_STAGES, STRATEGY_STAGES } from './stages.ts'

/**
 * Strategy × step × fault: the run ends with everything as it was, or with an exit that says what remains. The table is made of
 * the registries: a strategy, a kind of step or a fault without its cells fails here.
 */

const STAGES = { ...STRATEGY_STAGES, ...OTHER_STAGES }
const steps = await Promise.all(Object.entries(STAGES).map(async ([how, stage]) => ({ how, stage, steps: await stepsOf(stage) })))
const meetings = steps.flatMap(({ how, stage, steps: taken }) =>
  taken.flatMap((step) =>
    STEP_FAULTS.flatMap(({ title, faults }) => {
      const fault = faults(step)
      return fault === undefined ? [] : [{ how, stage, kind: step.kind, title, fault, key: `${how} / ${step.kind} / ${title}` }]
    }),
  ),
)

describe('the table of failing steps', () => {
  it('has a stage for every strategy, and for every kind of step', () => {
    expect(Object.keys(STRATEGY_STAGES).sort()).toEqual(STRATEGIES.map(({ kind }) => kind).sort())
    const played = [...steps.flatMap(({ steps: taken }) => taken.map(({ kind }) => kind)), ...Object.keys(NOT_FORWARD)]
    expect([...new Set(played)].sort()).toEqual(Object.keys(STEPS).sort())
    for (const file of Object.values(NOT_FORWARD)) expect(existsSync(file), file).toBe(true)
  })

  it('has no empty cell, and none that nothing meets', () => {
    expect(Object.keys(CELLS).sort()).toEqual(meetings.map(({ key }) => key).sort())
  })
})

describe.each(meetings)('$how, $kind: $title', ({ stage, fault, key }) => {
  const cell = CELLS[key]
  it(`ends as ${cell?.exit}, and nothing else than the table says is not as it was`, async () => {
    const { exit, because, remains } = await endOf(stage, fault)
    expect({ exit, remains }, because).toEqual({ exit: cell?.exit, remains: [...(cell?.remains ?? [])].sort() })
    expect(because).toMatch(cell?.because ?? /./)
  })
})
