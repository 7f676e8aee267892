import { execFile } from 'node:child_process'
import { type Dispatcher, request } from 'undici'
import { isSerinError, SerinError } from '../../errors/serin-error.ts'
import { formatDuration, type Millis, SECOND } from '../../model/instant.ts'
import type { Answer, ReachableQuestion } from '../../model/outside.ts'
import { redactText } from '../../model/secret-text.ts'
import type { Verdict } from '../../model/verdict.ts'
import type { Outside, Question } from '../../ports/outside.ts'
import { networkFailure } from '../network-error.ts'

const TIMEOUT = 15 * SECOND
const COMMAND_TIMEOUT = 60 * SECOND
const MOST_BYTES = 1_000_000
/** Characters of what somebody says that are kept. */
const MOST_WORDS = 300

/**
 * Asks Prometheus, HTTP endpoints and commands. `env` holds the secrets that questions name. What others say is journalled, so no
 * answer and no error holds what looks like a secret.
 */
export function createOutside(
  env: Readonly<Record<string, string | undefined>>,
  dispatcher?: Dispatcher,
  commandTimeout: Millis = COMMAND_TIMEOUT,
): Outside {
  const headersFor = (tokenFrom: string | undefined): Record<string, string> => {
    if (tokenFrom === undefined) return {}
    const token = env[tokenFrom.replace(/^env:/, '')]
    if (token === undefined || token === '')
      throw new SerinError('REMOTE_DENIED', `${tokenFrom} is not set, so there is no token to ask with`)
    return { authorization: `Bearer ${token}` }
  }
  const asked = async (question: ReachableQuestion, headers: Record<string, string>): Promise<Answer> => {
    const body = await fetchJson(addressOf(question), headers, dispatcher)
    return question.kind === 'prometheus' ? numberIn(body, addressOf(question)) : verdictIn(body, addressOf(question))
  }
  return {
    ask: async (question) =>
      question.kind === 'command' ? await run(question.command, commandTimeout) : await asked(question, headersFor(question.tokenFrom)),
    reach: async (question) => {
      // That there is a token is seen here, and nobody is told it.
      headersFor(question.tokenFrom)
      try {
        return await asked(question, {})
      } catch (error) {
        if (question.tokenFrom !== undefined && isSerinError(error) && WANTS_TOKEN.has(error.details.status)) return undefined
        throw error
      }
    },
  }
}

const WANTS_TOKEN: ReadonlySet<unknown> = new Set([401, 403])

/** https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries */
function addressOf(question: Exclude<Question, { kind: 'command' }>): string {
  if (!URL.canParse(question.url) || !/^https?:/.test(question.url))
    throw new SerinError('REMOTE_REFUSED', `'${redactText(question.url)}' is no http(s) URL`)
  if (question.kind === 'http') return question.url
  const url = new URL(`${question.url.replace(/\/$/, '')}/api/v1/query`)
  url.searchParams.set('query', question.query)
  return url.href
}

async function fetchJson(url: string, headers: Record<string, string>, dispatcher: Dispatcher | undefined): Promise<unknown> {
  const operation = `outside:${new URL(url).host}`
  let status: number
  let text: string
  try {
    const answer = await request(url, {
      dispatcher,
      headers: { accept: 'application/json', 'user-agent': 'serin', ...headers },
      signal: AbortSignal.timeout(TIMEOUT),
    })
    status = answer.statusCode
    text = (await answer.body.text()).slice(0, MOST_BYTES)
  } catch (error) {
    const code = networkFailure(error) ?? 'no answer'
    throw new SerinError('REMOTE_UNAVAILABLE', `${operation}: ${code}`, { operation, remoteCode: code })
  }
  if (status < 200 || status > 299) throw new SerinError('REMOTE_UNAVAILABLE', `${operation}: HTTP ${status}`, { operation, status })
  try {
    return JSON.parse(text)
  } catch {
    const what = /^\s*</.test(text) ? 'an HTML page, as of a proxy' : 'something that is no JSON'
    throw new SerinError('REMOTE_MALFORMED', `${operation} answered ${what}`, { operation })
  }
}

function numberIn(body: unknown, url: string): Answer {
  const { status, data, error } = (body ?? {}) as { status?: string; error?: unknown; data?: { resultType?: string; result?: unknown } }
  const host = new URL(url).host
  if (status !== 'success')
    throw new SerinError('REMOTE_REFUSED', `Prometheus at ${host} refuses the query: ${saidIn(error, 'no reason given')}`)
  if (data?.resultType === 'scalar') return numbered((data.result as readonly unknown[])[1])
  if (data?.resultType !== 'vector' || !Array.isArray(data.result))
    throw new SerinError('REMOTE_MALFORMED', `Prometheus at ${host} answered no vector: the query has to come to one number`)
  if (data.result.length > 1)
    throw new SerinError('REMOTE_REFUSED', `the query comes to ${data.result.length} series, not one: sum or max them`)
  return numbered((data.result[0] as { value?: readonly unknown[] } | undefined)?.value?.[1])
}

/** NaN is what a division by nothing comes to: no data. */
function numbered(text: unknown): Answer {
  const value = text === undefined ? Number.NaN : Number(String(text).replace('Inf', 'Infinity'))
  return { kind: 'number', ...(!Number.isNaN(value) && { value }) }
}

const VERDICTS = ['pass', 'pending', 'fail', 'unknown'] as const

function verdictIn(body: unknown, url: string): Answer {
  const { verdict, reason } = (body ?? {}) as { verdict?: unknown; reason?: unknown }
  const known = VERDICTS.find((each) => each === verdict)
  if (known === undefined)
    throw new SerinError(
      'REMOTE_MALFORMED',
      `${new URL(url).host} answered no verdict: it has to say "verdict": "pass", "pending", "fail" or "unknown"`,
    )
  return { kind: 'verdict', verdict: known, says: saidIn(reason, 'gives no reason') }
}

/** By exit code, as probes and checks have it. */
const BY_CODE: readonly Verdict[] = ['pass', 'fail', 'pending']

/**
 * Ends with the program or at the timeout, whatever the program does then: one that ignores signals, sits in a dead file system
 * or leaves children that hold its output is waited for no longer.
 */
function run([program = '', ...rest]: readonly string[], timeout: Millis): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new SerinError('REMOTE_UNAVAILABLE', redactText(`${program}: ${why}`)))
    const late = (): void => fail(`it did not end within ${formatDuration(timeout)}`)
    const last = setTimeout(late, timeout + SECOND)
    execFile(program, rest, { timeout, killSignal: 'SIGKILL', maxBuffer: MOST_BYTES }, (error, stdout, stderr) => {
      clearTimeout(last)
      const code = error === null ? 0 : error.code
      if (typeof code === 'number') return resolve({ kind: 'verdict', ...saidBy(code, stdout, stderr) })
      return error?.killed === true ? late() : fail(error?.message ?? 'it could not be started')
    })
  })
}

function saidBy(code: number, stdout: string, stderr: string): { readonly verdict: Verdict; readonly says: string } {
  const [said] = (stdout.trim() || stderr.trim()).split('\n')
  return { verdict: BY_CODE[code] ?? 'unknown', says: saidIn(said, `it ended with ${code}`) }
}

/** Redacted before it is cut: half a secret is not known for one. */
function saidIn(text: unknown, otherwise: string): string {
  return typeof text === 'string' && text !== '' ? redactText(text).slice(0, MOST_WORDS) : otherwise
}
