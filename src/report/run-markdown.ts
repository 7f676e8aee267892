import { iso } from '../model/instant.ts'
import { code, fitted, folded, markdownTable, plain } from './markdown.ts'
import { sentence } from './message.ts'
import { assumptionsOf, originSentence, sandboxSentence } from './origin.ts'
import type { BatchReport, RunReport } from './run-report.ts'
import {
  causeSentence,
  decisionText,
  durationOf,
  furtherNodes,
  verdictOf,
  WRITE_BACK_HEAD,
  waivedText,
  withoutEmpty,
  writeBackRows,
} from './run-text.ts'

/** The report of a run for a ticket or a comment: verdict first, never over the limit of a comment. */
export function runMarkdown(report: RunReport): string {
  return fitted(
    [
      headOf(report),
      list('Next', report.next.map(code)),
      list('To do by hand', report.byHand.map(plain)),
      list('Taking it back', report.deadlines.map(plain)),
      list('What it comes from', report.diagnosis.map(plain)),
      list('Evidence', report.evidence.map(plain)),
      list('Nodes that showed the failure', furtherNodes(report).map(code)),
      writeBackPart(report.writeBack),
      batchTable('What happened', report.batches),
      batchTable('The way back', report.wayBack),
      list('By people', report.decisions.map(decisionText).map(plain)),
      list('Waived', report.waived.map(waivedText).map(plain)),
      foldedList('Changed and stays', report.changed),
      foldedList('Taken back', report.takenBack),
      foldedList('Not touched', report.untouched),
    ].filter((part) => part !== ''),
    'the JSON and HTML reports have everything.',
  )
}

function headOf(report: RunReport): string {
  const sandbox = sandboxSentence(report.origin.sandbox)
  const opened = report.openedAt === undefined ? '' : ` at ${iso(report.openedAt)}`
  return [
    `## Run \`${report.run}\` of \`${report.origin.plan}\`: ${verdictOf(report)}`,
    plain(sentence(report.summary)),
    ...(report.unmet ?? []).map((each) => `**${plain(each)}**`),
    ...(report.failure ? [`**Cause:** ${plain(causeSentence(report))}`] : []),
    ...(report.advice ? [`**What to do:** ${plain(sentence(report.advice))}`] : []),
    `${originSentence(report.origin)}; opened by ${plain(report.openedBy)}${opened}; digest ${code(report.digest)}`,
    ...(sandbox ? [`**${sandbox}**`] : []),
    ...assumedList(report),
  ].join('\n\n')
}

function assumedList({ origin }: RunReport): readonly string[] {
  const assumptions = assumptionsOf(origin)
  return assumptions.length === 0 ? [] : ['Assumed for the rehearsal:', assumptions.map((each) => `- ${plain(each)}`).join('\n')]
}

function batchTable(title: string, batches: readonly BatchReport[]): string {
  if (batches.length === 0) return ''
  const rows = batches.map((batch) => [
    plain(batch.title),
    batch.status,
    durationOf(batch) ?? '',
    batch.gates.map(({ gate, judgement }) => `${gate} ${judgement.verdict}: ${plain(judgement.reason)}`).join('<br>'),
  ])
  return `### ${title}\n\n${markdownTable(['Batch', 'Status', 'Took', 'Gates'], rows)}`
}

function list(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `### ${title}\n\n${lines.map((line) => `- ${line}`).join('\n')}`
}

function writeBackPart({ note, values, places }: RunReport['writeBack']): string {
  const [head = [], ...rows] = withoutEmpty([WRITE_BACK_HEAD, ...writeBackRows(values)])
  const table = markdownTable(
    head.map((cell) => cell.toLowerCase()),
    rows.map((row) => row.map((cell) => (cell ? code(cell) : ''))),
  )
  const where = places.map(({ tool, says }) => `- in ${tool}: ${plain(says)}`).join('\n')
  return ['### Write back', note && plain(note), values.length > 0 && table, where].filter(Boolean).join('\n\n')
}

function foldedList(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : folded(`${title} (${lines.length})`, lines.map((line) => `- ${plain(line)}`).join('\n'))
}
