import { iso } from '../model/instant.ts'
import { html } from './markdown.ts'
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
import { runTimeline } from './run-timeline.ts'

const LOOK = `:root{--ink:#1c2024;--soft:#60646c;--line:#d9d9e0;--ground:#fff;--code:#f2f2f5;--good:#18794e;--bad:#c62a2f;--care:#946800;--moves:#0d74ce;--back:#8145b5}
@media(prefers-color-scheme:dark){:root{--ink:#edeef0;--soft:#b0b4ba;--line:#43484e;--ground:#18191b;--code:#272a2d;--good:#3dd68c;--bad:#ff9592;--care:#ffca16;--moves:#70b8ff;--back:#d19dff}}
*{box-sizing:border-box}body{font:15px/1.55 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1.25rem;color:var(--ink);background:var(--ground)}
header{border-left:.4rem solid var(--soft);padding:.1rem 0 .1rem 1rem}header.good{border-color:var(--good)}header.bad{border-color:var(--bad)}header.care{border-color:var(--care)}
h1{font-size:1.45rem;line-height:1.3;margin:0 0 .5rem}h2{font-size:1.05rem;margin:2rem 0 .5rem}p{margin:.4rem 0}.soft{color:var(--soft);font-size:.9em;overflow-wrap:anywhere}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid var(--line);padding:.4rem .8rem .4rem 0;text-align:left;vertical-align:top}
th{color:var(--soft);font-weight:600;font-size:.85em}td.fixed{white-space:nowrap}.good{color:var(--good)}.bad{color:var(--bad)}.care{color:var(--care)}header.good,header.bad,header.care{color:inherit}
code{font:.9em ui-monospace,monospace;background:var(--code);padding:.1em .35em;border-radius:.2em;overflow-wrap:anywhere}ul{margin:.3rem 0;padding-left:1.2rem}li{margin:.2rem 0;overflow-wrap:anywhere}
svg.when{width:100%;min-width:40rem;height:auto;font-size:12px}svg.when text{fill:var(--ink)}svg.when text.soft{fill:var(--soft)}svg.when line{stroke:var(--line)}svg.when .moves{fill:var(--moves)}svg.when .back{fill:var(--back)}
svg.when .bad{fill:var(--bad)}svg.when .care{fill:var(--care)}svg.when .pale{opacity:.35}svg.when .hold{fill:var(--care);opacity:.18}svg.when line.forecast{stroke:var(--soft);stroke-width:2}
details summary{cursor:pointer;color:var(--soft)}.simulated{border:1px solid var(--line);border-radius:.3rem;padding:.4rem .8rem}`

