import { formatDuration, HOUR, iso, MINUTE, type Millis } from '../model/instant.ts'
import type { Itinerary } from '../model/itinerary.ts'
import { type Foreseen, foreseen, spanText } from './forecast-words.ts'
import { dim, paint, type Style } from './style.ts'

/** A forecast as a picture of bars over time: for people who would rather look than read. */

const MOST_ROWS = 24
const MOST_LABEL = 28
const LEAST_BAR = 20

/** Distances between marks of the axis. */
const TICKS: readonly Millis[] = [5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR]

/** One bar a batch: what moves, then its gates and soak. Empty where nothing takes time. */
export function forecastChart(itinerary: Itinerary, style: Style): readonly string[] {
  const rows = foreseen(itinerary)
  const end = Math.max(0, ...rows.map(({ stage }) => stage.from + stage.steps.p50 + stage.gates + stage.soak))
  if (end === 0) return []
  const shown = rows.slice(0, MOST_ROWS)
  const label = Math.min(MOST_LABEL, Math.max(...shown.map((row) => labelOf(row).length)))
  const width = Math.max(LEAST_BAR, Math.min(style.columns, 120) - label - '    1h05m to 1h20m'.length)
  const scale: Scale = { end, width, label }
  const more = rows.length > shown.length ? [dim(style, `  … and ${rows.length - shown.length} more batches`)] : []
  return [
    `  ${''.padEnd(label)}  ${dim(style, axis(scale))}`,
    ...shown.map((row) => barLine(row, scale, style)),
    ...more,
    `  ${''.padEnd(label)}  ${dim(style, legend(rows, style))}`,
  ]
}

interface Scale {
  readonly end: Millis
  /** Columns of the longest bar. */
  readonly width: number
  readonly label: number
}

function column({ end, width }: Scale, at: Millis): number {
  return Math.round((at / end) * width)
}

function axis(scale: Scale): string {
  const tick = TICKS.find((each) => scale.end / each <= Math.max(2, scale.width / 9)) ?? 24 * HOUR
  let line = ''
  for (let at = 0; at < scale.end; at += tick) line = line.padEnd(column(scale, at)) + (at === 0 ? '0' : formatDuration(at))
  return line
}

const LOOKS = {
  unicode: { moves: '█', waits: '░', blocked: '✗' },
  ascii: { moves: '#', waits: '.', blocked: 'x' },
} as const

function barLine(row: Foreseen, scale: Scale, style: Style): string {
  const { stage, isBlocked } = row
  const look = LOOKS[style.unicode ? 'unicode' : 'ascii']
  const [from, moved, until] = [stage.from, stage.from + stage.steps.p50, stage.from + stage.steps.p50 + stage.gates + stage.soak].map(
    (at) => column(scale, at),
  ) as [number, number, number]
  const moves = (isBlocked ? look.blocked : look.moves).repeat(Math.max(1, moved - from))
  const waits = look.waits.repeat(Math.max(0, until - Math.max(moved, from + 1)))
  const bar = `${' '.repeat(from)}${paint(style, isBlocked ? 'red' : 'cyan', moves)}${dim(style, waits)}`
  const room = ' '.repeat(Math.max(0, scale.width - from - moves.length - waits.length))
  return `  ${fitted(labelOf(row), scale.label)}  ${bar}${room}  ${spanText(stage.steps)}`
}

/** `rest 2/3  batch, data` */
function labelOf({ batch: { title }, stage: { groups } }: Foreseen): string {
  const names = groups.map(({ group }) => group).filter((group) => group !== title)
  return names.length === 0 ? title : `${title}  ${names.join(', ')}`
}

function fitted(label: string, width: number): string {
  return label.length <= width ? label.padEnd(width) : `${label.slice(0, width - 1)}…`
}

function legend(rows: readonly Foreseen[], style: Style): string {
  const { moves, waits, blocked } = LOOKS[style.unicode ? 'unicode' : 'ascii']
  const blocks = rows.some(({ isBlocked }) => isBlocked) ? `   ${blocked} would block` : ''
  return `${moves} moves   ${waits} gates and soak${blocks}`
}

/** The same as a Gantt chart in Mermaid, which GitHub and GitLab draw. Times count from 00:00 of a day that does not matter. */
export function forecastGantt(itinerary: Itinerary): string | undefined {
  const rows = foreseen(itinerary).slice(0, MOST_ROWS)
  if (rows.length === 0) return undefined
  const lines = rows.flatMap(({ batch, stage, isBlocked }) => {
    const moved = stage.from + stage.steps.p50
    const waits = stage.gates + stage.soak
    return [
      `  section ${ganttText(batch.title)}`,
      `    ${ganttText(stage.groups.map(({ group }) => group).join(' ') || batch.title)} :${isBlocked ? 'crit' : 'active'}, ${clock(stage.from)}, ${lasting(stage.steps.p50)}`,
      ...(waits > 0 ? [`    gates and soak :done, ${clock(moved)}, ${lasting(waits)}`] : []),
    ]
  })
  return ['```mermaid', 'gantt', '  dateFormat YYYY-MM-DD HH:mm:ss', '  axisFormat %H:%M', ...lines, '```'].join('\n')
}

/** 2000-01-01T00:00:00Z */
const MIDNIGHT = 946_684_800_000

function clock(at: Millis): string {
  return iso(MIDNIGHT + at)
    .slice(0, 19)
    .replace('T', ' ')
}

function lasting(span: Millis): string {
  return `${Math.max(1, Math.round(span / 1000))}s`
}

/** Colons, commas, hashes and semicolons mean something in a chart. */
function ganttText(text: string): string {
  return text.replace(/[:,;#\n]/g, ' ')
}
