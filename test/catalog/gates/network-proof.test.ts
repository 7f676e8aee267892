import { describe, expect, it } from 'vitest'
import type { GateInput } from '../../../src/catalog/gates/definition.ts'
import type { Probing } from '../../../src/catalog/gates/probing/options.ts'
import { resultsOf, scriptOf } from '../../../src/catalog/gates/probing/script.ts'
import { controlsFirst, probesWanted } from '../../../src/catalog/gates/probing/wants.ts'
import { MINUTE, SECOND } from '../../../src/model/instant.ts'
import type { ProbeCheck, ProbeReport, ProbeSpec, ProbeState } from '../../../src/model/probe.ts'
import type { NodeFacts } from '../../../src/model/seen.ts'
import type { Verdict } from '../../../src/model/verdict.ts'
import { anInput, gate, untouched } from '../../support/gate-input.ts'
import { aNode, anAwsNode, NOW } from '../../support/seen-builder.ts'

const { judge } = gate('network-proof')
const OPTIONS: Probing = {
  namespace: 'probes',
  image: 'busybox:1.36',
  resolve: 'kubernetes.default',
  reach: [],
  sample: 10,
  lasting: '5m30s',
}

/** What each probe comes to, by its role and its node; the rest finds nothing wrong. */
type Fate = (spec: ProbeSpec) => ProbeReport | undefined

const told = (at: number, ...failing: readonly string[]): ProbeReport => ({
  kind: 'told',
  at,
  results: ['address', 'dns', 'api', 'pod/eu-central-1a'].map((id) => ({
    id,
    outcome: failing.includes(id) ? 'fails' : 'works',
    says: failing.includes(id) ? `${id}: no answer` : id,
  })),
})

/**
 * Plays a batch as the rollout does, ten seconds at a time: what the gate wants is made, what it does not want goes, and what a
 * probe comes to is reported. Ends when the verdict is final or nothing is wanted any more.
 */
function play(over: Partial<GateInput<Probing>>, fate: Fate = () => undefined): Played {
  let made: readonly ProbeState[] = []
  for (let tick = 0; tick < LAST; tick++) {
    const now = NOW + tick * 10 * SECOND
    const wanted = probesWanted(inputWith(made, over, now))
    const fresh = wanted.filter(({ name }) => !made.some(({ spec }) => spec.name === name))
    made = [...made, ...fresh.map((spec) => ({ spec, intendedAt: now }))].map((state) => grown(state, wanted, fate, now))
    if (wanted.length === 0 && tick > 0) break
  }
  const last = inputWith(made, over, NOW + LAST * 10 * SECOND)
  return { specs: made.map(({ spec }) => spec), judgement: judge(last as GateInput<unknown>), leftWanted: probesWanted(last).length }
}

const LAST = 100

/** A responder listens until nobody wants it; the others tell after ten seconds. */
function grown(state: ProbeState, wanted: readonly ProbeSpec[], fate: Fate, now: number): ProbeState {
  const { spec, report, intendedAt } = state
  if (report !== undefined) return state
  if (spec.role !== 'responder') return now - intendedAt < 10 * SECOND ? state : { ...state, report: fate(spec) ?? told(now) }
  const isWanted = wanted.some(({ name }) => name === spec.name)
  return { ...state, live: LISTENING(spec), ...(!isWanted && { report: { kind: 'told', results: [], at: now } }) }
}

interface Played {
  readonly specs: readonly ProbeSpec[]
  readonly judgement: ReturnType<typeof judge>
  readonly leftWanted: number
}

const LISTENING = ({ name }: ProbeSpec) =>
  ({ name, run: 'run-1', pod: name, deleting: false, boundAt: NOW, address: '10.0.0.9', hasBranch: false, running: true }) as const

