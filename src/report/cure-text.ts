import type { DiagnosisReport } from '../model/diagnosis.ts'
import { causeInBrief } from '../model/diagnosis.ts'
import type { RemediationPolicy } from '../model/plan.ts'
import type { Cure } from '../rollout/cure/choose.ts'
import { headline } from './diagnosis-text.ts'
import { groupedEvidence } from './evidence.ts'
import { count, hanging, listed, printable } from './layout.ts'
import { bold, type Style, spelled } from './style.ts'

/** What would be cured and how far that goes, what comes first, what is left alone and why. */
export function cureText(cure: Cure, report: DiagnosisReport, policy: RemediationPolicy, style: Style): string {
  const causes = report.diagnoses.filter(({ explainedBy }) => explainedBy === undefined)
  const { rotations, pods, leftovers, left, first } = cure
  const causeOf = (key: string) => causes.find((cause) => cause.pods.includes(key))
  const byOwner = Map.groupBy(pods, ({ namespace, owner, name }) => {
    const { code, title } = causeOf(`${namespace}/${name}`) ?? {}
    return JSON.stringify([`${namespace}/${owner}`, code === undefined ? '' : `: ${code}, ${title}`])
  })
  const lines = [
    bold(style, headline(report)),
    ...causes.flatMap((cause) => hanging('  ', printable(causeInBrief(cause)), style.columns)),
    ...part(
      'First, by a person',
      first.flatMap(({ code, because, commands }) => [
        `${code}: ${because}. Nothing of its cure begins before:`,
        ...commands.map((line) => `  ${line}`),
      ]),
      style,
    ),
    ...part(
      'New nodes in the place of these, one after the other',
      rotations.map(({ node, group, code, because }) => `${node} (${group}): ${code}, ${because}`),
      style,
    ),
    ...part(
      `Pods made anew, ${policy.podsAtOnce} at a time`,
      [...byOwner].map(([key, some]) => {
        const [owner, because] = JSON.parse(key)
        return `${owner}: ${count(some.length, 'pod')} (${listed(some.map(({ name }) => name))})${because}`
      }),
      style,
    ),
    ...part('Leftovers of an update or of a dead run removed', leftovers.nodes, style),
    ...part(
      'Left alone',
      groupedEvidence([...left, ...(leftovers.left ?? [])].map(({ what, because }) => ({ subject: what, says: because }))),
      style,
    ),
  ]
  return spelled(style, `${lines.join('\n')}\n`)
}

function part(title: string, texts: readonly string[], style: Style): readonly string[] {
  return texts.length === 0
    ? []
    : [
        '',
        title,
        ...texts.flatMap((text) => (text.startsWith('  ') ? [`  ${printable(text)}`] : hanging('  ', printable(text), style.columns))),
      ]
}
