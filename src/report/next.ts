import type { ExitName } from '../errors/catalogue.ts'
import type { RunReport } from './run-report.ts'

interface Ended {
  readonly run: string
  readonly exit?: ExitName
  /** The file of the plan, where it is known. */
  readonly plan?: string
  /** The step or batch that failed, for `accept`. */
  readonly at?: string
  /** Gates that cannot tell: a person may answer for them. */
  readonly unknown?: readonly string[]
}

/** What to type next after a run came to rest, best first: commands alone. Every non-zero exit has something. */
export function nextCommands({ run, exit, plan = 'PLAN', at = 'STEP', unknown = [] }: Ended, resumeWith?: string): readonly string[] {
  const commands: Partial<Record<ExitName, readonly string[]>> = {
    blocked: [`serin preflight ${plan}`],
    inconclusive: ['serin permissions --read', `serin preflight ${plan}`],
    rolledBack: [`serin report ${run}`, `serin plan ${plan}`],
    rollbackFailed: [`serin status ${run}`, `serin report ${run}`, `serin rollback ${run}`],
    failed: [`serin report ${run}`, `serin plan ${plan}`],
    partlyDone: [`serin report ${run}`, `serin plan ${plan}`],
    held: heldDoors(run, at, unknown, resumeWith),
    deadline: [`serin resume ${run}`],
    interrupted: [`serin resume ${run}`, `serin status ${run}`],
    terminated: [`serin resume ${run}`, `serin status ${run}`],
  }
  if (exit === undefined) return [`serin status ${run}`, `serin resume ${run}`]
  return commands[exit] ?? []
}

/** The doors out of a hold; those that the run itself names come first, in its order. */
function heldDoors(run: string, at: string, unknown: readonly string[], resumeWith = ''): readonly string[] {
  const doors: Readonly<Record<string, string>> = {
    approve: `serin approve ${run}`,
    resume: `serin resume ${run}`,
    rollback: `serin rollback ${run}`,
    accept: `serin accept ${run} --step ${at} --reason TEXT`,
    abandon: `serin abandon ${run} --reason TEXT`,
  }
  const named = [...resumeWith.matchAll(/serin (\w+)/g)].map((match) => match[1] ?? '').filter((door) => door in doors)
  const rest = Object.keys(doors).filter((door) => door !== 'approve')
  const answers = unknown.map((gate) => `serin approve ${run} --gate ${gate} --reason TEXT`)
  return [...new Set([...named, ...rest])].flatMap((door) => [doors[door] ?? '', ...(door === 'resume' ? answers : [])])
}

/**
 * What a person is asked to do before typing anything, in prose. A way on that is nothing but commands (`serin approve, then
 * serin resume`) asks for nothing more; a condition on one (`serin resume, once the window is open`) does.
 */
export function adviceOf(resumeWith: string | undefined): string | undefined {
  if (resumeWith === undefined || !/^`?serin /.test(resumeWith)) return resumeWith
  const condition = /^`?serin \w+`?, (once .+)$/.exec(resumeWith)?.[1]
  return condition === undefined ? undefined : `Go on ${condition}.`
}

/** A rehearsal is over when its command ends: there is nothing to resume, only a plan to change and to rehearse again. */
export function asRehearsal(told: RunReport, again: string, unmet: readonly string[] = []): RunReport {
  const report = unmet.length === 0 ? told : { ...told, unmet }
  const { run, exit, advice } = report
  const here = 'Here: change the plan or the world, then rehearse again.'
  const look = `serin report ${run} --rehearsal -o html --out ${run}.html`
  if (exit === 'ok') return { ...report, advice: undefined, next: [look] }
  return { ...report, advice: advice === undefined ? here : `On a real cluster: ${advice} ${here}`, next: [again, look] }
}
