import { formatDuration } from '../model/instant.ts'
import type { Batch, Itinerary, Step } from '../model/itinerary.ts'
import { callOf, changeOf, exposedOf, guardsOf, noReturnSentence, originOf, remarksOf, sizeOf, undoOf } from './itinerary-words.ts'
import { code, fitted, folded, html, markdownTable, plain } from './markdown.ts'
import { originSentence, sandboxSentence } from './origin.ts'

/** An itinerary for a pull-request comment: verdict first, what is long folded, never over the limit of a comment. */
export function itineraryMarkdown(itinerary: Itinerary, verdict: string): string {
  return fitted(
    [
      headOf(itinerary, verdict),
      overviewOf(itinerary),
      remarksOf(itinerary)
        .map((line) => `- ${plain(line)}`)
        .join('\n'),
      ...itinerary.batches.map(batchDetails),
    ],
    '`serin plan --out` has every step.',
  )
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
