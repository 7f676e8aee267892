import { describe, expect, it } from 'vitest'
import type { GateInput } from '../../../src/catalog/gates/definition.ts'
import { MINUTE } from '../../../src/model/instant.ts'
import { type Answer, keyOf, type OutsideReading, type Question } from '../../../src/model/outside.ts'
import type { Verdict } from '../../../src/model/verdict.ts'
import { anInput, gate } from '../../support/gate-input.ts'
import { aSeen, NOW } from '../../support/seen-builder.ts'

const QUERY = { url: 'https://prometheus', query: 'errors', failIf: { above: 0.05 } }
const QUESTION: Question = { kind: 'prometheus', url: QUERY.url, query: QUERY.query }

const told = (answer: Answer): OutsideReading => ({ at: NOW, answer })
const number = (value?: number): OutsideReading => told({ kind: 'number', ...(value !== undefined && { value }) })
const silent: OutsideReading = { at: NOW - MINUTE, trouble: 'outside:prometheus: HTTP 503' }

function inputWith(
  question: Question,
  options: object,
  now: OutsideReading | undefined,
  before: OutsideReading | undefined,
): GateInput<unknown> {
  const key = keyOf(question)
  const base = anInput({ options, seen: aSeen(now === undefined ? {} : { outside: { [key]: now } }) })
  return { ...base, baseline: { ...base.baseline, ...(before && { outside: { [key]: before } }) } }
}

interface Row {
  readonly title: string
  readonly now: OutsideReading | undefined
  readonly before?: OutsideReading
  readonly options?: object
  readonly verdict: Verdict
  readonly words: RegExp
}

const rows: readonly Row[] = [
  { title: 'within bounds', now: number(0.01), verdict: 'pass', words: /`errors` is 0.01/ },
  {
    title: 'beyond the bound, and not before',
    now: number(0.2),
    before: number(0.01),
    verdict: 'fail',
    words: /is 0.2, above 0.05; before the batch began: `errors` is 0.01/,
  },
  {
    title: 'beyond the bound, and before too',
    now: number(0.2),
    before: number(0.3),
    verdict: 'unknown',
    words: /but so it was before the batch began/,
  },
  {
    title: 'beyond the bound, and nobody knows how it was',
    now: number(0.2),
    verdict: 'unknown',
    words: /is not known \(it has not been asked yet\)/,
  },
  { title: 'no data', now: number(), before: number(0), verdict: 'unknown', words: /has no data/ },
  {
    title: 'no data, which the plan calls a fail',
    now: number(),
    before: number(0),
    options: { noData: 'fail' },
    verdict: 'fail',
    words: /has no data/,
  },
  { title: 'between the two bounds', now: number(0.03), options: { passIf: { below: 0.01 } }, verdict: 'pending', words: /is 0.03/ },
  {
    title: 'no answer',
    now: silent,
    before: number(0),
    verdict: 'unknown',
    words: /no answer since 09:59 UTC: outside:prometheus: HTTP 503/,
  },
  { title: 'not asked yet', now: undefined, verdict: 'unknown', words: /not been asked/ },
  { title: 'a rehearsal', now: 'nobody', verdict: 'pass', words: /a rehearsal asks nobody outside/ },
  {
    title: 'measured only',
    now: number(0.2),
    before: number(0),
    options: { dryRun: true },
    verdict: 'pass',
    words: /measured, not enforced: fail, `errors` is 0.2/,
  },
]

