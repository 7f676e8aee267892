import { EXIT } from '../errors/catalogue.ts'
import { formatDuration, iso } from '../model/instant.ts'
import { count, hanging, listed, printable, wrap } from './layout.ts'
import { failureSentence, sentence } from './message.ts'
import { originSentence, sandboxSentence } from './origin.ts'
import type { BatchReport, RunReport } from './run-report.ts'
import { arrow, bold, dim, glyph, type MarkName, type Style } from './style.ts'

/** The report of a run for a terminal: the verdict, each batch, what changed, what to type next. */
export function runText(report: RunReport, style: Style): string {
  return [
    ...headOf(report, style),
    ...batchSection(report.batches, 'What happened', style),
    ...batchSection(report.wayBack, 'The way back', style),
    ...section('Nodes that showed the failure', report.hangingNodes, style),
    ...section('By people', report.decisions.map(decisionText), style),
    ...section('Changed and stays', shortened(report.changed), style),
    ...section('Taken back', shortened(report.takenBack), style),
    ...section('Not touched', shortened(report.untouched), style),
    ...section('To do by hand', report.byHand, style),
    ...section('Write back', report.writeBack, style),
    ...section(
      'Next',
      report.next.map((command) => `${arrow(style)} ${command}`),
      style,
    ),
  ].join('\n')
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
  failed: 'failed',
  partlyDone: 'partly done',
  blocked: 'blocked before anything was changed',
  inconclusive: 'stopped before anything was changed: evidence is missing',
  deadline: 'stopped at a safe point, out of time',
}

export function durationOf(report: { readonly startedAt?: number; readonly endedAt?: number }): string | undefined {
  if (report.startedAt === undefined || report.endedAt === undefined) return undefined
  return formatDuration(report.endedAt - report.startedAt)
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
    ...(report.failure ? hanging('', printable(`Cause: ${failureSentence(report.failure)}`), style.columns) : []),
    ...(report.advice ? hanging('', printable(`What to do: ${sentence(report.advice)}`), style.columns) : []),
    dim(style, `${originSentence(report.origin)}; opened by ${report.openedBy}${took ? `; took ${took}` : ''}`),
    ...(sandbox ? [dim(style, sandbox)] : []),
    '',
  ]
}

function batchSection(batches: readonly BatchReport[], title: string, style: Style): readonly string[] {
  if (batches.length === 0) return []
  return [bold(style, title), ...batches.flatMap((batch) => batchLines(batch, style)), '']
}

const SIGNS: Record<BatchReport['status'], MarkName> = {
  passed: 'pass',
  failed: 'fail',
  running: 'pending',
  'accepted by hand': 'waived',
  'not begun': 'pending',
}

function batchLines(batch: BatchReport, style: Style): readonly string[] {
  const took = durationOf(batch)
  const steps = batch.steps.length > 1 ? `, ${count(batch.steps.length, 'step')}` : ''
  const head = `${batch.title}: ${batch.status}${took ? ` after ${took}` : ''}${steps}${gatesText(batch)}`
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
    ...(batch.failure ? hanging('      ', printable(failureSentence(batch.failure)), style.columns) : []),
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

/** A line of a list; what does not fit is indented further, so that items stay apart. */
function itemLines(text: string, style: Style): readonly string[] {
  return wrap(text, style.columns - 4).map((line, index) => `${index === 0 ? '  ' : '    '}${line}`)
}

/** A long list as one line, so that a run over hundreds of groups still fits a screen. */
function shortened(lines: readonly string[]): readonly string[] {
  return lines.length > 12 ? [`${lines.length}: ${listed(lines, 12)}`] : lines
}
