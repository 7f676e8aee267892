import { DefaultRenderer, Listr, ListrLogger, type ListrTaskWrapper, ProcessOutput, type SimpleRenderer } from 'listr2'
import type { RunEvent } from '../journal/event.ts'
import type { Batch, Itinerary } from '../model/itinerary.ts'
import type { Seen } from '../model/seen.ts'
import type { RunState } from '../rollout/state.ts'
import { printable } from './layout.ts'
import { failureSentence, messageOf } from './message.ts'
import { clockLine, gateLines, heartbeatLine, soakPart, stepProgress } from './progress.ts'
import { dim, glyph, type MarkName, type Style } from './style.ts'
import type { View } from './view.ts'

/** The only place that knows listr2: batches as a list that moves. It shows a run and never drives it. */

type Row = ListrTaskWrapper<unknown, typeof Terminal, typeof SimpleRenderer>

/** listr2 asks whether stdout is a terminal; this view writes to stderr, which the caller has looked at. */
class Terminal extends DefaultRenderer {
  static override nonTTY = true
}

interface LiveOptions {
  readonly itinerary: Itinerary
  readonly style: Style
  /** The terminal, which is where progress goes: stderr. */
  readonly stream: NodeJS.WriteStream
}

/** Batches, node groups with nodes done of all, gates with the reason they wait, elapsed and remaining time. */
export function liveView(options: LiveOptions): View {
  let board = openBoard(options.itinerary.batches, options)
  return {
    onEvent(entry) {
      const { event } = entry
      if (event.type === 'rollback-started') {
        const finished = board.finish()
        board = openBoard(event.batches, options, finished)
      } else board.take(event)
    },
    onTick: (seen, state) => board.show(seen, state),
    close: () => board.finish(),
  }
}

interface Board {
  take(event: RunEvent): void
  show(seen: Seen, state: RunState | undefined): void
  finish(): Promise<void>
}

/** One list on the screen; the way back is a second one, drawn when the first is done. */
function openBoard(batches: readonly Batch[], options: LiveOptions, after: Promise<void> = Promise.resolve()): Board {
  const endings = new Map(batches.map((batch) => [batch.id, ending()]))
  const rows = new Map<string, Row>()
  let remark = ''
  // Made only when the list before is done: a renderer keeps the stream as it finds it, and the one before has taken it over.
  const draw = () =>
    new Listr<unknown, typeof Terminal, typeof SimpleRenderer>(
      batches.map((batch) => ({
        title: batch.title,
        task: (_: unknown, row: Row) => {
          rows.set(batch.id, row)
          return endings.get(batch.id)?.promise.then((end) => applyEnd(row, batch, end))
        },
        rendererOptions: { outputBar: 1 },
      })),
      { renderer: Terminal, exitOnError: false, registerSignalListeners: false, rendererOptions: rendererOptions(options) },
    )
  const shown = after.then(() => draw().run()).then(() => undefined)
  return {
    take(event) {
      const end = endOf(event)
      if (end) endings.get(end.batch)?.settle(end)
      if (event.type === 'batch-started') remark = ''
      const message = messageOf(event)
      if (event.type !== 'gate-judged' && (message.level === 'warn' || message.level === 'error'))
        remark = `${glyph(options.style, 'warn')} ${printable(message.text)}`
    },
    show(seen, state) {
      for (const batch of batches) {
        const row = rows.get(batch.id)
        if (row && state?.batches[batch.id]?.status === 'running') showBatch(row, batch, seen, state, options, remark)
        else if (row && state) row.output = dim(options.style, printable(heartbeatLine(options.itinerary, seen, state)))
      }
    },
    finish() {
      const begun = new Set(rows.keys())
      for (const [batch, one] of endings) one.settle({ batch, how: begun.has(batch) ? 'not finished' : 'not begun' })
      return shown
    },
  }
}

interface End {
  readonly batch: string
  readonly how: 'passed' | 'failed' | 'accepted by hand' | 'not finished' | 'not begun'
  readonly why?: string
}

function endOf(event: RunEvent): End | undefined {
  if (event.type === 'batch-passed') return { batch: event.batch, how: 'passed' }
  if (event.type === 'batch-failed') return { batch: event.batch, how: 'failed', why: failureSentence(event.failure) }
  if (event.type === 'accepted-by-hand') return { batch: event.at, how: 'accepted by hand' }
  return undefined
}

function applyEnd(row: Row, batch: Batch, end: End): void {
  if (end.how === 'failed') throw new Error(`${batch.title}: ${printable(end.why ?? 'failed')}`)
  if (end.how === 'not finished' || end.how === 'not begun') row.skip(`${batch.title}: ${end.how}`)
  else row.title = end.how === 'passed' ? batch.title : `${batch.title} (${end.how})`
}

/** A promise with its resolver; settling it again changes nothing. */
function ending(): { readonly promise: Promise<End>; readonly settle: (end: End) => void } {
  const { promise, resolve } = Promise.withResolvers<End>()
  return { promise, settle: resolve }
}

function showBatch(row: Row, batch: Batch, seen: Seen, state: RunState, options: LiveOptions, remark: string): void {
  const own = state.batches[batch.id]
  const counted = batch.steps.map((step) => stepProgress(step, own, seen)).filter((text) => text !== undefined)
  row.title = [batch.title, ...counted, ...soakPart(batch, own, seen.now)].join('  ')
  const gates = own ? gateLines(own).map((line) => gateText(line, options.style)) : []
  row.output = [...gates, ...(remark ? [remark] : []), dim(options.style, clockLine(options.itinerary, state, seen.now))].join('\n')
}

function gateText(line: { readonly gate: string; readonly verdict: string; readonly reason: string }, style: Style): string {
  const why = line.verdict === 'pass' ? '' : `: ${printable(line.reason)}`
  return `${glyph(style, line.verdict as MarkName)} ${line.gate} ${line.verdict}${why}`
}

function rendererOptions({ stream, style }: LiveOptions) {
  const icon = style.unicode
    ? {}
    : { COMPLETED: '+', FAILED: 'x', PENDING: '.', WAITING: ' ', OUTPUT: '>', OUTPUT_WITH_BOTTOMBAR: '>', SKIPPED_WITH_COLLAPSE: 'o' }
  const logger = new ListrLogger({ useIcons: true, toStderr: [], processOutput: new ProcessOutput(stream, stream) })
  return { logger, icon, collapseErrors: false, collapseSkips: true, formatOutput: 'wrap' as const, showErrorMessage: true }
}
