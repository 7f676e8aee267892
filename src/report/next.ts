import type { ExitName } from '../errors/catalogue.ts'
import type { RunReport } from './run-report.ts'

type Ended = Pick<RunReport, 'run' | 'exit' | 'origin'>

/** What to type next after a run came to rest, best first. Every non-zero exit has something. */
export function nextCommands(report: Ended, resumeWith?: string): readonly string[] {
  const { run } = report
  const commands: Partial<Record<ExitName, readonly string[]>> = {
    blocked: [`serin preflight PLAN`],
    inconclusive: [`serin permissions --read`, `serin preflight PLAN`],
    rolledBack: [`serin report ${run}`, `serin plan PLAN`],
    rollbackFailed: [`serin status ${run}`, `serin report ${run}`, `serin resume ${run}`],
    failed: [`serin report ${run}`, `serin plan PLAN`],
    partlyDone: [`serin report ${run}`, `serin plan PLAN`],
    held: heldDoors(run, resumeWith),
    deadline: [`serin resume ${run}`],
    locked: [`serin status`],
    stale: [`serin plan PLAN`],
  }
  if (report.exit === undefined) return [`serin status ${run}`, `serin resume ${run}`]
  return commands[report.exit] ?? []
}

function heldDoors(run: string, resumeWith: string | undefined): readonly string[] {
  const doors = [`serin resume ${run}`, `serin rollback ${run}`, `serin accept ${run} --step STEP --reason TEXT`, `serin abandon ${run}`]
  const first = resumeWith?.match(/serin [^`]+/)?.[0]?.trim()
  return first ? [first, ...doors.filter((door) => !door.startsWith(first.split(' ').slice(0, 2).join(' ')))] : doors
}
