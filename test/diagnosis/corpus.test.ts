import { describe, expect, it } from 'vitest'
import { SIGNATURES } from '../../src/catalog/signatures/registry.ts'
import { diagnose } from '../../src/diagnosis/diagnose.ts'
import { caseOf, RECIPES, SEEDS } from '../support/diagnosis/corpus.ts'
import { type Scored, scoreOf } from '../support/diagnosis/score.ts'

const WORLDS = 60

/** The worlds that `npm run bench -- diagnosis` reports on, fewer of them and one draw of each cause. */
describe('diagnosis of simulated worlds', () => {
  it(`names what was planted in ${WORLDS} of them, and nothing where nothing was`, async () => {
    const scored: Scored[] = []
    for (let nth = 0; nth < WORLDS; nth++) {
      const { seed, name, truth, snapshot } = await caseOf(SEEDS.seen + nth)
      scored.push({ seed, name, truth, report: diagnose(snapshot) })
    }
    const { top1, top3, falseAlarms, wrong } = scoreOf(scored)
    const told = wrong.map(
      ({ seed, name, report }) => `seed ${seed}, ${name}: ${report.diagnoses.map(({ code }) => code).join(', ') || 'nothing'}`,
    )
    expect({ first: top1 >= 0.95, inThree: top3 >= 0.97, quiet: falseAlarms <= 0.06 }, told.join('\n')).toEqual({
      first: true,
      inThree: true,
      quiet: true,
    })
  })

  it.each([
    { title: 'an API server that was reached in the end is not what a restarted aws-node hangs for', seed: 181, codes: ['F06'] },
    { title: 'what one log says holds for nodes that hang alike and were not read', seed: 10, codes: ['F05'] },
    { title: 'what an earlier life of ipamd said says nothing of this one', seed: 22, codes: ['F13'] },
  ])('$title', async ({ seed, codes }) => {
    const { snapshot } = await caseOf(SEEDS.seen + seed)
    expect(snapshot.nodeLogs?.length).toBeGreaterThan(0)
    const causes = diagnose(snapshot).diagnoses.filter(({ explainedBy }) => explainedBy === undefined)
    expect(causes.map(({ code }) => code)).toEqual(codes)
  })

  it('has every signature of the catalogue in the corpus, and no other', () => {
    const planted = new Set(RECIPES.flatMap(({ truth }) => truth))
    expect([...planted].sort()).toEqual(SIGNATURES.map(({ code }) => code).sort())
  })
})
