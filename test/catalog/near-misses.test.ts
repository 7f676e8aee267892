import { describe, expect, it } from 'vitest'
import { CHECKS } from '../../src/catalog/checks/registry.ts'
import { differences, expectNearMiss } from '../support/near-miss.ts'
import { NEAR_MISSES } from './near-misses/registry.ts'

describe('one field more or less', () => {
  it.each(NEAR_MISSES.map((pair) => ({ code: pair.check.code, title: pair.title, pair })))(
    '$code fires on: $title; and is silent in the twin that differs in that field alone',
    ({ pair }) => expectNearMiss(pair),
  )

  it('every check has such a pair', () => {
    const paired = new Set(NEAR_MISSES.map(({ check }) => check.code))
    expect(CHECKS.map(({ code }) => code).filter((code) => !paired.has(code))).toEqual([])
  })
})

describe('differences', () => {
  it.each([
    ['none', { a: [1, { b: null }] }, { a: [1, { b: null }] }, []],
    ['a leaf', { a: { b: 1, c: 2 } }, { a: { b: 1, c: 3 } }, ['.a.c']],
    ['a member that is absent', { a: 1 }, {}, ['.a']],
    ['all leaves of an object that is absent', { a: { b: 1, c: 2 } }, {}, ['.a.b', '.a.c']],
    ['an item more', [1], [1, 2], ['.1']],
    ['an empty list and none at all', { a: [] }, {}, ['.a']],
    ['nothing and a list', { a: null }, { a: [1] }, ['.a.0']],
    ['two leaves', { a: 1, b: 1 }, { a: 2, b: 2 }, ['.a', '.b']],
  ])('%s', (_, one, other, paths) => expect(differences(one, other)).toEqual(paths))
})
