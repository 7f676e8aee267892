import { iso } from '../model/instant.ts'
import { html } from './markdown.ts'
import { failureSentence, sentence } from './message.ts'
import { originSentence, sandboxSentence } from './origin.ts'
import type { BatchReport, RunReport } from './run-report.ts'
import { decisionText, durationOf, verdictOf } from './run-text.ts'

const LOOK = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
table{border-collapse:collapse;width:100%;margin:1rem 0}th,td{border:1px solid #bbb;padding:.35rem .6rem;text-align:left;vertical-align:top}
code{background:#f1f1f1;padding:.1em .3em}h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}.simulated{border:2px solid;padding:.5rem 1rem}
@media(prefers-color-scheme:dark){body{color:#e6e6e6;background:#161616}th,td{border-color:#555}code{background:#2a2a2a}}`

/** The report of a run as one page that needs nothing else: no script, no font, no network. */
export function runHtml(report: RunReport): string {
  const title = `Run ${report.run} of plan ${report.origin.plan}: ${verdictOf(report)}`
  return [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${html(title)}</title>`,
    `<style>${LOOK}</style></head><body>`,
    `<h1>${html(title)}</h1>`,
    ...headOf(report),
    list('Next', report.next, true),
    list('To do by hand', report.byHand),
    list('Nodes that showed the failure', report.hangingNodes, true),
    batchTable('What happened', report.batches),
    batchTable('The way back', report.wayBack),
    list('By people', report.decisions.map(decisionText)),
    list('Changed and stays', report.changed),
    list('Taken back', report.takenBack),
    list('Not touched', report.untouched),
    list('Write back', report.writeBack, true),
    '</body></html>\n',
  ]
    .filter((part) => part !== '')
    .join('\n')
}

function headOf(report: RunReport): readonly string[] {
  const sandbox = sandboxSentence(report.origin.sandbox)
  const opened = report.openedAt === undefined ? '' : ` at ${iso(report.openedAt)}`
  return [
    `<p>${html(sentence(report.summary))}</p>`,
    ...(report.failure ? [`<p><strong>Cause:</strong> ${html(failureSentence(report.failure))}</p>`] : []),
    ...(report.advice ? [`<p><strong>What to do:</strong> ${html(sentence(report.advice))}</p>`] : []),
    `<p>${html(originSentence(report.origin))}; opened by ${html(report.openedBy)}${opened}; digest <code>${html(report.digest)}</code></p>`,
    ...(sandbox ? [`<p class="simulated"><strong>${html(sandbox)}</strong></p>`] : []),
  ]
}

function batchTable(title: string, batches: readonly BatchReport[]): string {
  if (batches.length === 0) return ''
  const rows = batches.map(
    (batch) =>
      `<tr><td>${html(batch.title)}</td><td>${batch.status}</td><td>${durationOf(batch) ?? ''}</td><td>${batch.gates.map(gateCell).join('<br>')}</td></tr>`,
  )
  const head = '<tr><th scope="col">Batch</th><th scope="col">Status</th><th scope="col">Took</th><th scope="col">Gates</th></tr>'
  return `<h2>${html(title)}</h2>\n<table><thead>${head}</thead><tbody>\n${rows.join('\n')}\n</tbody></table>`
}

function gateCell(gate: BatchReport['gates'][number]): string {
  return html(`${gate.gate} ${gate.judgement.verdict}: ${gate.judgement.reason}`)
}

function list(title: string, lines: readonly string[], asCode = false): string {
  if (lines.length === 0) return ''
  const items = lines.map((line) => `<li>${asCode ? `<code>${html(line)}</code>` : html(line)}</li>`)
  return `<h2>${html(title)}</h2>\n<ul>\n${items.join('\n')}\n</ul>`
}
