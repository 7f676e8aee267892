import { evidenceLines } from './evidence.ts'
import { type JunitCase, junit } from './junit.ts'
import { failureSentence } from './message.ts'
import type { BatchReport, RunReport } from './run-report.ts'
import { verdictOf } from './run-text.ts'

/** A run as JUnit: one case per gate of each batch, and one per batch, so that a pipeline names what failed. */
export function runJunit(report: RunReport): string {
  const cases = [...report.batches, ...report.wayBack].flatMap((batch) => casesOf(batch, report))
  return junit(`serin run ${report.run}`, cases, `${verdictOf(report)}: ${report.summary}`)
}

function casesOf(batch: BatchReport, report: RunReport): readonly JunitCase[] {
  const classname = `run.${batch.id.replaceAll('/', '.')}`
  const gates = batch.gates.map(({ gate, judgement }): JunitCase => {
    const outcome = judgement.verdict === 'fail' ? 'failure' : judgement.verdict === 'pass' ? 'passed' : 'error'
    return { classname, name: `gate ${gate}`, outcome, message: judgement.reason }
  })
  return [...gates, { classname, name: batch.title, ...outcomeOf(batch, report), seconds: secondsOf(batch) }]
}

/** What failed, or made the run hold, is a failure with its evidence; what was not begun is skipped. */
function outcomeOf(batch: BatchReport, report: RunReport): Pick<JunitCase, 'outcome' | 'message' | 'details'> {
  if (batch.status === 'passed') return { outcome: 'passed' }
  if (batch.status !== 'failed' && batch.status !== 'held') return { outcome: 'skipped', message: batch.status }
  const failure = batch.failure ?? report.failure
  return { outcome: 'failure', message: failure ? failureSentence(failure) : report.summary, details: evidenceLines(failure) }
}

function secondsOf(batch: BatchReport): number | undefined {
  if (batch.startedAt === undefined || batch.endedAt === undefined) return undefined
  return Math.round((batch.endedAt - batch.startedAt) / 1000)
}
