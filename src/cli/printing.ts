import { EXIT } from '../errors/catalogue.ts'
import { preflightExit } from '../report/findings.ts'
import { findingsGithub } from '../report/findings-github.ts'
import { findingsMarkdown } from '../report/findings-markdown.ts'
import { findingsSarif } from '../report/findings-sarif.ts'
import { findingsText } from '../report/findings-text.ts'
import { itineraryMarkdown } from '../report/itinerary-markdown.ts'
import { itineraryText } from '../report/itinerary-text.ts'
import { findingsJson, jsonText } from '../report/json.ts'
import { findingsJunit } from '../report/junit.ts'
import { type Io, styleFor } from './io.ts'
import { originOfPlanned, type Planned } from './planning.ts'

export const FINDING_FORMS = ['table', 'json', 'markdown', 'junit', 'sarif', 'github'] as const
export type FindingForm = (typeof FINDING_FORMS)[number]

type Where = 'stdout' | 'stderr'

/** @param all also what passed, one by one; of the table alone. */
export function printFindings(io: Io, planned: Planned, where: Where, form: FindingForm, all = false): void {
  const origin = originOfPlanned(planned)
  const { preflight, plan, itinerary } = planned
  const file = itinerary.source.file ?? plan.metadata.name
  const text = {
    table: () => findingsText(preflight, origin, styleFor(io, where), !all),
    json: () => findingsJson(preflight, origin),
    markdown: () => findingsMarkdown(preflight, origin),
    junit: () => findingsJunit(preflight, plan.metadata.name),
    sarif: () => findingsSarif(preflight, origin, file, itinerary.tool),
    github: () => findingsGithub(preflight, file),
  }[form]()
  io[where].write(text)
  // In a job of GitHub's, people look at the pull request and not at the log.
  if (form === 'table' && io.env.GITHUB_ACTIONS === 'true') io.stderr.write(findingsGithub(preflight, file))
}

/** On stderr it follows the findings, so their verdict is not said again. */
export function printPlan(io: Io, planned: Planned, where: Where, form: 'table' | 'json' | 'markdown'): void {
  const { itinerary, preflight } = planned
  if (form === 'json') io[where].write(jsonText(itinerary))
  else if (form === 'markdown') io[where].write(itineraryMarkdown(itinerary, preflight))
  else io[where].write(`${itineraryText(itinerary, styleFor(io, where), where === 'stdout' ? preflight : undefined)}\n`)
}

/** What a stopped pre-flight means and what to type next; there is no run to report, so the findings are the data. Answers with its exit code. */
export function stoppedByPreflight(io: Io, planned: Planned, path: string, form: string): number {
  const { preflight } = planned
  const exit = preflightExit(preflight)
  if (exit === EXIT.ok) return exit
  const data = FINDING_FORMS.find((each) => each === form && each !== 'table')
  if (data !== undefined) printFindings(io, planned, 'stdout', data)
  const next = exit === EXIT.blocked ? `serin preflight ${path}` : 'serin permissions --read'
  io.stderr.write(`Pre-flight is ${preflight.verdict}: nothing was changed. Mend or waive what is named, then: ${next}\n`)
  return exit
}
