import { formatDuration, type Millis } from '../model/instant.ts'
import { columnsOf, count } from './layout.ts'

/** How the way back of one batch came out when it was rehearsed. */
export interface RehearsedRollback {
  readonly batch: string
  readonly title: string
  /** The cause of its failure, or that it was done and then taken back. */
  readonly failedBy: string
  readonly exit: string
  readonly summary: string
  /** Everything was as it was. */
  readonly exact: boolean
  readonly took: Millis
  readonly differences: readonly string[]
  readonly byHand: readonly string[]
}

/** A batch that was not made to fail, and why. */
export interface UntriedRollback {
  readonly batch: string
  readonly title: string
  readonly untried: string
}

/** Every step that was made to fail: how, how the way back ended, how long it took, and what is not as it was. */
export function rollbackText(all: readonly (RehearsedRollback | UntriedRollback)[]): string {
  const rehearsed = all.flatMap((one) => ('untried' in one ? [] : [one]))
  const rows = rehearsed.map(({ title, failedBy, exit, exact, took }) => [
    title,
    failedBy,
    exit,
    exact ? 'as it was' : 'NOT as it was',
    formatDuration(took),
  ])
  const table = columnsOf([['STEP', 'FAILED BY', 'ENDED', 'CAME BACK', 'TOOK'], ...rows])
  const open = rehearsed.filter(({ exact }) => !exact)
  const details = open.flatMap(({ title, summary, differences, byHand }) => [
    '',
    `${title}: ${summary}`,
    ...differences.map((line) => `  ${line}`),
    ...byHand.map((line) => `  by hand: ${line}`),
  ])
  const untried = all.flatMap((one) => ('untried' in one ? ['', `${one.title}: ${one.untried}`] : []))
  const tried = count(rehearsed.length, 'way back').replace('way backs', 'ways back')
  const verdict =
    open.length === 0
      ? `${tried} rehearsed on a simulated cluster: each came back exactly.`
      : `${open.length} of ${tried} did not come back exactly; see below, before the plan is applied.`
  return `${['', verdict, '', ...table, ...untried, ...details].join('\n')}\n`
}
