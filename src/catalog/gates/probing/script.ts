import { SECOND } from '../../../model/instant.ts'
import { NODE_LOG, NODE_LOG_LINES, PROBE_PORT, type ProbeCheck, type ProbeResult, type ProbeSpec } from '../../../model/probe.ts'

/**
 * What a probe runs: one shell line over `nslookup`, `wget`, `nc` and, for responders, `httpd`, as busybox 1.36 has them. Each check
 * writes its output into the pod's termination message and a line with its verdict behind it, so the result comes with the pod's status.
 */
const MESSAGE = '/dev/termination-log'
const PATIENCE = 5

/** Tries of a control that is asked because a new node failed, over a minute and more: what comes and goes everywhere shows there too. */
const AGAIN = { rounds: 6, pause: 15 }

/** The shell line of a probe. */
export function scriptOf({ role, checks, lasting, attempt }: Pick<ProbeSpec, 'role' | 'checks' | 'lasting' | 'attempt'>): string {
  if (role === 'log-reader') return `tail -n ${NODE_LOG_LINES} ${NODE_LOG.file} 2>${MESSAGE}`
  if (role === 'responder') return `httpd -f -p ${PROBE_PORT} -h /tmp`
  const round = (nth: number) => checks.map((check, index) => tried(check, nth * checks.length + index))
  const [more, pause] =
    role === 'control' && attempt > 1 ? [AGAIN.rounds - 1, AGAIN.pause] : [lasting === 0 ? 0 : 1, Math.ceil(lasting / SECOND)]
  const later = Array.from({ length: more }, (_none, nth) => [`sleep ${pause}`, ...round(nth + 1)])
  return [...round(0), ...later.flat(), 'exit 0'].join('; ')
}

function tried(check: ProbeCheck, nth: number): string {
  return `${commandOf(check)} >>${MESSAGE} 2>&1 && echo "#${nth} ok" >>${MESSAGE} || echo "#${nth} failed" >>${MESSAGE}`
}

function commandOf({ how, target }: ProbeCheck): string {
  if (how === 'resolve') return `nslookup ${target}`
  if (how === 'tls') return `wget -q -T ${PATIENCE} -O /dev/null --no-check-certificate https://${target}/livez`
  return `nc -z -w ${PATIENCE} ${target.replace(/:(\d+)$/, ' $1')}`
}

/** What the termination message of a probe says of each check; a check that fails in any round fails. */
export function resultsOf(checks: readonly ProbeCheck[], message: string): readonly ProbeResult[] {
  const said = saidBy(message)
  return checks.map((check, index) => {
    const rounds = [...said].filter(([nth]) => nth % checks.length === index).map(([nth, one]) => ({ nth, ...judged(check, one) }))
    const bad = rounds.find(({ outcome }) => outcome === 'fails') ?? rounds.find(({ outcome }) => outcome === 'unknown')
    const [first] = rounds
    if (first === undefined) return { id: check.id, outcome: 'unknown', says: 'the probe did not come to it' }
    if (bad === undefined) return { id: check.id, outcome: 'works', says: wordsFor(check) }
    const later = bad.nth >= checks.length && first.outcome === 'works' ? ', after it had worked at first' : ''
    return { id: check.id, outcome: bad.outcome, says: `${wordsFor(check)}: ${bad.says}${later}` }
  })
}

interface Said {
  readonly ok: boolean
  readonly text: string
}

/** By the number of the line: its verdict, and the output before it. */
function saidBy(message: string): ReadonlyMap<number, Said> {
  const said = new Map<number, Said>()
  let output: string[] = []
  for (const line of message.split('\n')) {
    const [, nth, verdict] = /^#(\d+) (ok|failed)$/.exec(line.trim()) ?? []
    if (nth === undefined) output.push(line)
    else {
      said.set(Number(nth), { ok: verdict === 'ok', text: output.join('\n').trim() })
      output = []
    }
  }
  return said
}

/** Words that only one who answered over TLS can have caused: any answer of the API server counts, also a refusal. */
const ANSWERED = /server returned error|HTTP\/\d|TLS|certificate|handshake/i
/** busybox's nslookup also asks for an AAAA record, and fails when there is none. */
const RESOLVED = /^Name:\s*\S+\s+Address/m

function judged({ how }: ProbeCheck, { ok, text }: Said): Pick<ProbeResult, 'outcome' | 'says'> {
  if (/not found$|can't execute|Permission denied$/m.test(text)) return { outcome: 'unknown', says: `the image cannot: ${lastLine(text)}` }
  const answered = (how === 'tls' && ANSWERED.test(text)) || (how === 'resolve' && RESOLVED.test(text))
  return ok || answered ? { outcome: 'works', says: '' } : { outcome: 'fails', says: lastLine(text) || 'no answer' }
}

function lastLine(text: string): string {
  return (text.split('\n').findLast((line) => line.trim() !== '') ?? '').trim().replace(/^;; /, '')
}

function wordsFor({ id, how, target }: ProbeCheck): string {
  if (how === 'resolve') return `resolving ${target}`
  if (how === 'tls') return "reaching the API server's cluster address"
  return id.startsWith('pod/') ? `reaching a pod in ${id.slice('pod/'.length)} (${target})` : `reaching ${target}`
}