/** The report of a run as one page that needs nothing else: no script, no font, no network. */
export function runHtml(report: RunReport): string {
  const title = `Run ${report.run} of plan ${report.origin.plan}: ${verdictOf(report)}`
  return [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${html(title)}</title>`,
    `<style>${LOOK}</style></head><body>`,
    `<header class="${toneOf(report)}"><h1>${html(title)}</h1>`,
    ...headOf(report),
    '</header>',
    list('Next', report.next, true),
    list('To do by hand', report.byHand),
    list('Taking it back', report.deadlines),
    list('What it comes from', report.diagnosis),
    list('Evidence', report.evidence),
    list('Nodes that showed the failure', furtherNodes(report), true),
    runTimeline(report),
    batchTable('What happened', report.batches),
    batchTable('The way back', report.wayBack),
    list('By people', report.decisions.map(decisionText)),
    list('Waived', report.waived.map(waivedText)),
    list('Changed and stays', report.changed),
    list('Taken back', report.takenBack),
    list('Not touched', report.untouched),
    writeBackPart(report.writeBack),
    '</body></html>\n',
  ]
    .filter((part) => part !== '')
    .join('\n')
}

/** Text with what stands in backticks as code. */
function prose(text: string): string {
  return html(text).replace(/`([^`]+)`/g, '<code>$1</code>')
}

/** Green for done, red for what needs a person at once, amber for the rest; the words say it too. */
function toneOf({ exit }: RunReport): string {
  if (exit === undefined) return ''
  if (exit === 'ok') return 'good'
  return exit === 'rollbackFailed' || exit === 'failed' ? 'bad' : 'care'
}

function headOf(report: RunReport): readonly string[] {
  const sandbox = sandboxSentence(report.origin.sandbox)
  const opened = report.openedAt === undefined ? '' : ` at ${iso(report.openedAt)}`
  const took = durationOf({ startedAt: report.openedAt, endedAt: report.lastAt })
  return [
    `<p>${prose(sentence(report.summary))}</p>`,
    ...(report.unmet ?? []).map((each) => `<p><strong>${prose(each)}</strong></p>`),
    ...(report.failure ? [`<p><strong>Cause:</strong> ${prose(causeSentence(report))}</p>`] : []),
    ...(report.advice ? [`<p><strong>What to do:</strong> ${prose(sentence(report.advice))}</p>`] : []),
    `<p class="soft">${html(originSentence(report.origin))}; opened by ${html(report.openedBy)}${opened}${took ? `; took ${took}` : ''}; digest ${html(report.digest)}</p>`,
    ...(sandbox ? [`<p class="simulated"><strong>${html(sandbox)}</strong></p>`] : []),
    ...assumedList(report),
  ]
}

function assumedList({ origin }: RunReport): readonly string[] {
  const items = assumptionsOf(origin).map((each) => `<li>${html(each)}</li>`)
  return items.length === 0 ? [] : [`<p>Assumed for the rehearsal:</p><ul>${items.join('')}</ul>`]
}

const TONES: Record<BatchReport['status'], string> = {
  passed: 'good',
  failed: 'bad',
  held: 'care',
  'not finished': 'care',
  'accepted by hand': 'care',
  running: '',
  'not begun': 'soft',
}

function batchTable(title: string, batches: readonly BatchReport[]): string {
  const rows = batches.map((batch) => [
    cell(html(batch.title)),
    `<td class="fixed ${TONES[batch.status]}">${batch.status}</td>`,
    cell(durationOf(batch) ?? ''),
    `<td>${batch.gates.map(gateText).join('<br>')}</td>`,
  ])
  return table(title, ['Batch', 'Status', 'Took', 'Gates'], rows)
}

function cell(content: string): string {
  return `<td class="fixed">${content}</td>`
}

function gateText({ gate, judgement }: BatchReport['gates'][number]): string {
  const tone = judgement.verdict === 'pass' ? 'good' : judgement.verdict === 'fail' ? 'bad' : 'care'
  return `<strong>${html(gate)}</strong> <span class="${tone}">${judgement.verdict}</span> <span class="soft">${html(judgement.reason)}</span>`
}

function writeBackPart({ note, values, places }: RunReport['writeBack']): string {
  const [head = [], ...rows] = withoutEmpty([WRITE_BACK_HEAD, ...writeBackRows(values)])
  const cells = rows.map((row) => row.map((text) => cell(html(text))))
  const heads = head.map((text) => text.charAt(0) + text.slice(1).toLowerCase())
  return [
    values.length === 0 ? '<h2>Write back</h2>' : table('Write back', heads, cells),
    ...(note ? [`<p>${html(note)}</p>`] : []),
    ...places.map(({ tool, says }) => `<p class="soft">in ${html(tool)}: <code>${html(says)}</code></p>`),
  ].join('\n')
}

function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return ''
  const heads = head.map((text) => `<th scope="col">${html(text)}</th>`).join('')
  const body = rows.map((cells) => `<tr>${cells.join('')}</tr>`).join('\n')
  return `<h2>${html(title)}</h2>\n<div class="scroll"><table><thead><tr>${heads}</tr></thead><tbody>\n${body}\n</tbody></table></div>`
}

function list(title: string, lines: readonly string[], asCode = false): string {
  if (lines.length === 0) return ''
  const items = lines.map((line) => `<li>${asCode ? `<code>${html(line)}</code>` : html(line)}</li>`)
  return `<h2>${html(title)}</h2>\n<ul>\n${items.join('\n')}\n</ul>`
}