function inputWith(probes: readonly ProbeState[], over: Partial<GateInput<Probing>>, now: number): GateInput<Probing> {
  const { probing, ...rest } = over
  const base = anInput({ ...(rest as Partial<GateInput<unknown>>), now })
  return { ...base, options: over.options ?? OPTIONS, probing: { ...base.probing, ...probing, probes: [...probes] } }
}

const subject = (over: Partial<NodeFacts> = {}) => aNode({ name: 'new-1', ...over })
const isSubject = (spec: ProbeSpec) => spec.role === 'subject'
const unusable: ProbeReport = { kind: 'unusable', says: 'it found no place on its node: Too many pods', at: NOW }
const noAddress: ProbeReport = { kind: 'no-address', says: 'it got no address for 2m', at: NOW + MINUTE }

interface Row {
  readonly title: string
  readonly over?: Partial<GateInput<Probing>>
  readonly fate?: Fate
  readonly verdict: Verdict
  readonly words: RegExp
}

const rows: readonly Row[] = [
  {
    title: 'all that works on untouched nodes works on the new one',
    verdict: 'pass',
    words: /probe pods on 1 node of 1 have a network: address, dns, api/,
  },
  {
    title: 'DNS fails twice on the new node',
    fate: (spec) => (isSubject(spec) ? told(NOW + 10 * MINUTE, 'dns') : undefined),
    verdict: 'fail',
    words: /a probe pod on new-1 failed 2 times, last at dns: no answer; 1 untouched node is healthy/,
  },
  {
    title: 'DNS fails once and works when tried again',
    fate: (spec) => (isSubject(spec) && spec.attempt === 1 ? told(NOW + 10 * MINUTE, 'dns') : undefined),
    verdict: 'pass',
    words: /have a network/,
  },
  {
    title: 'no address, twice',
    fate: (spec) => (isSubject(spec) ? noAddress : undefined),
    verdict: 'fail',
    words: /last without an address: it got no address for 2m/,
  },
  {
    title: 'DNS works nowhere: it is not asked for, and shown',
    fate: () => told(NOW + MINUTE, 'dns'),
    verdict: 'pass',
    words: /have a network: address, api/,
  },
  {
    title: 'untouched nodes fail too, when asked once more',
    fate: (spec) => (isSubject(spec) || spec.attempt > 1 ? told(NOW + 10 * MINUTE, 'dns') : undefined),
    verdict: 'unknown',
    words: /but so does old-1, which this run has not touched/,
  },
  {
    title: 'no free slot for the probe, twice',
    fate: (spec) => (isSubject(spec) ? unusable : undefined),
    verdict: 'unknown',
    words: /could not tell: it found no place on its node/,
  },
  {
    title: 'no probe on an untouched node can tell anything',
    fate: (spec) => (isSubject(spec) ? undefined : unusable),
    verdict: 'unknown',
    words: /cannot be compared: no probe on an untouched node/,
  },
  {
    title: 'the new node is cordoned',
    over: { subjects: [subject({ cordoned: true })] },
    verdict: 'unknown',
    words: /none of the 1 changed node can be probed: .*is cordoned, where ipamd attaches no interface/,
  },
  {
    title: 'aws-node has not come up yet: it has its time',
    over: { subjects: [subject({ awsNode: anAwsNode({ initDone: false, boundAt: NOW + 100 * 10 * SECOND, readyChangedAt: undefined }) })] },
    verdict: 'pending',
    words: /is to come/,
  },
]

