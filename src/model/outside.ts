import type { Alarm } from './alarm.ts'
import type { Instant } from './instant.ts'
import { redactText } from './secret-text.ts'

/** What a gate asks beyond the picture of the cluster: somebody outside, or CloudWatch. Plain JSON; secrets stand in it by reference (`env:NAME`). */
export type Question =
  | { readonly kind: 'prometheus'; readonly url: string; readonly query: string; readonly tokenFrom?: string }
  | { readonly kind: 'http'; readonly url: string; readonly tokenFrom?: string }
  | { readonly kind: 'command'; readonly command: readonly string[] }
  | { readonly kind: 'alarms'; readonly names: readonly string[] }

/** A question for somebody with an address. */
export type ReachableQuestion = Extract<Question, { kind: 'prometheus' | 'http' }>

/** What it answered. */
export type Answer =
  /** A number; undefined where there is no data. */
  | { readonly kind: 'number'; readonly value?: number }
  | { readonly kind: 'verdict'; readonly verdict: 'pass' | 'pending' | 'fail' | 'unknown'; readonly says: string }
  /** Those that there are. */
  | { readonly kind: 'alarms'; readonly alarms: readonly Alarm[] }

/** The newest answer to a question, or why there is none. `nobody`: a rehearsal asks nobody outside. */
export type OutsideReading =
  | { readonly at: Instant; readonly answer: Answer }
  | { readonly at: Instant; readonly trouble: string }
  | 'nobody'

/** By what a reading is kept. */
export function keyOf(question: Question): string {
  return JSON.stringify(question)
}

/** As snapshots name whoever was asked: `outside:http://prometheus.monitoring.svc:9090 sum(up)`. */
export function sourceOf(question: ReachableQuestion): string {
  return redactText(`outside:${question.url}${question.kind === 'prometheus' ? ` ${question.query}` : ''}`)
}
