import { describe, expect, it } from 'vitest'
import type { Ending } from '../../src/engine/session.ts'
import { windowAt } from '../../src/forecast/window.ts'
import type { ClusterSnapshot } from '../../src/model/snapshot.ts'
import { notTarget } from '../support/as-it-was.ts'
import { begin, eventsOf, goOn, letTimePass, lookAround, outcomeOf, type Story, withStory } from './story.ts'

/** Every plan that is shipped runs on the world that is shipped with it, to its target; quickstart and incident-1 have files of their own. */

const PLANS = [
  { plan: 'small', approvals: 0 },
  { plan: 'control-plane', approvals: 0 },
  { plan: 'observe-only', approvals: 0 },
  // One yes for each old group that is deleted; the new ones say by a tag whence they come.
  { plan: 'replacement-group', approvals: 3, replaced: ['canary', 'web', 'batch'] },
  { plan: 'clusters/pay-test-eu', approvals: 0 },
  { plan: 'clusters/pay-prod-eu', approvals: 1 },
  { plan: 'large', approvals: 2 },
]

describe('shipped plans on their worlds', () => {
  it.each(PLANS)(
    '$plan comes to its target',
    async ({ plan, approvals, replaced = [] }) => {
      await withStory({ plan }, async (story) => {
        expect(story.prepared.preflight).toMatchObject({ verdict: 'clear' })
        const outcome = outcomeOf(await throughWindowsAndApprovals(story))
        expect(outcome).toMatchObject({ exit: 'ok', takenBack: [], byHand: [] })
        const end = await lookAround(story)
        const others = notTarget(story.start, end, story.prepared.itinerary, outcome.byHand).filter((line) => !isOfReplaced(line, replaced))
        expect(others).toEqual([])
        const groups = [...(end.aws.nodegroups ?? []).map((each) => each.nodegroupName), ...scalingGroupsOf(end)]
        expect(groups.filter((name) => replaced.includes(name ?? ''))).toEqual([])
        expect(eventsOf(story.journal, 'approval-given').map(({ by }) => by)).toEqual(Array.from({ length: approvals }, () => 'lena'))
      })
    },
    180_000,
  )
})

/** Of a group that is deleted nothing is as it was, and the one that took over from it carries the tag of the run that made it. */
function isOfReplaced(line: string, replaced: readonly string[]): boolean {
  return replaced.some((name) =>
    new RegExp(`(of|behind) ${name}( was|$)|^group ${name}-[0-9a-f]{6} carries serin.dev/(run|replaces)$`).test(line),
  )
}

function scalingGroupsOf({ aws }: ClusterSnapshot): readonly (string | undefined)[] {
  return (aws.autoScalingGroups ?? []).map(({ AutoScalingGroupName }) => AutoScalingGroupName)
}

/** Lena, who did not start the run, says yes where a person is asked; a closed window is waited out. */
async function throughWindowsAndApprovals(story: Story): Promise<Ending> {
  let ending = await begin(story)
  for (let chapter = 0; ending.kind === 'open' && chapter < 10; chapter++) {
    if (ending.exit === 'deadline') {
      letTimePass(story, untilOpen(story))
      ending = await goOn(story, 'resume')
    } else if (eventsOf(story.journal, 'hold-entered').length === 0) ending = await goOn(story, 'approve')
    else throw new Error(ending.because)
  }
  return ending
}

function untilOpen({ simulation, prepared }: Story): number {
  const now = simulation.world.timeline.now()
  const window = prepared.itinerary.window
  if (window === undefined) throw new Error('the plan has no window')
  return (windowAt(window, now).opensAt ?? now) - now
}
