import { expect, it } from 'vitest'
import { TRIALS } from './gate-trials.ts'
import { shippedScenarios } from './gates.ts'

it('the bench of gates says of every shipped scenario what is expected of it, and of no other', () => {
  const names = shippedScenarios().map((scenario) => scenario.replace('signatures/', ''))
  expect(Object.keys(TRIALS).toSorted()).toEqual(names.toSorted())
})
