import type { PreflightResult } from '../model/finding.ts'
import { formatDuration } from '../model/instant.ts'
import type { Batch, Itinerary, Step } from '../model/itinerary.ts'
import { summaryOf, VERDICT_WORDS } from './findings.ts'
import { forecastChart } from './forecast-chart.ts'
import { forecastLines, lengthSentence } from './forecast-words.ts'
import { callOf, changeOf, exposedOf, guardsOf, noReturnSentence, originOf, remarksOf, sizeOf, undoOf } from './itinerary-words.ts'
import { hanging, wrap } from './layout.ts'
import { originSentence, sandboxSentence } from './origin.ts'
import { arrow, bold, dim, paint, type Style, spelled } from './style.ts'

/**
 * An itinerary for a terminal: each step in order, with everything a person must know before saying yes.
 * @param preflight the verdict, which stands first; undefined where the findings themselves were printed before, with their origin.
 */
export function itineraryText(itinerary: Itinerary, style: Style, preflight?: PreflightResult): string {
  const tail = [noReturnSentence(itinerary), ...remarksOf(itinerary)].flatMap((line) => hanging('  ', line, style.columns))
  const lines = [
    ...headOf(itinerary, style, preflight),
    ...itinerary.batches.flatMap((batch, i) => batchLines(batch, i, style)),
    ...forecastPart(itinerary, style),
    ...tail,
    '',
  ]
  return spelled(style, lines.join('\n'))
}

function forecastPart(itinerary: Itinerary, style: Style): readonly string[] {
  const chart = forecastChart(itinerary, style)
  if (chart.length === 0) return []
  const lines = forecastLines(itinerary).flatMap((line) => hanging('  ', line, style.columns))
  return [...wrap(lengthSentence(itinerary), style.columns), '', ...chart, '', ...(lines.length > 0 ? [...lines, ''] : [])]
}

function headOf(itinerary: Itinerary, style: Style, preflight: PreflightResult | undefined): readonly string[] {
  const sandbox = sandboxSentence(originOf(itinerary).sandbox)
  return [
    // Not wrapped: the command in it is there to be copied.
    ...(preflight ? [bold(style, preflightLine(itinerary, preflight))] : []),
    ...wrap(`Plan ${itinerary.plan}: ${sizeOf(itinerary)}`, style.columns).map((line) => bold(style, line)),
    ...(preflight ? [dim(style, originSentence(originOf(itinerary)))] : []),
    ...(preflight && sandbox ? [dim(style, sandbox)] : []),
    dim(style, `digest ${itinerary.digest}`),
    '',
  ]
}

function preflightLine({ source }: Itinerary, { verdict, findings }: PreflightResult): string {
  const look = verdict === 'clear' && !findings.some((finding) => finding.verdict === 'warn')
  return `Pre-flight: ${VERDICT_WORDS[verdict]} (${summaryOf(findings)})${look ? '' : `; \`serin preflight ${source.file ?? 'PLAN'}\` says which`}`
}

function batchLines(batch: Batch, index: number, style: Style): readonly string[] {
  const number = `${String(index + 1).padStart(2)}. `
  return [
    bold(style, `${number}${batch.title}`) + dim(style, batch.title === batch.id ? '' : `  ${batch.id}`),
    ...batch.steps.flatMap((step) => stepLines(step, style)),
    ...labelled('gates', guardsOf(batch), style),
    '',
  ]
}

function stepLines(step: Step, style: Style): readonly string[] {
  const change = changeOf(step)
  const exposed = exposedOf(step)
  const undo = undoOf(step)
  const loud = step.wayBack.exists === 'none'
  return [
    ...(change ? labelled(change.what, `${change.before} ${arrow(style)} ${change.after}`, style, '    ') : [`    ${step.title}`]),
    ...labelled('call', callOf(step), style),
    ...labelled('takes', `about ${formatDuration(step.forecast.expected)}, given up after ${formatDuration(step.timeout)}`, style),
    ...(exposed ? labelled('exposed', exposed, style) : []),
    ...labelled('undo', undo, style).map((line) => (loud ? paint(style, 'yellow', line) : line)),
  ]
}

function labelled(label: string, text: string, style: Style, indent = '      '): readonly string[] {
  return hanging(`${indent}${label.padEnd(9)}`.replace(/(\S)$/, '$1  '), text, style.columns)
}
