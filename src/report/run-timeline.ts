import { DAY, formatDuration, HOUR, type Instant, iso, MINUTE, type Millis } from '../model/instant.ts'
import { html } from './markdown.ts'
import type { BatchReport, RunReport } from './run-report.ts'

/** When what happened, as a picture: a bar for each batch that began, forward and back, and where the run stood still. */

const WIDTH = 960
const LABELS = 230
const LENGTHS = 70
const ROW = 26
const BAR = 14
const TOP = 24
const FOOT = 26
const MOST_ROWS = 60

const TICKS: readonly Millis[] = [5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR, 12 * HOUR, DAY]

/** SVG without script or font of its own; empty where nothing began. Colours are those of the page. */
export function runTimeline(report: RunReport): string {
  const rows = [...report.batches, ...report.wayBack]
    .filter(hasBegun)
    .map((row) => ({ ...row, until: row.endedAt ?? report.lastAt ?? row.startedAt }))
  const from = report.openedAt ?? rows[0]?.startedAt
  if (from === undefined || rows.length === 0) return ''
  const shown = rows.slice(0, MOST_ROWS)
  const until = Math.max(from + MINUTE, report.lastAt ?? from, ...rows.map((row) => row.until))
  const scale: Scale = { from, until, height: TOP + shown.length * ROW }
  const parts = [
    ...axis(scale),
    ...report.holds.map((hold) => holdBox(hold, scale)),
    ...shown.map((row, index) => bar(row, index, scale)),
    legend(scale, report),
  ]
  const more = rows.length > shown.length ? `<p class="soft">… and ${rows.length - shown.length} more batches</p>` : ''
  const about = `From ${iso(from)} to ${iso(until)}`
  return `<h2>When</h2>\n<div class="scroll"><svg class="when" viewBox="0 0 ${WIDTH} ${scale.height + FOOT}" role="img" aria-label="${html(about)}">\n${parts.join('\n')}\n</svg></div>\n<p class="soft">${html(about)}</p>${more}`
}

type Begun = BatchReport & { readonly startedAt: Instant }

/** `until` is the end of what is known where it has not ended. */
type Row = Begun & { readonly until: Instant }

interface Scale {
  readonly from: Instant
  readonly until: Instant
  readonly height: number
}

function hasBegun(row: BatchReport): row is Begun {
  return row.startedAt !== undefined
}

function x({ from, until }: Scale, at: Instant): number {
  return Math.round(LABELS + ((at - from) / (until - from)) * (WIDTH - LABELS - LENGTHS))
}

function axis(scale: Scale): readonly string[] {
  const length = scale.until - scale.from
  const tick = TICKS.find((each) => length / each <= 9) ?? Math.ceil(length / 9 / DAY) * DAY
  const marks = Array.from({ length: Math.floor(length / tick) + 1 }, (_none, index) => index * tick)
  return marks.map((at) => {
    const place = x(scale, scale.from + at)
    return `<line x1="${place}" y1="${TOP - 4}" x2="${place}" y2="${scale.height}"/><text x="${place}" y="${TOP - 10}" text-anchor="middle">${at === 0 ? '0' : formatDuration(at)}</text>`
  })
}

const TONES: Readonly<Partial<Record<BatchReport['status'], string>>> = { failed: 'bad', held: 'care', 'not finished': 'care' }

/** Solid while nodes or an add-on move, pale for gates and soak, and a thin line as long as nine of ten were forecast to take. */
function bar(row: Row, index: number, scale: Scale): string {
  const top = TOP + index * ROW + (ROW - BAR) / 2
  const [from, moved, until] = [row.startedAt, row.movedAt ?? row.until, row.until].map((at) => x(scale, at)) as [number, number, number]
  const forecast = row.forecast === undefined ? '' : forecastLine(x(scale, row.startedAt), x(scale, row.startedAt + row.forecast), top)
  const took = row.endedAt === undefined ? '' : formatDuration(row.endedAt - row.startedAt)
  const tone = TONES[row.status] ?? (row.phase === 'back' ? 'back' : 'moves')
  return [
    `<text x="0" y="${top + 11}">${html(cut(row.title))}</text>`,
    `<rect class="${tone}" x="${from}" y="${top}" width="${Math.max(2, moved - from)}" height="${BAR}"><title>${html(`${row.title}: ${row.status}`)}</title></rect>`,
    until > moved ? `<rect class="${tone} pale" x="${moved}" y="${top}" width="${until - moved}" height="${BAR}"/>` : '',
    forecast,
    `<text class="soft" x="${WIDTH}" y="${top + 11}" text-anchor="end">${took}</text>`,
  ].join('')
}

function forecastLine(from: number, to: number, top: number): string {
  return `<line class="forecast" x1="${from}" y1="${top + BAR + 3}" x2="${Math.min(to, WIDTH - LENGTHS)}" y2="${top + BAR + 3}"/>`
}

function cut(title: string): string {
  return title.length <= 30 ? title : `${title.slice(0, 29)}…`
}

function holdBox({ from, to = Number.POSITIVE_INFINITY, because }: RunReport['holds'][number], scale: Scale): string {
  const [left, right] = [x(scale, from), x(scale, Math.min(to, scale.until))]
  return `<rect class="hold" x="${left}" y="${TOP}" width="${Math.max(2, right - left)}" height="${scale.height - TOP}"><title>${html(`held: ${because}`)}</title></rect>`
}

function legend({ height }: Scale, { holds, wayBack, batches }: RunReport): string {
  const all = [
    ['moves', 'moves'],
    ['moves pale', 'gates and soak'],
    ...(batches.some(({ forecast }) => forecast !== undefined) ? [['forecast', 'forecast, nine of ten']] : []),
    ...(wayBack.length > 0 ? [['back', 'way back']] : []),
    ...(holds.length > 0 ? [['hold', 'held']] : []),
  ]
  return all
    .map(([tone, word], index) => {
      const place = LABELS + index * 150
      const mark =
        tone === 'forecast'
          ? `<line class="forecast" x1="${place}" y1="${height + 16}" x2="${place + 14}" y2="${height + 16}"/>`
          : `<rect class="${tone}" x="${place}" y="${height + 10}" width="14" height="10"/>`
      return `${mark}<text class="soft" x="${place + 20}" y="${height + 20}">${word}</text>`
    })
    .join('')
}
