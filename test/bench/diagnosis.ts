import { diagnose } from '../../src/diagnosis/diagnose.ts'
import type { DiagnosisReport } from '../../src/model/diagnosis.ts'
import { caseOf, SEEDS } from '../support/diagnosis/corpus.ts'
import { confusions, type Scored, scoreOf, shareRight } from '../support/diagnosis/score.ts'
import { ms, timed } from './measure.ts'
import { snapshotOf } from './preflight.ts'

/** Worlds in each part of the corpus: 400 that signatures were written on, 400 held back, in two parts. */
const WORLDS = { seen: 400, calibration: 200, held: 200 } as const

type Part = keyof typeof WORLDS
type Row = readonly string[]

const made = new Map<Part, Promise<readonly Scored[]>>()

async function diagnosed(part: Part): Promise<readonly Scored[]> {
  const known = made.get(part) ?? play(part)
  made.set(part, known)
  return await known
}

async function play(part: Part): Promise<readonly Scored[]> {
  const scored: Scored[] = []
  for (let nth = 0; nth < WORLDS[part]; nth++) {
    const { seed, name, truth, snapshot } = await caseOf(SEEDS[part] + nth)
    scored.push({ seed, name, truth, report: diagnose(snapshot) })
  }
  return scored
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`

/** Right first, right among the first three, and alarms where the CNI is not to blame, of both halves. */
export async function diagnosisAccuracy(): Promise<readonly Row[]> {
  const parts: readonly (readonly [string, readonly Scored[]])[] = [
    ['written on', await diagnosed('seen')],
    ['held back', [...(await diagnosed('calibration')), ...(await diagnosed('held'))]],
  ]
  const row = ([name, all]: (typeof parts)[number]): Row => {
    const { worlds, decoys, top1, top3, falseAlarms } = scoreOf(all)
    return [name, `${worlds}`, percent(top1), percent(top3), `${decoys}`, percent(falseAlarms)]
  }
  return [
    ['half', 'worlds', 'first', 'in three', 'decoys', 'false alarms'],
    ['to reach', '', '95.0 %', '99.0 %', '', '1.0 %'],
    ...parts.map(row),
  ]
}

/** What was taken for what, in both halves; right ones are left out. */
export async function diagnosisConfusion(): Promise<readonly Row[]> {
  const [seen, held] = [await diagnosed('seen'), [...(await diagnosed('calibration')), ...(await diagnosed('held'))]]
  const rows = [
    ...confusions(seen).map(([pair, count]): Row => [pair, `${count}`, '']),
    ...confusions(held).map(([pair, count]): Row => [pair, '', `${count}`]),
  ]
  return [['planted, and what it was seen as', 'written on', 'held back'], ...rows]
}

/** What a confidence is worth: of the claims with each of them, the share that is right, on worlds that gave none of them. */
export async function diagnosisConfidence(): Promise<readonly Row[]> {
  const shares = async (part: Part) => new Map(shareRight(await diagnosed(part), kindOf).map((one) => [one.kind, one]))
  const [gave, held] = [await shares('calibration'), await shares('held')]
  const kinds = [...new Set([...gave.keys(), ...held.keys()])].sort().reverse()
  const cells = (one: { readonly claims: number; readonly right: number } | undefined): Row =>
    one === undefined ? ['', ''] : [`${one.claims}`, percent(one.right)]
  return [
    ['confidence', 'claims that gave it', 'right', 'claims held back', 'right'],
    ...kinds.map((kind): Row => [kind, ...cells(gave.get(kind)), ...cells(held.get(kind))]),
  ]
}

const kindOf = ({ confidence, likelihood }: DiagnosisReport['diagnoses'][number]) => `${confidence.toFixed(2)} ${likelihood}`

/** What a diagnosis costs by the size of the cluster. */
export async function diagnosisSize(): Promise<readonly Row[]> {
  const rows: Row[] = [['nodes', 'pods', 'time', 'exponent']]
  let before: { readonly nodes: number; readonly took: number } | undefined
  for (const nodes of [100, 1_000, 5_000]) {
    const snapshot = snapshotOf(nodes)
    diagnose(snapshot)
    const took = await timed(() => diagnose(snapshot))
    const exponent = before === undefined ? '' : (Math.log(took / before.took) / Math.log(nodes / before.nodes)).toFixed(2)
    rows.push([`${nodes}`, `${nodes * 30}`, ms(took), exponent])
    before = { nodes, took }
  }
  return rows
}
