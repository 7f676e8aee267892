import { describe, expect, it } from 'vitest'
import type { JournalEntry } from '../../src/journal/event.ts'
import { runReport, stateOf } from '../../src/report/run-report.ts'
import { runTimeline } from '../../src/report/run-timeline.ts'
import { batches, itinerary, journal, opened, passing, takenBack } from '../support/run-builder.ts'

function timelineOf(entries: readonly JournalEntry[]): string {
  const state = stateOf(entries)
  if (state === undefined) throw new Error('no run')
  return runTimeline(runReport(itinerary(), state, entries))
}

const bars = (svg: string, tone: string) => [...svg.matchAll(new RegExp(`<rect class="${tone}"[^>]*height="14"`, 'g'))].length

describe('the picture of a run', () => {
  it('has a bar for each batch that began, and a line for what was forecast', () => {
    const svg = timelineOf(journal([opened, ...batches.flatMap(passing)]))
    expect(bars(svg, 'moves')).toBe(batches.length)
    expect([...svg.matchAll(/class="forecast"/g)]).toHaveLength(batches.length + 1)
  })

  it('shows what failed and the way back in tones of their own', () => {
    const svg = timelineOf(takenBack())
    expect(bars(svg, 'bad')).toBe(1)
    expect(bars(svg, 'back')).toBeGreaterThan(0)
    expect(svg).toContain('way back</text>')
  })

  it('is left out while nothing has begun', () => {
    expect(timelineOf(journal([opened]))).toBe('')
  })
})
