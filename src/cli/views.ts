import type { JournalEntry } from '../journal/event.ts'
import type { Millis } from '../model/instant.ts'
import type { Itinerary } from '../model/itinerary.ts'
import { originOf } from '../report/itinerary-words.ts'
import { jsonText } from '../report/json.ts'
import { linesView } from '../report/lines.ts'
import { liveView } from '../report/live.ts'
import { ndjsonView, streamHead } from '../report/ndjson.ts'
import { runJunit } from '../report/run-junit.ts'
import { runMarkdown } from '../report/run-markdown.ts'
import type { RunReport } from '../report/run-report.ts'
import { runText } from '../report/run-text.ts'
import type { View } from '../report/view.ts'
import { TOOL } from '../rollout/compile.ts'
import { type Io, styleFor } from './io.ts'

export const RUN_FORMS = ['table', 'json', 'markdown', 'junit', 'ndjson'] as const
export type RunForm = (typeof RUN_FORMS)[number]

/** What a view has to know of the run it shows. */
interface Watched {
  readonly itinerary: Itinerary
  readonly heartbeat: Millis
  readonly before?: readonly JournalEntry[]
}

/** Progress goes to stderr: live on a terminal, lines elsewhere; with `-o ndjson` the events themselves go to stdout. */
export function viewOf(io: Io, form: RunForm, { itinerary, heartbeat, before }: Watched): View {
  if (form === 'ndjson') {
    io.stdout.write(streamHead(originOf(itinerary), TOOL))
    return ndjsonView({ itinerary, before, write: io.stdout.write })
  }
  const style = styleFor(io, 'stderr')
  const { stream } = io.stderr
  const live = io.isTerminal.stderr && io.env.TERM !== 'dumb' && !io.env.CI
  if (live && stream) return liveView({ itinerary, before, style, stream })
  return linesView({ itinerary, before, style, write: io.stderr.write, heartbeat, verbose: io.env.SERIN_VERBOSE === '1' })
}

/** Prints the report of a run that came to rest. */
export function printRun(io: Io, report: RunReport, form: RunForm, exit: number): number {
  io.stdout.write(form === 'ndjson' ? '' : runDocument(report, form, io))
  // A stream is for programs; the person who typed the command is told too.
  if (form !== 'table' && exit !== 0) io.stderr.write(`${runText(report, styleFor(io, 'stderr'))}\n`)
  return exit
}

export function runDocument(report: RunReport, form: Exclude<RunForm, 'ndjson'>, io: Io): string {
  switch (form) {
    case 'json':
      return jsonText(report)
    case 'markdown':
      return runMarkdown(report)
    case 'junit':
      return runJunit(report)
    case 'table':
      return `\n${runText(report, styleFor(io, 'stdout'))}`
  }
}
