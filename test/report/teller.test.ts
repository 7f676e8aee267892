import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/journal/event.ts'
import { createTeller } from '../../src/report/teller.ts'
import { hop, itinerary, journal, opened, START, takenBack } from '../support/run-builder.ts'

const begun: RunEvent = { type: 'batch-started', batch: 'addon/vpc-cni/1', baseline: { takenAt: START, nodes: {}, workloads: {} } }
const action = { kind: 'update-addon', addon: 'vpc-cni', spec: hop.after, resolveConflicts: 'PRESERVE' } as const
const intended: RunEvent = { type: 'command-intended', command: { id: 'c-1', step: hop.id, action } }
const answered = (result: Extract<RunEvent, { type: 'command-answered' }>['result']): RunEvent => ({
  type: 'command-answered',
  command: 'c-1',
  result,
})
const busy = (message: string) => answered({ kind: 'deferred', code: 'ResourceInUseException', message })

function told(events: readonly RunEvent[], before: readonly RunEvent[] = []): readonly string[] {
  const entries = journal([...before, ...events])
  const teller = createTeller(itinerary(), entries.slice(0, before.length))
  return entries.slice(before.length).flatMap((entry) => {
    const { level, text } = teller.tell(entry)
    return level === 'debug' ? [] : [text]
  })
}

describe('the teller', () => {
  it('calls batches and steps by the names that people know, with the id that `accept --step` takes, and how long they took', () => {
    expect(told([opened, begun, intended, { type: 'batch-passed', batch: 'addon/vpc-cni/1' }]).slice(1)).toEqual([
      'vpc-cni 1/1 (addon/vpc-cni/1) begins; a baseline of 0 nodes was taken.',
      'vpc-cni 1/1: update add-on vpc-cni to v1.19.2-eksbuild.1 (PRESERVE).',
      expect.stringMatching(/^vpc-cni 1\/1 passed after \d+m\.$/),
    ])
  })

  it('tells of a command that is put off once for each reason, and once when it goes on', () => {
    const lines = told([opened, begun, intended, busy('a'), busy('a'), busy('a'), busy('b'), busy('b'), answered({ kind: 'accepted' })])
    expect(lines.slice(3)).toEqual([
      'vpc-cni 1/1 has to wait, EKS is busy with something else (ResourceInUseException): a.',
      'vpc-cni 1/1 has to wait, EKS is busy with something else (ResourceInUseException): b.',
      expect.stringMatching(/^vpc-cni 1\/1 goes on after \d+m of waiting\.$/),
    ])
  })

  it('knows the commands of an open run that is gone on with', () => {
    expect(told([busy('a')], [opened, begun, intended])).toEqual([expect.stringMatching(/^vpc-cni 1\/1 has to wait/)])
  })

  it('says a reason once, however many events carry it', () => {
    const teller = createTeller(itinerary())
    const texts = takenBack().map((entry) => teller.tell(entry).text)
    const reason = 'aws-node waits for IPAM on new nodes and works on untouched ones'
    expect(texts.filter((text) => text.includes(reason))).toHaveLength(1)
  })
})
