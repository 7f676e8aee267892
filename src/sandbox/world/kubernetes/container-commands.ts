import type { Millis } from '../../../model/instant.ts'
import { SECOND } from '../../../model/instant.ts'
import type { PodView } from './host-files.ts'
import type { PodObject } from './objects.ts'
import type { ContainerDetail } from './pod-spec.ts'

/** How a command ended: after how long, with what code, having printed what, and written what to its termination message. */
export interface Outcome {
  readonly after: Millis
  readonly code: number
  readonly log: readonly string[]
  readonly message?: readonly string[]
}

/**
 * The outcome of a container's command, as its pod meets network and files: `sh -c` with `&&`, `||` and `;` over
 * `nslookup NAME`, `getent hosts NAME`, `nc -z HOST PORT`, `wget URL`, `curl URL`, `openssl s_client -connect HOST:PORT`,
 * `tail FILE`, `sleep`, `echo`, `exit`, `true` and `false`. Undefined for anything else: such a command simply runs on.
 * Words: busybox 1.36 and curl 8.
 */
export function commandOutcome(view: PodView, pod: PodObject, container: ContainerDetail): Outcome | undefined {
  const steps = programOf(container)
  if (steps.length === 0) return undefined
  let sum: Outcome = { after: 0, code: 0, log: [] }
  for (let at = 0; ; ) {
    const move = advance(view, pod, steps, at, sum.code)
    if (move === 'unknown') return undefined
    sum = { after: sum.after + move.after, code: move.code, log: [...sum.log, ...move.log] }
    if (move.next === undefined) return sum
    at = move.next
  }
}

/** The commands of a container, one after the other; empty when it is not known what it does. */
export function programOf({ command = [], args = [] }: ContainerDetail): readonly Step[] {
  const words = [...command, ...args]
  if (words.length === 0) return []
  if (!/^(\/bin\/)?(ba|a)?sh$/.test(words[0] ?? '')) return [{ when: 'always', words }]
  const script = words[words.findIndex((word) => /^-\w*c$/.test(word)) + 1]
  return script === undefined ? [] : stepsOf(script)
}

/** Whether a container serves until it is stopped, also in a Job: busybox's httpd in the foreground. */
export function servesForEver(container: ContainerDetail): boolean {
  const [first] = programOf(container)
  return first?.words[0] === 'httpd' && first.words.includes('-f')
}

export interface Step {
  /** Under which outcome of the one before it runs. */
  readonly when: 'always' | 'succeeded' | 'failed'
  readonly words: readonly string[]
  /** Where what it prints goes, and where its errors go if elsewhere. */
  readonly into?: Target
  readonly errorsInto?: Target
}

type Target = 'message' | 'nowhere'

/** One command of a program, as things are at this moment; `next`: which follows, none at the end. */
export function advance(
  view: PodView,
  pod: PodObject,
  steps: readonly Step[],
  from: number,
  code: number,
): (Outcome & { readonly next: number | undefined }) | 'unknown' {
  const skipped = code === 0 ? 'failed' : 'succeeded'
  const at = steps.findIndex(({ when }, index) => index >= from && when !== skipped)
  const step = steps[at]
  if (step === undefined) return { after: 0, code, log: [], next: undefined }
  const words = step.words.map((word) => word.replace(/\$\{?KUBERNETES_SERVICE_HOST\}?/, view.apiServerAddress()))
  if (words[0] === 'exit') return { after: 0, code: words[1] === undefined ? code : Number(words[1]), log: [], next: undefined }
  const done = runCommand(view, pod, words)
  if (done === undefined) return 'unknown'
  const next = at + 1 < steps.length ? at + 1 : undefined
  const into = done.code === 0 ? step.into : (step.errorsInto ?? step.into)
  if (into === undefined) return { ...done, next }
  return { ...done, log: [], ...(into === 'message' && { message: done.log }), next }
}

function stepsOf(script: string): readonly Step[] {
  const parts = script.split(/(&&|\|\||;|\n)/).map((part) => part.trim())
  let when: Step['when'] = 'always'
  const steps: Step[] = []
  for (const part of parts) {
    if (part === '&&') when = 'succeeded'
    else if (part === '||') when = 'failed'
    else if (part === ';' || part === '') when = part === ';' ? 'always' : when
    else {
      steps.push({ when, words: wordsOf(part), ...redirection(part) })
      when = 'always'
    }
  }
  return steps
}

