import type { PreflightResult } from '../model/finding.ts'
import { formatDuration } from '../model/instant.ts'
import type { Batch, Itinerary, Step } from '../model/itinerary.ts'
import { summaryOf } from './findings.ts'
import { findingsParts } from './findings-markdown.ts'
import { forecastGantt } from './forecast-chart.ts'
import { forecastLines, lengthSentence } from './forecast-words.ts'
import { callOf, changeOf, exposedOf, guardsOf, noReturnSentence, originOf, remarksOf, sizeOf, undoOf } from './itinerary-words.ts'
import { code, fitted, folded, html, markdownTable, plain } from './markdown.ts'
import { originSentence, sandboxSentence } from './origin.ts'

/** An itinerary for a pull-request comment: verdict and findings first, what is long folded, never over the limit of a comment. */
export function itineraryMarkdown(itinerary: Itinerary, preflight: PreflightResult): string {
  return fitted(
    [
      headOf(itinerary, verdictOf(itinerary, preflight)),
      ...findingsParts(preflight),
      overviewOf(itinerary),
      ...forecastPart(itinerary),
      remarksPart(remarksOf(itinerary)),
      ...itinerary.batches.map(batchDetails),
    ],
    '`serin plan --out` has every step.',
  )
}

/** `ready (17 passed)`, `blocked (2 blocking, 15 passed)`, `nothing to do`. */
function verdictOf({ batches }: Itinerary, { verdict, findings }: PreflightResult): string {
  const word = verdict === 'clear' ? (batches.length === 0 ? 'nothing to do' : 'ready') : verdict
  return `${word} (${summaryOf(findings)})`
}

/** A few remarks stand open; the list of hundreds of groups that stay is folded. */
function remarksPart(lines: readonly string[]): string {
  const text = lines.map((line) => `- ${plain(line)}`).join('\n')
  return lines.length > 12 ? folded(`${lines.length} remarks`, text) : text
}

function forecastPart(itinerary: Itinerary): readonly string[] {
  const chart = forecastGantt(itinerary)
  if (chart === undefined) return []
  const lines = forecastLines(itinerary).map((line) => `- ${plain(line)}`)
  return [`### How it would go\n\n${plain(lengthSentence(itinerary))}`, chart, lines.join('\n')]
}

function headOf(itinerary: Itinerary, verdict: string): string {
  const sandbox = sandboxSentence(originOf(itinerary).sandbox)
  return [
    `## Plan \`${itinerary.plan}\`: ${verdict}`,
    `${sizeOf(itinerary)}; ${originSentence(originOf(itinerary))}.`,
    ...(sandbox ? [`**${sandbox}**`] : []),
    `**${plain(noReturnSentence(itinerary))}**`,
    `Digest ${code(itinerary.digest)}`,
  ].join('\n\n')
}

function overviewOf(itinerary: Itinerary): string {
  const most = 60
  const rows = itinerary.batches
    .slice(0, most)
    .map((batch, index) => [
      String(index + 1),
      plain(batch.title),
      batch.steps.map(changeCell).filter(Boolean).join('<br>'),
      plain(guardsOf(batch)),
    ])
  const more = itinerary.batches.length - most
  const table = markdownTable(['#', 'Batch', 'Changes', 'Gates'], rows)
  return more > 0 ? `${table}\n\n… and ${more} more batches below.` : table
}

function changeCell(step: Step): string {
  const change = changeOf(step)
  return change ? `${plain(change.what)}: ${code(change.before)} → ${code(change.after)}` : plain(step.title)
}

function batchDetails(batch: Batch): string {
  const body = batch.steps.map(
    (step) =>
      `- ${changeCell(step)}\n${factsOf(step)
        .map((fact) => `  - ${fact}`)
        .join('\n')}`,
  )
  return folded(`${html(batch.title)} <code>${html(batch.id)}</code>`, body.join('\n'))
}

function factsOf(step: Step): readonly string[] {
  const exposed = exposedOf(step)
  return [
    `call: ${code(callOf(step))}`,
    `takes about ${formatDuration(step.forecast.expected)}, given up after ${formatDuration(step.timeout)}`,
    ...(exposed ? [`exposed: ${exposed}`] : []),
    `undo: ${plain(undoOf(step))}`,
  ]
}
