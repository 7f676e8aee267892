import type { Diagnosis, DiagnosisReport } from '../model/diagnosis.ts'
import type { Evidence } from '../model/verdict.ts'
import { allocationLines, headline } from './diagnosis-text.ts'
import { groupedEvidence } from './evidence.ts'
import { listed } from './layout.ts'
import { code, fitted, folded, markdownTable, plain } from './markdown.ts'

/** Causes for a ticket or a pull-request comment; evidence is folded, the likeliest cause comes first. */
export function diagnosisMarkdown(report: DiagnosisReport): string {
  const causes = report.diagnoses.filter(({ explainedBy }) => explainedBy === undefined)
  const lists = [
    ['Wrong, and of no known cause', groupedEvidence(report.unclassified)],
    ['How far pods came that wait for an address', allocationLines(report)],
    ['To be surer', report.collect],
    ['Considered, and not it', report.considered.map((each) => `${each.code}: ${each.because}`)],
    ['Not read', report.unread],
  ] as const
  return fitted(
    [
      `## Diagnosis\n\n${plain(headline(report))}.`,
      ...causes.map((cause) => causePart(cause, report)),
      ...lists.flatMap(([title, texts]) => (texts.length === 0 ? [] : [folded(title, texts.map((text) => `- ${plain(text)}`).join('\n'))])),
    ],
    'the JSON output has all evidence.',
  )
}

function causePart(cause: Diagnosis, { diagnoses }: DiagnosisReport): string {
  const { likelihood, confidence, blast, remedy, evidence, against, nodes, pods, source } = cause
  const follows = diagnoses.filter(({ explainedBy }) => explainedBy === cause.code).map((each) => each.code)
  const rows = [
    ['How sure', `${likelihood}, ${confidence.toFixed(2)}`],
    ['Reaches', plain(blast)],
    ...(nodes.length === 0
      ? []
      : [['Nodes', nodes.slice(0, 5).map(code).join(', ') + (nodes.length > 5 ? ` and ${nodes.length - 5} more` : '')]]),
    ...(pods.length === 0 ? [] : [['Pods', plain(listed(pods))]]),
    ...(follows.length === 0 ? [] : [['Explains', follows.join(', ')]]),
    [
      'What to do',
      `${plain(remedy.text)} ${remedy.disposition === 'person' ? 'Needs a person.' : 'Safe to do unattended, within bounds.'}`,
    ],
  ]
  const commands = remedy.commands.length === 0 ? [] : [['```sh', ...remedy.commands, '```'].join('\n')]
  const facts = (title: string, all: readonly Evidence[]) =>
    all.length === 0
      ? []
      : [
          folded(
            `${title} (${all.length})`,
            markdownTable(
              ['Subject', 'Says'],
              all.map(({ subject, says }) => [plain(subject), plain(says)]),
            ),
          ),
        ]
  return [
    `### ${code(cause.code)} ${plain(cause.title)}`,
    markdownTable(['', ''], rows),
    ...commands,
    ...facts('What speaks for it', evidence),
    ...facts('What speaks against it', against),
    `Source: ${source}`,
  ].join('\n\n')
}
