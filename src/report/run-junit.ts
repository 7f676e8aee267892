import { type JunitCase, junit } from './junit.ts'
import { failureSentence } from './message.ts'
import type { BatchReport, RunReport } from './run-report.ts'
import { verdictOf } from './run-text.ts'

/** A run as JUnit: one case per gate of each batch, and one per batch, so that a pipeline names what failed. */
export function runJunit(report: RunReport): string {
  const cases = [...report.batches, ...report.wayBack].flatMap(casesOf)
  return junit(`serin run ${report.run}`, cases, `${verdictOf(report)}: ${report.summary}`)
}

function casesOf(batch: BatchReport): readonly JunitCase[] {
  const classname = `run.${batch.id.replaceAll('/', '.')}`
  const gates = batch.gates.map(({ gate, judgement }): JunitCase => {
    const outcome = judgement.verdict === 'fail' ? 'failure' : judgement.verdict === 'pass' ? 'passed' : 'error'
    return { classname, name: `gate ${gate}`, outcome, message: judgement.reason }
  })
  return [...gates, { classname, name: batch.title, ...outcomeOf(batch), seconds: secondsOf(batch) }]
}

function outcomeOf(batch: BatchReport): Pick<JunitCase, 'outcome' | 'message'> {
  if (batch.status === 'passed') return { outcome: 'passed' }
  if (batch.status === 'failed') return { outcome: 'failure', message: batch.failure && failureSentence(batch.failure) }
  return { outcome: 'skipped', message: batch.status }
}

function secondsOf(batch: BatchReport): number | undefined {
  if (batch.startedAt === undefined || batch.endedAt === undefined) return undefined
  return Math.round((batch.endedAt - batch.startedAt) / 1000)
}
