import { EXIT } from '../errors/catalogue.ts'
import { isSerinError, type SerinError } from '../errors/serin-error.ts'
import { hanging, printable } from '../report/layout.ts'
import { sentence } from '../report/message.ts'
import { arrow, bold, glyph, type Style } from '../report/style.ts'

/** What was going on when something failed: it decides what can be said about changes. */
export interface Circumstances {
  /** The run that is open, once one is. */
  readonly run?: string
  readonly journal?: string
}

export interface FailureReport {
  readonly text: string
  readonly exit: number
}

/** What happened, what was changed, what to type next; and the exit code that belongs to it. */
export function failureReport(error: unknown, circumstances: Circumstances, style: Style): FailureReport {
  if (!isSerinError(error)) return { text: defectText(error, circumstances, style), exit: EXIT.defect }
  return { text: errorText(error, circumstances, style), exit: error.exit }
}

function errorText(error: SerinError, circumstances: Circumstances, style: Style): string {
  const { operation, remoteCode, requestId, problems } = error.details
  const call = [operation, remoteCode, requestId && `request ${requestId}`].filter(Boolean).join(', ')
  return [
    `${glyph(style, 'fail')} ${bold(style, error.title)} (${error.code})`,
    ...hanging('  ', printable(sentence(error.message)), style.columns),
    ...(problems ?? []).flatMap((problem) => problemLines(problem, style)),
    ...(call ? hanging('  ', printable(`Asked: ${call}.`), style.columns) : []),
    ...hanging('  ', changesText(circumstances), style.columns),
    ...hanging(`  ${arrow(style)} `, sentence(error.remedy), style.columns),
    '',
  ].join('\n')
}

/** A problem keeps its own lines: position first, remedy below. */
function problemLines(problem: string, style: Style): readonly string[] {
  return problem.split('\n').flatMap((line, index) => hanging(index === 0 ? '  - ' : '    ', printable(line), style.columns))
}

function defectText(error: unknown, circumstances: Circumstances, style: Style): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  const journal = circumstances.journal ? [`  Journal: ${circumstances.journal}`] : []
  return [
    `${glyph(style, 'fail')} ${bold(style, 'Unexpected error: this is a bug in Serin.')}`,
    printable(stack),
    ...causesOf(error),
    ...journal,
    ...hanging('  ', changesText(circumstances), style.columns),
    ...hanging(`  ${arrow(style)} `, 'Please report it with the lines above.', style.columns),
    '',
  ].join('\n')
}

function causesOf(error: unknown): readonly string[] {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error ? [printable(`caused by ${cause.stack ?? cause.message}`), ...causesOf(cause)] : []
}

function changesText({ run }: Circumstances): string {
  if (!run) return 'Nothing was changed.'
  return `Run ${run} is open; what EKS works on goes on by itself. \`serin status ${run}\` shows it, \`serin resume ${run}\` goes on.`
}
