import { SerinError } from '../errors/serin-error.ts'
import type { PlanProblem } from '../model/plan.ts'
import type { Path, Place } from './located.ts'

/** A mistake before it is located: which part of the plan, what is wrong, what to write instead. */
export interface Mistake {
  readonly path: Path
  readonly message: string
  readonly remedy: string
}

const MOST = 100

/** `waves[1].nodeGroups[0]`, as people write it. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    return text === '' ? part : `${text}.${part}`
  }, '')
}

export function problemAt(place: Place, path: Path, message: string, remedy: string): PlanProblem {
  return { file: place.file, line: place.line, column: place.column, path: formatPath(path), message, remedy }
}

/** `plans/shop.yaml:12:5 waves[0].soak: …`, one line. */
function formatProblem(problem: PlanProblem): string {
  const subject = problem.path === '' ? '' : ` ${problem.path}:`
  return `${problem.file}:${problem.line}:${problem.column}${subject} ${problem.message}. ${problem.remedy}`
}

/** The one error for all mistakes of a plan, in the order of the files and lines; beyond a hundred it says how many more there are. */
export function planInvalid(file: string, problems: readonly PlanProblem[]): SerinError {
  const located = [...problems].sort((a, b) => byFile(file, a, b) || a.line - b.line || a.column - b.column)
  const lines = located.slice(0, MOST).map(formatProblem)
  const rest = located.length - lines.length
  if (rest > 0) lines.push(`… and ${rest} more`)
  const count = problems.length === 1 ? 'one mistake' : `${problems.length} mistakes`
  return new SerinError('PLAN_INVALID', `${file} has ${count}`, { problems: lines, located: located.slice(0, MOST) })
}

/** The plan's own file first, then its base. */
function byFile(first: string, a: PlanProblem, b: PlanProblem): number {
  if (a.file === b.file) return 0
  return a.file === first ? -1 : 1
}
