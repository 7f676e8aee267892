import type { Instant } from '../../../model/instant.ts'
import { instantOf, iso } from '../../../model/instant.ts'

/** A line of a container's log with the time at which the container runtime noted it. */
export interface LogLine {
  readonly text: string
  readonly at: Instant
}

/** Which part of a log is asked for, and in which form. */
export interface LogWindow {
  readonly since?: Instant | undefined
  readonly tailLines?: number | undefined
  readonly limitBytes?: number | undefined
  readonly timestamps: boolean
}

/** What loggers write into their lines: logrus' `time="…"`, zap's `"ts":"…"`, or the time at the beginning. */
const TIME = /^(?:time="|\{.*"ts":"|)(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))/

/** The lines of a text; one without a time of its own has that of the line before it, the first ones the container's start. */
export function timedLines(text: string, startedAt: Instant): readonly LogLine[] {
  let at = startedAt
  const lines = text.endsWith('\n') ? text.slice(0, -1).split('\n') : text.split('\n')
  if (text === '') return []
  return lines.map((line) => {
    at = instantOf(TIME.exec(line)?.[1] ?? '') ?? at
    return { text: line, at }
  })
}

/** The lines not older than `since`, and of them the last `tailLines`. */
export function linesWithin(lines: readonly LogLine[], { since, tailLines }: LogWindow): readonly LogLine[] {
  const recent = since === undefined ? lines : lines.filter(({ at }) => at >= since)
  return tailLines === undefined ? recent : recent.slice(Math.max(0, recent.length - tailLines))
}

export function logText(lines: readonly LogLine[], { limitBytes, timestamps }: Pick<LogWindow, 'limitBytes' | 'timestamps'>): string {
  const text = lines.map((line) => `${timestamps ? `${iso(line.at)} ` : ''}${line.text}\n`).join('')
  return limitBytes === undefined ? text : Buffer.from(text).subarray(0, limitBytes).toString()
}
