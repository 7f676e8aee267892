import { expect, it } from 'vitest'
import type { RunEvent } from '../../src/journal/event.ts'
import { closedByPeople } from '../../src/rollout/step-input.ts'
import { aTale } from '../support/tale.ts'

it('removes what updates left behind after the last batch, before the run is finished', () => {
  const tale = aTale()
  for (const batch of tale.itinerary.batches) tale.happens(...movedAndPassed(batch.id, batch.steps[0]?.id ?? ''))
  const touched = tale.itinerary.batches.flatMap(({ steps }) => steps.flatMap((step) => ('group' in step ? [step.group] : [])))
  const [name = ''] = touched
  tale.group(name, ({ nodes }) => ({ nodes: nodes.map((node, index) => ({ ...node, cordoned: index === 0 })) }))

  const decision = tale.decide()
  const node = tale.seen.groups[name]?.nodes[0]?.name
  expect(decision).toMatchObject({ kind: 'perform', commands: [{ action: { kind: 'uncordon', node } }] })

  tale.answer(decision, { kind: 'accepted' })
  tale.group(name, ({ nodes }) => ({ nodes: nodes.map((one) => ({ ...one, cordoned: false })) }))
  expect(tale.decide()).toMatchObject({ kind: 'finished', outcome: { exit: 'ok', byHand: [] } })
})

it('asks for what is left at every look at the world and not at every turn, and leaves it to a person in the end', () => {
  const tale = aTale()
  for (const batch of tale.itinerary.batches) tale.happens(...movedAndPassed(batch.id, batch.steps[0]?.id ?? ''))
  const node = { name: 'old-1', retired: true, keptFromAutoscaler: true }
  const [name = ''] = tale.itinerary.batches.flatMap(({ steps }) => steps.flatMap((step) => ('group' in step ? [step.group] : [])))
  tale.group(name, ({ nodes }) => ({ nodes: nodes.map((one, index) => (index === 0 ? { ...one, ...node } : one)) }))
  const ids: string[] = []
  for (let round = 0; round < 5; round++) {
    const decision = tale.decide()
    if (decision.kind === 'perform') ids.push(...decision.commands.map(({ id }) => id))
    tale.answer(decision, { kind: 'accepted' })
    if (round < 4) expect(tale.decide()).toMatchObject({ kind: 'wait' })
    tale.passes(1)
  }
  expect(new Set(ids).size).toBe(10)
  expect(tale.decide()).toMatchObject({ kind: 'finished', outcome: { byHand: [expect.stringContaining('left over'), expect.anything()] } })
})

function movedAndPassed(batch: string, step: string): readonly RunEvent[] {
  return [
    { type: 'batch-started', batch, baseline: { takenAt: 0, nodes: {}, workloads: {} } },
    { type: 'command-intended', command: { id: step, step, action: { kind: 'uncordon', node: 'any' } } },
    { type: 'command-answered', command: step, result: { kind: 'accepted' } },
    { type: 'step-done', step },
    { type: 'batch-passed', batch },
  ]
}

it.each([
  { title: 'on the way there no update closes a node that came during the run', back: [], people: ['new-1', 'new-2'] },
  { title: 'on the way back it does, so a person’s is what was closed before', back: ['back/canary/1/canary'], people: ['new-1'] },
])('$title', ({ back, people }) => {
  const tale = aTale()
  const node = { group: 'canary', uid: '', ready: 'True', restarts: 0, awsNodeReady: true, waiting: 0 }
  const baseline = { takenAt: 0, workloads: {}, nodes: { 'new-1': { ...node, cordoned: true as const }, 'new-2': node } }
  const [canary] = tale.itinerary.batches.filter(({ phase }) => phase === 'canary').flatMap(({ steps }) => steps)
  const failure = { cause: 'asked' as const, at: 'run', message: '', evidence: [], nodes: [] }
  for (const batch of back)
    tale.happens(
      {
        ...{ type: 'rollback-started', failure, scope: 'everything', notBefore: 0 },
        batches: [{ id: batch, phase: 'back', title: '', steps: canary ? [canary] : [], gates: [], soak: 0, approval: false }],
      },
      { type: 'batch-started', batch, baseline },
    )
  expect(['new-1', 'new-2'].filter(closedByPeople(tale.state))).toEqual(people)
})
