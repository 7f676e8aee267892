import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../../../src/model/instant.ts'
import { anInput, BATCH, gate } from '../../support/gate-input.ts'
import { NOW } from '../../support/seen-builder.ts'

describe('soak', () => {
  it.each([
    { title: 'a second is missing', passed: 15 * MINUTE - SECOND, verdict: 'pending', words: '14m59s of 15m were seen passing, 1s to go' },
    { title: 'all of it was seen', passed: 15 * MINUTE, verdict: 'pass', words: '15m of 15m were seen passing' },
  ])('$title: $verdict', ({ passed, verdict, words }) => {
    expect(gate('soak').judge(anInput({ soak: { passed, wanted: 15 * MINUTE } }))).toMatchObject({ verdict, reason: words })
  })
})

describe('approval', () => {
  it('names who said yes, when and why', () => {
    const approval = { by: 'ada', at: NOW - MINUTE, reason: 'CHG0048213' }
    expect(gate('approval').judge(anInput({ approval }))).toMatchObject({
      verdict: 'pass',
      reason: 'ada approved wave app at 09:59 UTC: CHG0048213',
    })
  })

  it.each([
    { title: 'anybody', approval: {}, words: 'the yes of a person: serin approve' },
    { title: 'a role', approval: { role: 'release' }, words: 'the yes of somebody of release' },
  ])('waits for the yes of $title', ({ approval, words }) => {
    const judgement = gate('approval').judge(anInput({ batch: { ...BATCH, approval } }))
    expect(judgement).toMatchObject({ verdict: 'pending', reason: expect.stringContaining(words) })
  })
})
