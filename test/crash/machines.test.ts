import { afterEach, expect, it } from 'vitest'
import { reopenRun, startRun } from '../../src/engine/open-run.ts'
import { recordOf } from '../../src/engine/run-journal.ts'
import type { RunEvent } from '../../src/journal/event.ts'
import { openSite, type Site } from '../support/crash.ts'

/** What two machines know of one run, when they drive it in turns. */

let site: Site | undefined
afterEach(() => site?.close())

const waiting = (on: string): RunEvent => ({ type: 'waiting-began', on, because: 'the API throttles' })
const started: RunEvent = { type: 'batch-started', batch: 'canary/1', baseline: { takenAt: 0, nodes: {}, workloads: {} } }
const intended: RunEvent = {
  type: 'command-intended',
  command: { id: 'c-1', step: 'canary/1/canary', action: { kind: 'uncordon', node: 'n-1' } },
}

it('opens a run with its record, so that another machine finds it from the first moment', async () => {
  site = await openSite()
  const ports = await site.driver('a', undefined, [])
  const { run } = await startRun(ports, site.itinerary, 'lena', [])
  expect(await ports.records.read()).toMatchObject({ run, status: 'open', sequence: 2, openedBy: 'lena' })
})

it('goes on from the record when another machine drove meanwhile, although the journal here has the higher number', async () => {
  site = await openSite()
  const first = await site.driver('a', undefined, [])
  const { journal, run } = await startRun(first, site.itinerary, 'lena', [])
  await journal.append(['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'].map(waiting))
  await first.lease.release()

  const second = await site.driver('b', undefined, [])
  const there = await reopenRun(second, run, 'omar', [])
  await there.journal.append([started, intended])
  const state = there.journal.state()
  if (state === undefined) throw new Error('no state')
  await second.records.write(recordOf(site.itinerary, state, there.journal.sequence(), second.clock.now()))
  await second.lease.release()
  expect(there.journal.sequence()).toBeLessThan(journal.sequence())

  const third = await site.driver('a', undefined, [])
  const again = await reopenRun(third, run, 'lena', [])
  expect(again.journal.state()?.batches['canary/1']?.steps['canary/1/canary']?.commands).toMatchObject([{ command: { id: 'c-1' } }])
  await third.lease.release()

  // The journal that jumped ahead stays readable, and knows more than the record from now on.
  const fourth = await site.driver('a', undefined, [])
  const last = await reopenRun(fourth, run, 'lena', [])
  expect(last.journal.sequence()).toBe(again.journal.sequence() + 2)
  expect(last.journal.state()?.drivers).toHaveLength(4)
})