describe('prometheus', () => {
  it.each([
    { title: 'that fails as before stops no way back', before: 0.3, verdict: 'pass' },
    { title: 'that fails since stops it', before: 0.01, verdict: 'fail' },
  ])('a number $title', ({ before, verdict }) => {
    const input = inputWith(QUESTION, QUERY, number(0.2), number(before))
    expect(gate('prometheus').judge({ ...input, batch: { ...input.batch, phase: 'back' } }).verdict).toBe(verdict)
  })

  it.each(rows)('$title: $verdict', ({ now, before, options = {}, verdict, words }) => {
    const judgement = gate('prometheus').judge(inputWith(QUESTION, { ...QUERY, ...options }, now, before))
    expect(judgement.reason).toMatch(words)
    expect(judgement.verdict).toBe(verdict)
  })

  it('passes nothing while EKS still works on the batch', () => {
    const input = { ...inputWith(QUESTION, QUERY, number(0.01), number(0.01)), settledAt: undefined }
    expect(gate('prometheus').judge(input).verdict).toBe('pending')
  })
})

const ALARMS = { alarms: ['errors', 'latency'] }
const WATCHED: Question = { kind: 'alarms', names: ALARMS.alarms }
const CHANGED = '2026-11-23T09:50:00.000Z'

/** The states of both alarms; one that is not named is not there. */
const alarms = (states: { readonly errors?: string; readonly latency?: string }, more: object = {}): OutsideReading =>
  told({
    kind: 'alarms',
    alarms: Object.entries(states).map(([AlarmName, StateValue]) => ({
      AlarmName,
      StateValue,
      StateReason: 'as the metric says',
      StateUpdatedTimestamp: CHANGED,
      ...more,
    })),
  })
const calm = alarms({ errors: 'OK', latency: 'OK' })

