import { describe, expect, it } from 'vitest'
import { runMarkdown } from '../../src/report/run-markdown.ts'
import { type RunReport, runReport } from '../../src/report/run-report.ts'
import { runText } from '../../src/report/run-text.ts'
import { PLAIN } from '../../src/report/style.ts'
import { notAsItWas, notTarget } from '../support/as-it-was.ts'
import { type Rehearsal, rehearse } from '../support/rehearsal.ts'
import { eventsOf, outcomeOf } from './story.ts'

/** November 2024: vpc-cni v1.18.3-eksbuild.3 hangs at its IPAM check on some new nodes (aws/amazon-vpc-cni-k8s#3224). */

describe('incident-1', () => {
  it.each([1, 2])('goes back when aws-node hangs on the canary, and names the nodes (seed %i)', async (seed) => {
    const run = await rehearse({ plan: 'incident-1', scenarios: ['ipam-hang'], seed })
    expect(run.exit).toBe('rolledBack')
    expect(notAsItWas(run.start, run.end, outcomeOf(run.ending).byHand)).toEqual([])

    const hanging = eventsOf(run.journal, 'rollback-started').at(-1)?.failure.nodes ?? []
    expect(hanging.length).toBeGreaterThan(0)
    const report = reportOf(run)
    expect(report.hangingNodes.toSorted()).toEqual(hanging.toSorted())
    for (const view of [runText(report, PLAIN), runMarkdown(report)]) for (const node of hanging) expect(view).toContain(node)
  })

  it('comes to its target when nothing hangs', async () => {
    const run = await rehearse({ plan: 'incident-1' })
    expect(run.exit).toBe('ok')
    expect(notTarget(run.start, run.end, run.prepared.itinerary, outcomeOf(run.ending).byHand)).toEqual([])
  })
})

function reportOf({ ending, prepared, journal }: Rehearsal): RunReport {
  if (ending === undefined) throw new Error('there was no run')
  return runReport(prepared.itinerary, ending.state, journal)
}