/** What goes to the termination message or to nowhere; other files are not kept. */
function redirection(text: string): Pick<Step, 'into' | 'errorsInto'> {
  const targets = [...text.matchAll(/(\d?)>{1,2}\s*(\/\S+)/g)].flatMap(([, stream, file = '']) => {
    const target = FILES[file]
    return target === undefined ? [] : [stream === '2' ? { errorsInto: target } : { into: target }]
  })
  return Object.assign({}, ...targets)
}

const FILES: Readonly<Record<string, Target>> = { '/dev/termination-log': 'message', '/dev/null': 'nowhere' }

/** Words of a simple command, without its redirections. */
function wordsOf(text: string): readonly string[] {
  const words = text.match(/"[^"]*"|'[^']*'|\S+/g) ?? []
  return words.map((word) => word.replace(/^(["'])(.*)\1$/, '$2')).filter((word) => !/^\d*>/.test(word))
}

type Runner = (view: PodView, pod: PodObject, rest: readonly string[]) => Outcome | undefined

const RUNNERS: Readonly<Record<string, Runner>> = {
  sleep: (_view, _pod, [text = '']) => (/^\d+(\.\d+)?$/.test(text) ? { after: Number(text) * SECOND, code: 0, log: [] } : undefined),
  echo: (_view, _pod, rest) => ended(0, rest.join(' ')),
  true: () => ended(0),
  false: () => ended(1),
  set: () => ended(0),
  timeout: (view, pod, [, ...rest]) => runCommand(view, pod, rest),
  tail: (view, pod, rest) => tail(view, pod, rest),
  nslookup: (view, pod, rest) => nslookup(view, pod, operands(rest)[0] ?? ''),
  getent: (view, pod, rest) => getent(view, pod, operands(rest)[1] ?? ''),
  nc: (view, pod, rest) => netcat(view, pod, rest),
  wget: (view, pod, rest) => fetchUrl(view, pod, rest, WGET),
  curl: (view, pod, rest) => fetchUrl(view, pod, rest, CURL),
  openssl: (view, pod, rest) => handshake(view, pod, rest),
}

function runCommand(view: PodView, pod: PodObject, [program = '', ...rest]: readonly string[]): Outcome | undefined {
  return RUNNERS[program.replace(/^.*\//, '')]?.(view, pod, rest)
}

function ended(code: number, ...log: readonly string[]): Outcome {
  return { after: SECOND / 10, code, log }
}

/** Options that take a value in the next word. */
const VALUED = /^-(n|w|W|T|t|m|o|O|s|H|X|I|connect|type|querytype)$|^--(max-time|connect-timeout|timeout|output|header|request|retry)$/

function operands(words: readonly string[]): readonly string[] {
  return words.filter((word, at) => !word.startsWith('-') && !(VALUED.test(words[at - 1] ?? '') && words[at - 1] !== '-s'))
}

/** Seconds that the command itself gives to the view. */
function patienceOf(words: readonly string[], otherwise: number): Millis {
  for (const [at, word] of words.entries()) {
    const [, joined] = /^(?:-w|-T|-m|--timeout=|--max-time=|--connect-timeout=)(\d+)$/.exec(word) ?? []
    const value = joined ?? (/^(-w|-T|-m|--timeout|--max-time|--connect-timeout)$/.test(word) ? words[at + 1] : undefined)
    if (value !== undefined && /^\d+$/.test(value)) return Number(value) * SECOND
  }
  return otherwise * SECOND
}

function tail(view: PodView, pod: PodObject, words: readonly string[]): Outcome | undefined {
  const [file] = operands(words)
  if (file === undefined) return undefined
  const lines = view.readLines(pod, file)
  if (lines === undefined) return ended(1, `tail: can't open '${file}': No such file or directory`, 'tail: no files')
  const wanted = words.includes('-n') ? Number(words[words.indexOf('-n') + 1]) : 10
  return ended(0, ...lines.slice(-wanted))
}

function nslookup(view: PodView, pod: PodObject, name: string): Outcome {
  const found = view.resolve(pod, name)
  const server = ['Server:\t\t172.20.0.10', 'Address:\t172.20.0.10:53', '']
  if (found.kind === 'timeout') return { after: 15 * SECOND, code: 1, log: [';; connection timed out; no servers could be reached'] }
  if (found.kind === 'unknown') return ended(1, ...server, `** server can't find ${name}: NXDOMAIN`)
  return ended(0, ...server, `Name:\t${found.name}`, `Address: ${found.address}`)
}

function getent(view: PodView, pod: PodObject, name: string): Outcome {
  const found = view.resolve(pod, name)
  if (found.kind === 'known') return ended(0, `${found.address}  ${found.name}`)
  return { after: found.kind === 'timeout' ? 10 * SECOND : SECOND / 10, code: 2, log: [] }
}

function netcat(view: PodView, pod: PodObject, words: readonly string[]): Outcome | undefined {
  const [host = '', port] = operands(words)
  if (port === undefined || words.some((word) => /^-\w*l/.test(word))) return undefined
  const patience = patienceOf(words, 10)
  const met = view.connect(pod, host, Number(port))
  if (met.kind === 'unresolved') return { after: met.slow ? 10 * SECOND : SECOND / 10, code: 1, log: [`nc: bad address '${host}'`] }
  const peer = `${host} (${met.address}:${port})`
  if (met.kind === 'refused') return ended(1, `nc: ${peer}: Connection refused`)
  return met.kind === 'timeout' ? { after: patience, code: 1, log: [`nc: ${peer}: Connection timed out`] } : ended(0, `${peer} open`)
}

interface Client {
  readonly patience: number
  readonly unresolved: (host: string) => readonly [number, string]
  readonly refused: (host: string, address: string, port: number) => readonly [number, string]
  readonly timedOut: (after: Millis) => readonly [number, string]
  /** An answer of the API server to nobody in particular. */
  readonly forbidden: (words: readonly string[]) => readonly [number, string]
}

const WGET: Client = {
  patience: 30,
  unresolved: (host) => [1, `wget: bad address '${host}'`],
  refused: (_host, address, port) => [1, `wget: can't connect to remote host (${address}:${port}): Connection refused`],
  timedOut: () => [1, 'wget: download timed out'],
  forbidden: () => [1, 'wget: server returned error: HTTP/1.1 403 Forbidden'],
}

const CURL: Client = {
  patience: 30,
  unresolved: (host) => [6, `curl: (6) Could not resolve host: ${host}`],
  refused: (host, _address, port) => [7, `curl: (7) Failed to connect to ${host} port ${port} after 1 ms: Couldn't connect to server`],
  timedOut: (after) => [28, `curl: (28) Connection timed out after ${after + 1} milliseconds`],
  forbidden: (words) =>
    words.some((word) => /^-\w*f|^--fail$/.test(word))
      ? [22, 'curl: (22) The requested URL returned error: 403']
      : [0, '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","reason":"Forbidden","code":403}'],
}

/** Paths that the API server answers to anybody (ClusterRole system:public-info-viewer). */
const PUBLIC_PATHS = /^\/(healthz|livez|readyz|version)\b/

function fetchUrl(view: PodView, pod: PodObject, words: readonly string[], client: Client): Outcome | undefined {
  const target = operands(words).at(-1)
  if (target === undefined) return undefined
  const url = new URL(target.includes('://') ? target : `http://${target}`)
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
  const met = view.connect(pod, url.hostname, port)
  const patience = patienceOf(words, client.patience)
  const say = ([code, line]: readonly [number, string], after: Millis = SECOND / 10): Outcome => ({ after, code, log: [line] })
  if (met.kind === 'unresolved') return say(client.unresolved(url.hostname), met.slow ? 10 * SECOND : undefined)
  if (met.kind === 'refused') return say(client.refused(url.hostname, met.address, port))
  if (met.kind === 'timeout') return say(client.timedOut(patience), patience)
  if (met.isApiServer && !PUBLIC_PATHS.test(url.pathname)) return say(client.forbidden(words))
  const toFile = words.some((word, at) => /^(-o|-O)$/.test(word) && words[at + 1] !== '-')
  return toFile ? ended(0) : ended(0, 'ok')
}

function handshake(view: PodView, pod: PodObject, words: readonly string[]): Outcome | undefined {
  const at = words.indexOf('-connect')
  const [host = '', port] = (words[at + 1] ?? '').split(':')
  if (at < 0 || port === undefined) return undefined
  const met = view.connect(pod, host, Number(port))
  if (met.kind === 'open') return ended(0, 'CONNECTED(00000003)', 'Verification: OK')
  return { after: met.kind === 'timeout' ? 30 * SECOND : SECOND / 10, code: 1, log: ['connect:errno=110'] }
}