const alarmRows: readonly Row[] = [
  { title: 'both are OK', now: calm, verdict: 'pass', words: /^alarm `errors` is OK since 09:50 UTC; alarm `latency` is OK/ },
  {
    title: 'one goes off',
    now: alarms({ errors: 'ALARM', latency: 'OK' }),
    before: calm,
    verdict: 'fail',
    words: /^alarm `errors` is in ALARM since 09:50 UTC \(as the metric says\); before the batch began: alarm `errors` is OK/,
  },
  {
    title: 'one has been going off before',
    now: alarms({ errors: 'ALARM', latency: 'OK' }),
    before: alarms({ errors: 'ALARM', latency: 'OK' }),
    verdict: 'unknown',
    words: /but so it was before the batch began/,
  },
  {
    title: 'one has been going off before, and the other does now',
    now: alarms({ errors: 'ALARM', latency: 'ALARM' }),
    before: alarms({ errors: 'ALARM', latency: 'OK' }),
    verdict: 'fail',
    words: /^alarm `latency` is in ALARM/,
  },
  {
    title: 'one goes off, and nobody knows how it was',
    now: alarms({ errors: 'ALARM', latency: 'OK' }),
    verdict: 'unknown',
    words: /how it was before the batch began is not known/,
  },
  {
    title: 'one goes off that was not there before',
    now: alarms({ errors: 'ALARM', latency: 'OK' }),
    before: alarms({ latency: 'OK' }),
    verdict: 'unknown',
    words: /is not known \(there is no alarm `errors`/,
  },
  {
    title: 'one has no data',
    now: alarms({ errors: 'INSUFFICIENT_DATA', latency: 'OK' }),
    before: calm,
    verdict: 'unknown',
    words: /`errors` is in INSUFFICIENT_DATA/,
  },
  {
    title: 'one has no data, which the plan calls a fail',
    now: alarms({ errors: 'INSUFFICIENT_DATA', latency: 'OK' }),
    before: calm,
    options: { noData: 'fail' },
    verdict: 'fail',
    words: /`errors` is in INSUFFICIENT_DATA/,
  },
  {
    title: 'one is not there',
    now: alarms({ latency: 'OK' }),
    before: calm,
    verdict: 'unknown',
    words: /no alarm `errors` in the account and Region.*mend its name in the plan.*`aws cloudwatch describe-alarms/,
  },
  {
    title: 'one is OK of old, and cannot be evaluated any more',
    now: alarms({ errors: 'OK', latency: 'OK' }, { EvaluationState: 'EVALUATION_ERROR' }),
    before: calm,
    verdict: 'unknown',
    words: /could not be evaluated since: EVALUATION_ERROR/,
  },
  {
    title: 'a state that nobody knows',
    now: alarms({ errors: 'MUTED', latency: 'OK' }),
    before: calm,
    verdict: 'unknown',
    words: /is in MUTED/,
  },
  { title: 'no answer', now: silent, before: calm, verdict: 'unknown', words: /no answer since 09:59 UTC/ },
  {
    title: 'measured only',
    now: alarms({ errors: 'ALARM', latency: 'OK' }),
    before: calm,
    options: { dryRun: true },
    verdict: 'pass',
    words: /measured, not enforced: fail, alarm `errors` is in ALARM/,
  },
]

describe('cloudwatch-alarm', () => {
  it.each(alarmRows)('$title: $verdict', ({ now, before, options = {}, verdict, words }) => {
    const judgement = gate('cloudwatch-alarm').judge(inputWith(WATCHED, { ...ALARMS, ...options }, now, before))
    expect(judgement.reason).toMatch(words)
    expect(judgement.verdict).toBe(verdict)
  })

  it('passes nothing while EKS still works on the batch', () => {
    const input = { ...inputWith(WATCHED, ALARMS, calm, calm), settledAt: undefined }
    expect(gate('cloudwatch-alarm').judge(input).verdict).toBe('pending')
  })

  it('names each alarm in its evidence, also those that are well', () => {
    const judgement = gate('cloudwatch-alarm').judge(inputWith(WATCHED, ALARMS, alarms({ errors: 'ALARM', latency: 'OK' }), calm))
    expect(judgement.evidence.map(({ subject }) => subject)).toEqual(['Alarm/errors', 'Alarm/latency'])
  })
})

describe.each([
  { kind: 'http', options: { url: 'https://gate' }, question: { kind: 'http', url: 'https://gate' } },
  { kind: 'command', options: { command: ['./check'] }, question: { kind: 'command', command: ['./check'] } },
] as const)('$kind', ({ kind, options, question }) => {
  const judged = (verdict: Verdict, before: Verdict) =>
    gate(kind).judge(
      inputWith(
        question,
        options,
        told({ kind: 'verdict', verdict, says: 'so it says' }),
        told({ kind: 'verdict', verdict: before, says: 'then' }),
      ),
    )

  it.each([
    { now: 'pass', before: 'fail', verdict: 'pass' },
    { now: 'pending', before: 'pass', verdict: 'pending' },
    { now: 'unknown', before: 'pass', verdict: 'unknown' },
    { now: 'fail', before: 'pass', verdict: 'fail' },
    { now: 'fail', before: 'fail', verdict: 'unknown' },
  ] as const)('says $now, and before the batch $before: $verdict', ({ now, before, verdict }) => {
    expect(judged(now, before).verdict).toBe(verdict)
  })
})

describe.each(['http', 'prometheus'])('the address of %s', (kind) => {
  const problems = (url: string) => {
    const options = kind === 'http' ? { url } : { ...QUERY, url }
    return (
      gate(kind)
        .options.safeParse(options)
        .error?.issues.map(({ message }) => message) ?? []
    )
  }

  it.each(['https://lena:hunter2@gate', 'https://token@gate'])('holds no user and no password: %s', (url) => {
    expect(problems(url)).toEqual([expect.stringMatching(/holds a user or a password.*name a token with `tokenFrom/s)])
  })

  it('may hold an @ elsewhere', () => expect(problems('https://gate/team@shop')).toEqual([]))
})

it('shows an address without what looks like a secret', () => {
  const url = `https://gate/?token=${'s3cret'.repeat(3)}`
  const judgement = gate('http').judge(inputWith({ kind: 'http', url }, { url }, silent, silent))
  expect(judgement.evidence[0]?.subject).toBe('http https://gate/?token=[redacted]')
})
