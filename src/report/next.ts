import type { ExitName } from '../errors/catalogue.ts'
import type { RunReport } from './run-report.ts'

type Ended = Pick<RunReport, 'run' | 'exit' | 'origin'>

/** What to type next after a run came to rest, best first. Every non-zero exit has something. */
export function nextCommands(report: Ended, advice?: string): readonly string[] {
  const { run } = report
  const commands: Partial<Record<ExitName, readonly string[]>> = {
    blocked: ['serin preflight PLAN'],
    inconclusive: ['serin permissions --read', 'serin preflight PLAN'],
    rolledBack: [`serin report ${run}`, 'serin plan PLAN'],
    rollbackFailed: [`serin status ${run}`, `serin report ${run}`, `serin rollback ${run}`],
    failed: [`serin report ${run}`, 'serin plan PLAN'],
    partlyDone: [`serin report ${run}`, 'serin plan PLAN'],
    held: heldDoors(run, advice),
    deadline: [`serin resume ${run}`],
    interrupted: [`serin resume ${run}`, `serin status ${run}`],
    terminated: [`serin resume ${run}`, `serin status ${run}`],
  }
  if (report.exit === undefined) return [`serin status ${run}`, `serin resume ${run}`]
  return commands[report.exit] ?? []
}

/** The doors out of a hold; those that the advice names come first, in its order. */
function heldDoors(run: string, advice = ''): readonly string[] {
  const doors: Readonly<Record<string, string>> = {
    approve: `serin approve ${run}`,
    resume: `serin resume ${run}`,
    rollback: `serin rollback ${run}`,
    accept: `serin accept ${run} --step STEP --reason TEXT`,
    abandon: `serin abandon ${run} --reason TEXT`,
  }
  const named = [...advice.matchAll(/serin (\w+)/g)].map((match) => match[1] ?? '').filter((door) => door in doors)
  const rest = Object.keys(doors).filter((door) => door !== 'approve')
  return [...new Set([...named, ...rest])].map((door) => doors[door] ?? '')
}
