import type { Diagnosis, DiagnosisReport } from '../../../src/model/diagnosis.ts'

/** What one world should show, and what was made of it. */
export interface Scored {
  readonly seed: number
  readonly name: string
  readonly truth: readonly string[]
  readonly report: DiagnosisReport
}

export interface Score {
  readonly worlds: number
  readonly decoys: number
  /** Share of the worlds with a cause whose first diagnosis is one that was planted. */
  readonly top1: number
  /** Share of them in which everything planted is among the first three. */
  readonly top3: number
  /** Share of the decoys in which anything is diagnosed. */
  readonly falseAlarms: number
  readonly wrong: readonly Scored[]
}

export function scoreOf(all: readonly Scored[]): Score {
  const planted = all.filter(({ truth }) => truth.length > 0)
  const decoys = all.filter(({ truth }) => truth.length === 0)
  const alarms = decoys.filter(({ report }) => report.diagnoses.length > 0)
  const share = (good: readonly unknown[], of: readonly unknown[]) => (of.length === 0 ? Number.NaN : good.length / of.length)
  return {
    worlds: planted.length,
    decoys: decoys.length,
    top1: share(planted.filter(isFirst), planted),
    top3: share(planted.filter(isAmongThree), planted),
    falseAlarms: share(alarms, decoys),
    wrong: [...planted.filter((one) => !isFirst(one) || !isAmongThree(one)), ...alarms],
  }
}

function isFirst({ truth, report }: Scored): boolean {
  return truth.includes(report.diagnoses[0]?.code ?? '')
}

function isAmongThree({ truth, report }: Scored): boolean {
  const codes = report.diagnoses.slice(0, 3).map(({ code }) => code)
  return truth.every((code) => codes.includes(code))
}

/** `F13 seen as F01`, with how often. A decoy is `nothing`, and so is a world in which nothing was found. */
export function confusions(all: readonly Scored[]): readonly (readonly [confusion: string, count: number])[] {
  const pairs = all.flatMap(({ truth, report }) => {
    const first = report.diagnoses[0]?.code ?? 'nothing'
    const planted = truth.length === 0 ? ['nothing'] : truth
    return planted.includes(first) ? [] : [`${planted.join(' and ')} seen as ${first}`]
  })
  return [...Map.groupBy(pairs, (pair) => pair)].map(([pair, all]) => [pair, all.length] as const).sort((a, b) => b[1] - a[1])
}

/** Causes that were named, right and wrong ones: what follows from another is not a claim of its own. */
function claims(all: readonly Scored[]): readonly { readonly diagnosis: Diagnosis; readonly right: boolean }[] {
  return all.flatMap(({ truth, report }) =>
    report.diagnoses.flatMap((diagnosis) =>
      diagnosis.explainedBy === undefined ? [{ diagnosis, right: truth.includes(diagnosis.code) }] : [],
    ),
  )
}

/** How many claims of each kind there are, and what share of them is right. */
export function shareRight(
  all: readonly Scored[],
  kindOf: (diagnosis: Diagnosis) => string,
): readonly { readonly kind: string; readonly claims: number; readonly right: number }[] {
  return [...Map.groupBy(claims(all), ({ diagnosis }) => kindOf(diagnosis))]
    .map(([kind, some]) => ({ kind, claims: some.length, right: some.filter(({ right }) => right).length / some.length }))
    .sort((a, b) => (a.kind < b.kind ? 1 : -1))
}
