import { allocationWords } from '../catalog/gates/judging/stuck.ts'
import type { Diagnosis, DiagnosisReport } from '../model/diagnosis.ts'
import type { Evidence } from '../model/verdict.ts'
import { groupedEvidence } from './evidence.ts'
import { count, hanging, listed, printable } from './layout.ts'
import { bold, dim, type Style, spelled } from './style.ts'

/** How much of the evidence of one cause is shown; the JSON form has all. */
const MOST = 5

/** Causes for a person: the likeliest first, each with what speaks for it, against it, and what to type. */
export function diagnosisText(report: DiagnosisReport, style: Style): string {
  const causes = report.diagnoses.filter(({ explainedBy }) => explainedBy === undefined)
  const lines = [
    bold(style, headline(report)),
    ...causes.flatMap((diagnosis, index) => ['', ...causeLines(diagnosis, index + 1, report, style)]),
    ...part('Wrong, and of no known cause', groupedEvidence(report.unclassified), style),
    ...part('How far pods came that wait for an address', allocationLines(report), style),
    ...part('To be surer', report.collect, style),
    ...part(
      'Considered, and not it',
      report.considered.map(({ code, title, because }) => `${code} (${title}): ${because}`),
      style,
    ),
    ...part('Not read, so neither for nor against', report.unread, style),
  ]
  return spelled(style, `${lines.join('\n')}\n`)
}

/** How far pods came that wait for an address. */
export function allocationLines({ allocations }: Pick<DiagnosisReport, 'allocations'>): readonly string[] {
  return groupedEvidence(allocations.map(({ pod, ...allocation }) => ({ subject: `Pod/${pod}`, says: allocationWords(allocation) ?? '' })))
}

export function headline({ cluster, capturedAt, diagnoses, unclassified }: DiagnosisReport): string {
  const causes = diagnoses.filter(({ explainedBy }) => explainedBy === undefined).length
  const where = `${cluster === '' ? 'The cluster' : `Cluster ${printable(cluster)}`} as of ${capturedAt}`
  if (causes > 0) return `${where}: ${count(causes, 'cause')} found`
  if (unclassified.length > 0) return `${where}: unclassified; something is wrong, and no signature fits it`
  return `${where}: nothing is found wrong with its network`
}

function causeLines(diagnosis: Diagnosis, place: number, { diagnoses }: DiagnosisReport, style: Style): readonly string[] {
  const { code, title, likelihood, confidence, evidence, against, remedy, blast, nodes, pods, source } = diagnosis
  const follows = diagnoses.filter(({ explainedBy }) => explainedBy === code).map((each) => `${each.code} (${each.title})`)
  const row = (label: string, text: string) => hanging(`   ${label.padEnd(11)}`, printable(text), style.columns)
  return [
    ...hanging(`${place}. `, bold(style, `${code} ${title}`), style.columns),
    ...row('How sure', `${likelihood}, ${confidence.toFixed(2)}`),
    ...row('Reaches', blast),
    ...(nodes.length === 0 ? [] : row('Nodes', listed(nodes))),
    ...(pods.length === 0 ? [] : row('Pods', listed(pods))),
    ...some(evidence, diagnosis).flatMap((fact, index) => row(index === 0 ? 'For it' : '', fact)),
    ...some(against, diagnosis).flatMap((fact, index) => row(index === 0 ? 'Against it' : '', fact)),
    ...(follows.length === 0 ? [] : row('Explains', follows.join('; '))),
    ...row(
      'What to do',
      `${remedy.text} ${remedy.disposition === 'person' ? '(Needs a person.)' : '(Safe to do unattended, within bounds.)'}`,
    ),
    ...remedy.commands.map((command) => `              ${printable(command)}`),
    ...row('Source', dim(style, source)),
  ]
}

function some(evidence: readonly Evidence[], { nodes, pods }: Diagnosis): readonly string[] {
  const lines = groupedEvidence(evidence, nodes, pods)
  return lines.length > MOST ? [...lines.slice(0, MOST), `and ${lines.length - MOST} more (-o json)`] : lines
}

function part(title: string, texts: readonly string[], style: Style): readonly string[] {
  if (texts.length === 0) return []
  return [
    '',
    title,
    ...texts.slice(0, 12).flatMap((text) => hanging('  ', printable(text), style.columns)),
    ...(texts.length > 12 ? [`  and ${texts.length - 12} more`] : []),
  ]
}
