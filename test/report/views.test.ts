import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { MINUTE } from '../../src/model/instant.ts'
import type { Seen } from '../../src/model/seen.ts'
import { linesView } from '../../src/report/lines.ts'
import { liveView } from '../../src/report/live.ts'
import { ndjsonView, streamHead } from '../../src/report/ndjson.ts'
import { stateOf } from '../../src/report/run-report.ts'
import { PLAIN } from '../../src/report/style.ts'
import type { View } from '../../src/report/view.ts'
import { itinerary, START, takenBack } from '../support/run-builder.ts'

const entries = takenBack()

/** A terminal that only remembers. */
function memoryTerminal(): { readonly stream: NodeJS.WriteStream; readonly text: () => string } {
  const chunks: string[] = []
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 100, rows: 40 })
  stream.on('data', (chunk) => chunks.push(String(chunk)))
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => stripVTControlCharacters(chunks.join('')) }
}

function tell(view: View): void {
  for (const entry of entries) view.onEvent(entry)
}

describe('the live view', () => {
  it('shows how each batch ended, and the way back as a list of its own', async () => {
    const terminal = memoryTerminal()
    const view = liveView({ itinerary: itinerary(), style: PLAIN, stream: terminal.stream })
    tell(view)
    await view.close()
    expect(terminal.text()).toMatch(
      /✔ vpc-cni 1\/1[\s\S]*✖ canary[\s\S]*ip-10-0-1-7[\s\S]*app: not begun[\s\S]*✔ back: vpc-cni\s+✔ back: spot/,
    )
  })
})

describe('plain lines', () => {
  const lines: string[] = []
  const view = linesView({ itinerary: itinerary(), style: PLAIN, heartbeat: 10 * MINUTE, write: (text) => void lines.push(text) })
  tell(view)
  const said = lines.length

  it('are one line per event, with the time, never overwritten', () => {
    expect(lines.join('')).not.toContain('\r')
    expect(lines.every((line) => /^\d\d:\d\d:\d\d .*\n$/.test(line))).toBe(true)
  })

  it('have a heartbeat that says where the run stands, and only when it is due', () => {
    const state = stateOf(entries.slice(0, 6))
    const last = entries.at(-1)?.at ?? START
    const seen = (now: number) => ({ now, groups: {} }) as unknown as Seen
    view.onTick(seen(last + MINUTE), state)
    expect(lines).toHaveLength(said)
    view.onTick(seen(last + 11 * MINUTE), state)
    expect(lines).toHaveLength(said + 1)
    expect(lines.at(-1)).toMatch(/canary: .*elapsed .*, about .* left/)
  })
})

describe('the event stream', () => {
  const lines: string[] = [streamHead({ plan: 'shop-1-33', cluster: 'shop', capturedAt: '2026-11-23T10:00:00Z' }, 'serin/0')]
  tell(ndjsonView({ itinerary: itinerary(), write: (text) => void lines.push(text) }))
  const objects = lines.map((line) => JSON.parse(line))

  it('names its schema first', () => {
    expect(objects[0]).toMatchObject({ schema: 'serin.dev/v1alpha1/events', plan: 'shop-1-33' })
  })

  it('has every event once, with code, level and what machines read', () => {
    expect(objects.slice(1).map((one) => one.sequence)).toEqual(entries.map((entry) => entry.sequence))
    expect(objects.at(-1)).toMatchObject({
      type: 'run-finished',
      code: 'RUN_FINISHED',
      level: 'error',
      event: { outcome: { exit: 'rolledBack' } },
    })
  })

  it('tells a baseline by its size, not node by node', () => {
    expect(objects.find((one) => one.type === 'batch-started').event.baseline).toEqual({ takenAt: START, nodes: 0, workloads: 0 })
  })
})
