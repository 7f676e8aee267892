import { EXIT } from '../errors/catalogue.ts'
import { formatDuration, iso } from '../model/instant.ts'
import { columnsOf, count, hanging, listed, printable, wrap } from './layout.ts'
import { failureSentence, sentence } from './message.ts'
import { assumptionsOf, originSentence, sandboxSentence } from './origin.ts'
import type { BatchReport, RunReport } from './run-report.ts'
import { arrow, bold, dim, glyph, type MarkName, type Style, spelled } from './style.ts'

/** The report of a run for a terminal: the verdict, each batch, what changed, what to type next. */
export function runText(report: RunReport, style: Style): string {
  const lines = [
    ...headOf(report, style),
    ...batchSection(report.batches, 'What happened', report, style),
    ...batchSection(report.wayBack, 'The way back', report, style),
    ...section('What it comes from', report.diagnosis, style),
    ...section('Evidence', report.evidence, style),
    ...section('Nodes that showed the failure', furtherNodes(report), style),
    ...section('By people', report.decisions.map(decisionText), style),
    ...section('Waived', report.waived.map(waivedText), style),
    ...section('Changed and stays', shortened(report.changed), style),
    ...section('Taken back', shortened(report.takenBack), style),
    ...section('Not touched', shortened(report.untouched), style),
    ...section('To do by hand', report.byHand, style),
    ...section('Taking it back', report.deadlines, style),
    ...section('Write back', writeBackLines(report.writeBack), style),
    ...nextSection(report.next, style),
  ]
  return spelled(style, lines.join('\n'))
}

/** `finished, exit 0 (ok)`. */
export function verdictOf(report: RunReport): string {
  if (report.exit === undefined) return 'open'
  return report.exit === 'held' ? `held, exit ${EXIT.held}` : `${VERDICTS[report.exit] ?? report.exit}, exit ${EXIT[report.exit]}`
}

const VERDICTS: Partial<Record<NonNullable<RunReport['exit']>, string>> = {
  ok: 'done',
  rolledBack: 'everything was taken back',
  rollbackFailed: 'TAKING IT BACK FAILED, a person is needed now',
  failed: 'ended, not as intended and not taken back',
  partlyDone: 'partly done',
  blocked: 'blocked before anything was changed',
  inconclusive: 'stopped before anything was changed: evidence is missing',
  deadline: 'stopped at a safe point, out of time',
}

export function durationOf(report: { readonly startedAt?: number; readonly endedAt?: number }): string | undefined {
  if (report.startedAt === undefined || report.endedAt === undefined) return undefined
  return formatDuration(report.endedAt - report.startedAt)
}

/** `21:30 UTC PDB_ALLOWS_NONE on …, by lena until 2027-01-31: moved by hand first` */
export function waivedText({ at, code, subject, message, waiver }: RunReport['waived'][number]): string {
  return `${iso(at)} ${code} on ${subject}, by ${waiver.owner} until ${waiver.expires}: ${waiver.reason} (${message})`
}

export function decisionText(decision: RunReport['decisions'][number]): string {
  return `${iso(decision.at).slice(0, 19)}Z ${decision.who} ${decision.what}${decision.reason ? `: ${decision.reason}` : ''}`
}

function headOf(report: RunReport, style: Style): readonly string[] {
  const sandbox = sandboxSentence(report.origin.sandbox)
  const took = durationOf({ startedAt: report.openedAt, endedAt: report.lastAt })
  return [
    bold(style, `Run ${report.run} of plan ${report.origin.plan}: ${verdictOf(report)}`),
    ...hanging('', printable(sentence(report.summary)), style.columns),
    ...(report.unmet ?? []).flatMap((each) => hanging('! ', printable(each), style.columns).map((line) => bold(style, line))),
    ...(report.failure ? hanging('Cause: ', printable(causeSentence(report)), style.columns) : []),
    ...(report.advice ? hanging('What to do: ', printable(sentence(report.advice)), style.columns) : []),
    ...wrap(`${originSentence(report.origin)}; opened by ${report.openedBy}${took ? `; took ${took}` : ''}`, style.columns).map((line) =>
      dim(style, line),
    ),
    ...(sandbox ? [dim(style, sandbox)] : []),
    ...assumptionsOf(report.origin).flatMap((each) => hanging('Assumed: ', printable(each), style.columns).map((line) => dim(style, line))),
    '',
  ]
}

/** The cause in words; what the summary said already is not said again. */
export function causeSentence({ failure, summary }: Pick<RunReport, 'failure' | 'summary'>): string {
  if (failure === undefined) return ''
  const known = summary.includes(failure.message.replace(/\.$/, ''))
  const [likeliest] = failure.diagnosis ?? []
  if (likeliest === undefined || summary.includes(likeliest.title))
    return known ? `${failure.cause} at ${failure.at}; \`serin explain ${failure.cause}\`` : failureSentence(failure)
  const { code, title, likelihood } = likeliest
  const answered = known ? `answered as ${failure.cause} at ${failure.at}` : failureSentence(failure)
  return `${code}, ${likelihood}: ${title} (\`serin explain ${code}\`); ${answered}`
}

