import type { JournalEntry } from '../journal/event.ts'
import { type Instant, iso, type Millis } from '../model/instant.ts'
import type { Itinerary } from '../model/itinerary.ts'
import type { Seen } from '../model/seen.ts'
import type { RunState } from '../rollout/state.ts'
import { printable } from './layout.ts'
import { type Level, messageOf } from './message.ts'
import { heartbeatLine } from './progress.ts'
import { dim, glyph, type Style } from './style.ts'
import type { View } from './view.ts'

export interface LinesOptions {
  readonly itinerary: Itinerary
  readonly style: Style
  readonly write: (text: string) => void
  /** A line is printed at least this often: some pipelines kill a job that is silent for about ten minutes. */
  readonly heartbeat: Millis
  /** Also what is only of interest when something is wrong with Serin. */
  readonly verbose?: boolean
}

/** Plain lines for pipelines and logs: one per event, and a heartbeat in between. Nothing is ever overwritten. */
export function linesView(options: LinesOptions): View {
  let last: Instant | undefined
  let day = ''
  const print = (at: Instant, text: string) => {
    last = at
    const today = iso(at).slice(0, 10)
    if (day !== '' && today !== day) options.write(dim(options.style, `-- ${today} --\n`))
    day = today
    options.write(`${dim(options.style, iso(at).slice(11, 19))} ${text}\n`)
  }
  return {
    onEvent(entry) {
      const line = eventLine(entry, options)
      if (line !== undefined) print(entry.at, line)
    },
    onTick(seen: Seen, state: RunState | undefined) {
      if (last === undefined) last = seen.now
      if (seen.now - last >= options.heartbeat) print(seen.now, `  ${printable(heartbeatLine(options.itinerary, seen, state))}`)
    },
    close: () => Promise.resolve(),
  }
}

function eventLine(entry: JournalEntry, options: LinesOptions): string | undefined {
  const message = messageOf(entry.event)
  if (message.level === 'debug' && !options.verbose) return undefined
  return `${signOf(entry, message.level, options.style)} ${printable(message.text)}`
}

function signOf(entry: JournalEntry, level: Level, style: Style): string {
  if (level === 'error') return glyph(style, 'fail')
  if (level === 'warn') return glyph(style, 'warn')
  const { event } = entry
  const good = event.type === 'batch-passed' || event.type === 'run-finished' || event.type === 'step-done'
  const passes = event.type === 'gate-judged' && event.judgement.verdict === 'pass'
  return good || passes ? glyph(style, 'pass') : ' '
}