describe('network-proof', () => {
  it.each(rows)('$title: $verdict', ({ over = {}, fate, verdict, words }) => {
    const { judgement } = play({ subjects: [subject()], ...over }, fate)
    expect(judgement.reason).toMatch(words)
    expect(judgement.verdict).toBe(verdict)
  })

  describe('where nobody listens any more when the new node is probed, so that its probe does not try to reach a pod', () => {
    const withoutPod = (at: number): ProbeReport => {
      const report = told(at)
      return report.kind === 'told' ? { ...report, results: report.results.filter(({ id }) => !id.startsWith('pod/')) } : report
    }
    const deaf =
      (attempts: number): Fate =>
      (spec) => {
        return isSubject(spec) && spec.attempt <= attempts ? withoutPod(NOW + 10 * MINUTE) : undefined
      }
    const tries = ({ specs }: Played) => specs.filter(isSubject).length

    it('it is tried once more', () => {
      const played = play({ subjects: [subject()] }, deaf(1))
      expect(played.judgement.verdict).toBe('pass')
      expect(tries(played)).toBe(2)
    })

    it('that is no proof: unknown after the second try', () => {
      const played = play({ subjects: [subject()] }, deaf(2))
      expect(played.judgement.reason).toMatch(/has not tried pod\/eu-central-1a, which works on untouched nodes/)
      expect(played.judgement.verdict).toBe('unknown')
      expect([tries(played), played.leftWanted]).toEqual([2, 0])
    })

    it('it is not asked for, and said, once no untouched node is left in that zone', () => {
      const elsewhere = untouched({ zone: 'eu-central-1b' })
      const played = play({ subjects: [subject()], controls: elsewhere }, deaf(2))
      expect(played.judgement.verdict).toBe('pass')
      expect(played.judgement.reason).not.toMatch(/pod\//)
      expect(played.judgement.notApplicable).toContainEqual({
        subject: 'Check pod/eu-central-1a',
        says: 'is not asked for: no untouched node is left there to be reached',
      })
      expect(tries(played)).toBe(1)
    })
  })

  it('wants nothing any more once everything has been told', () => {
    expect(play({ subjects: [subject()] }).leftWanted).toBe(0)
  })

  it('asks untouched nodes first, one in each zone, before the batch has changed anything', () => {
    const controls = ['a', 'b', 'c', 'a'].map((zone, n) => aNode({ name: `old-${n}`, group: 'web', zone: `eu-central-1${zone}` }))
    const over = { controls, subjects: [], probing: { run: 'run-1', epoch: 0, over: false, acted: false, probes: [] } }
    expect(controlsFirst(inputWith([], over, NOW))).toMatch(/untouched nodes/)
    const { specs } = play(over)
    expect(specs.map(({ role, node }) => `${role} ${node}`)).toEqual([
      ...['old-0', 'old-1', 'old-2'].map((node) => `responder ${node}`),
      ...['old-0', 'old-1', 'old-2'].map((node) => `control ${node}`),
    ])
  })

  it('probes a bounded sample of many new nodes, at least one of each zone and type', () => {
    const subjects = Array.from({ length: 40 }, (_, n) =>
      aNode({
        name: `new-${String(n).padStart(2, '0')}`,
        zone: `eu-central-1${n === 39 ? 'b' : 'a'}`,
        instanceType: n === 38 ? 'm6i.large' : 'm5.large',
      }),
    )
    const { specs, judgement } = play({ subjects, options: { ...OPTIONS, sample: 5 } })
    const probed = specs.filter(isSubject).map(({ node }) => node)
    expect(probed).toHaveLength(7)
    expect(probed).toEqual(expect.arrayContaining(['new-38', 'new-39']))
    expect(judgement).toMatchObject({ verdict: 'pass', reason: expect.stringMatching(/on 7 nodes of 40/) })
  })

  it('goes to nodes with taints of their own, and never tolerates a cordon', () => {
    const { specs } = play({ subjects: [subject({ taints: [{ key: 'dedicated', value: 'db', effect: 'NoSchedule' }] })] })
    expect(specs.find(isSubject)?.taints).toEqual([{ key: 'dedicated', value: 'db', effect: 'NoSchedule' }])
  })

  it('has a second probe wear the labels of the SecurityGroupPolicy, in its namespace', () => {
    const options = { ...OPTIONS, securityGroupPolicy: { namespace: 'shop', name: 'probe', labels: { probe: 'yes' } } }
    const worn = play({ subjects: [subject()], options }).specs.filter(({ branch }) => branch !== undefined)
    expect(worn.map(({ role, namespace, branch }) => [role, namespace, branch])).toEqual([
      ['control', 'shop', { probe: 'yes' }],
      ['subject', 'shop', { probe: 'yes' }],
    ])
  })

  it('compares with nodes that have passed when no node is left untouched', () => {
    const passed = untouched({ group: 'web' })
    const { specs } = play({ subjects: [subject()], controls: [], seen: anInput({ subjects: [subject()], controls: passed }).seen })
    expect(specs.filter(({ role }) => role === 'control').map(({ node }) => node)).toEqual(['old-1'])
  })
})

const CHECKS: readonly ProbeCheck[] = [
  { id: 'dns', how: 'resolve', target: 'kubernetes.default' },
  { id: 'api', how: 'tls', target: '$KUBERNETES_SERVICE_HOST' },
  { id: 'pod/a', how: 'connect', target: '10.0.0.9:8080' },
]

const NSLOOKUP = 'Server:\t\t172.20.0.10\nAddress:\t172.20.0.10:53\n\nName:\tkubernetes.default.svc.cluster.local\nAddress: 172.20.0.1'

describe('what a probe wrote', () => {
  it.each([
    { title: 'all well', message: '#0 ok\n#1 ok\n#2 ok\n', says: 'works works works' },
    { title: 'nothing: it was killed', message: '', says: 'unknown unknown unknown' },
    { title: 'the last check did not come to its end', message: '#0 ok\n#1 ok\n', says: 'works works unknown' },
    {
      title: 'DNS without an AAAA record, which nslookup calls a failure',
      message: `${NSLOOKUP}\n*** Can't find kubernetes.default: No answer\n#0 failed\n#1 ok\n#2 ok\n`,
      says: 'works works works',
    },
    {
      title: 'DNS times out',
      message: ';; connection timed out; no servers could be reached\n#0 failed\n#1 ok\n#2 ok\n',
      says: 'fails works works',
    },
    {
      title: 'the API server refuses, over TLS',
      message: '#0 ok\nwget: server returned error: HTTP/1.1 401 Unauthorized\n#1 failed\n#2 ok\n',
      says: 'works works works',
    },
    { title: 'the API server does not answer', message: '#0 ok\nwget: download timed out\n#1 failed\n#2 ok\n', says: 'works fails works' },
    { title: 'an image without nc', message: '#0 ok\n#1 ok\nsh: nc: not found\n#2 failed\n', says: 'works works unknown' },
    { title: 'well at first, cut off later', message: '#0 ok\n#1 ok\n#2 ok\n#3 failed\n#4 ok\n#5 failed\n', says: 'fails works fails' },
  ])('$title', ({ message, says }) => {
    const results = resultsOf(CHECKS, message)
    expect(results.map(({ outcome }) => outcome).join(' ')).toBe(says)
  })

  it('comes of one shell line, which tries again as much later as the plan says', () => {
    const script = scriptOf({ role: 'subject', checks: CHECKS, lasting: 330 * SECOND, attempt: 1 })
    expect(script).toContain('; sleep 330; nslookup kubernetes.default >>/dev/termination-log 2>&1 && echo "#3 ok"')
    expect(script).toContain('nc -z -w 5 10.0.0.9 8080')
    expect(script).not.toContain('\n')
  })

  it("of a control that is asked because a new node failed tries for more than a minute: what comes and goes everywhere is nobody's doing", () => {
    const script = (attempt: number) => scriptOf({ role: 'control', checks: CHECKS, lasting: 0, attempt })
    expect(script(1)).not.toContain('sleep')
    expect(script(2).match(/sleep 15; /g)).toHaveLength(5)
    const message = Array.from({ length: 18 }, (_none, nth) => `#${nth} ${nth === 10 ? 'failed' : 'ok'}\n`).join('')
    expect(resultsOf(CHECKS, message).map(({ outcome }) => outcome)).toEqual(['works', 'fails', 'works'])
  })
})