/** Nodes that showed the failure and that no line of evidence names. */
export function furtherNodes({ evidence, hangingNodes }: Pick<RunReport, 'evidence' | 'hangingNodes'>): readonly string[] {
  return hangingNodes.filter((node) => !evidence.some((line) => line.includes(node)))
}

/** The values in columns, then where each tool keeps them. */
export function writeBackLines({ note, values, places }: RunReport['writeBack']): readonly string[] {
  const rows = [WRITE_BACK_HEAD, ...writeBackRows(values)]
  const table = values.length === 0 ? [] : columnsOf(withoutEmpty(rows))
  return [...(note ? [note] : []), ...table, ...places.map(({ tool, says }) => `in ${tool}: ${says}`)]
}

export const WRITE_BACK_HEAD = ['WHAT', 'VERSION', 'RELEASE', 'TEMPLATE', 'OWNER'] as const

export function writeBackRows(values: RunReport['writeBack']['values']): readonly (readonly string[])[] {
  return values.map(({ subject, version = '', release = '', template = '', owner = '' }) => [subject, version, release, template, owner])
}

/** Columns that have nothing below their head are left out. */
export function withoutEmpty(rows: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const used = (rows[0] ?? []).map((_, column) => rows.slice(1).some((row) => row[column] !== ''))
  return rows.map((row) => row.filter((_, column) => used[column]))
}

function batchSection(batches: readonly BatchReport[], title: string, report: RunReport, style: Style): readonly string[] {
  if (batches.length === 0) return []
  return [bold(style, title), ...batches.flatMap((batch) => batchLines(batch, report, style)), '']
}

const SIGNS: Record<BatchReport['status'], MarkName> = {
  passed: 'pass',
  failed: 'fail',
  running: 'pending',
  held: 'warn',
  'not finished': 'warn',
  'accepted by hand': 'waived',
  'not begun': 'pending',
}

function batchLines(batch: BatchReport, report: RunReport, style: Style): readonly string[] {
  const took = durationOf(batch)
  const steps = batch.steps.length > 1 ? `, ${count(batch.steps.length, 'step')}` : ''
  const id = batch.status === 'passed' || batch.status === 'not begun' || batch.id === batch.title ? '' : ` (${batch.id})`
  const head = `${batch.title}${id}: ${batch.status}${took ? ` after ${took}` : ''}${steps}${gatesText(batch)}`
  const label = `  ${glyph(style, SIGNS[batch.status])} `
  const loud =
    batch.status === 'passed'
      ? []
      : batch.gates.filter((gate) => gate.judgement.verdict !== 'pass' && !saidBy(batch.failure, gate.judgement.reason))
  return [
    ...hanging(label, head, style.columns),
    ...loud.flatMap(({ gate, judgement }) =>
      hanging('      ', printable(`${gate} says ${judgement.verdict}: ${sentence(judgement.reason)}`), style.columns),
    ),
    ...(batch.failure && batch.failure.message !== report.failure?.message
      ? hanging('      ', printable(failureSentence(batch.failure)), style.columns)
      : []),
  ]
}

/** A failure repeats the reason of the gate that noticed it; once is enough. */
function saidBy(failure: BatchReport['failure'], reason: string): boolean {
  return failure?.message.includes(reason.replace(/\.$/, '')) ?? false
}

function gatesText(batch: BatchReport): string {
  const passed = batch.gates.filter((gate) => gate.judgement.verdict === 'pass').map((gate) => gate.gate)
  return passed.length > 0 ? `; passed ${passed.join(', ')}` : ''
}

function section(title: string, lines: readonly string[], style: Style): readonly string[] {
  if (lines.length === 0) return []
  return [bold(style, title), ...lines.flatMap((line) => itemLines(printable(line), style)), '']
}

/** Commands are never broken: they are there to be copied. */
function nextSection(commands: readonly string[], style: Style): readonly string[] {
  return commands.length === 0 ? [] : [bold(style, 'Next'), ...commands.map((command) => `  ${arrow(style)} ${printable(command)}`), '']
}

/** A line of a list; what does not fit is indented further, so that items stay apart. */
function itemLines(text: string, style: Style): readonly string[] {
  return wrap(text, style.columns - 4).map((line, index) => `${index === 0 ? '  ' : '    '}${line}`)
}

/** A long list as one line, so that a run over hundreds of groups still fits a screen. */
function shortened(lines: readonly string[]): readonly string[] {
  return lines.length > 12 ? [`${lines.length}: ${listed(lines, 12)}`] : lines
}
