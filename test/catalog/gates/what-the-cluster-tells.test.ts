import { describe, expect, it } from 'vitest'
import type { GateInput } from '../../../src/catalog/gates/definition.ts'
import { MINUTE, SECOND } from '../../../src/model/instant.ts'
import type { AwsNodeFacts, NodeFacts } from '../../../src/model/seen.ts'
import type { Verdict } from '../../../src/model/verdict.ts'
import { anInput, gate, untouched } from '../../support/gate-input.ts'
import { aNode, anAwsNode, aSeen, NOW } from '../../support/seen-builder.ts'

const lacking = (...actions: readonly string[]): Partial<NodeFacts> => ({
  awsNode: anAwsNode({ missingActions: actions.map((action) => ({ action, at: NOW - MINUTE })) }),
})
const agent = (ready: boolean, ago = 5 * MINUTE): Partial<NodeFacts> => ({
  networking: { ready, since: NOW - ago, says: ready ? 'NetworkingIsReady: fine' : 'IPAMDNotRunning: ipamd has not started' },
})
const node = (over: Partial<NodeFacts>) => aNode({ name: 'new-1', ...over })
const counting = (metrics: AwsNodeFacts['metrics']): Partial<NodeFacts> => ({ awsNode: anAwsNode({ metrics }) })
const throttled = (ago: number, lasting = 0) => ({
  seen: aSeen({ throttling: { since: NOW - ago - lasting, lastAt: NOW - ago, says: 'RequestLimitExceeded' } }),
})
const unreadable = { seen: aSeen({ unavailable: [{ source: 'kubernetes:events', reason: 'Forbidden', since: NOW }] }) }

interface Row {
  readonly kind: string
  readonly title: string
  readonly input: Partial<GateInput<unknown>>
  readonly verdict: Verdict
  readonly words: RegExp
}

const ROWS: readonly Row[] = [
  { kind: 'permissions', title: 'nothing is lacking', input: {}, verdict: 'pass', words: /lacks no permission/ },
  {
    kind: 'permissions',
    title: 'a new node lacks an action that old ones do not',
    input: { subjects: [node(lacking('ec2:DescribeSecurityGroups'))] },
    verdict: 'fail',
    words: /may not call ec2:DescribeSecurityGroups, as it says at 09:59 UTC; 3 untouched nodes are healthy/,
  },
  {
    kind: 'permissions',
    title: 'old nodes lack the same',
    input: { subjects: [node(lacking('ec2:DescribeSubnets'))], controls: untouched(lacking('ec2:DescribeSubnets')) },
    verdict: 'pass',
    words: /lacks no permission/,
  },
  { kind: 'permissions', title: 'events cannot be read', input: unreadable, verdict: 'unknown', words: /kubernetes:events cannot be read/ },
  { kind: 'networking-ready', title: 'the agent runs nowhere', input: {}, verdict: 'pass', words: /does not run here/ },
  {
    kind: 'networking-ready',
    title: 'the agent finds trouble on the new node alone',
    input: { subjects: [node(agent(false))], controls: untouched(agent(true)) },
    verdict: 'fail',
    words: /new-1 has trouble with its network since 09:55 UTC \(IPAMDNotRunning/,
  },
  {
    kind: 'networking-ready',
    title: 'for some seconds only',
    input: { subjects: [node(agent(false, 20 * SECOND))], controls: untouched(agent(true)) },
    verdict: 'pending',
    words: /has trouble/,
  },
  {
    kind: 'networking-ready',
    title: 'on untouched nodes too',
    input: { subjects: [node(agent(false))], controls: untouched(agent(false)) },
    verdict: 'unknown',
    words: /but so do old-1/,
  },
  {
    kind: 'networking-ready',
    title: 'the new node has no agent',
    input: { subjects: [node({})], controls: untouched(agent(true)) },
    verdict: 'unknown',
    words: /has no condition NetworkingReady/,
  },
  { kind: 'throttling', title: 'none was seen', input: {}, verdict: 'pass', words: /no throttling was seen/ },
  { kind: 'throttling', title: 'a minute ago', input: throttled(MINUTE), verdict: 'pending', words: /has to be calm until 10:02:00 UTC/ },
  { kind: 'throttling', title: 'four minutes ago', input: throttled(4 * MINUTE), verdict: 'pass', words: /since 09:56 UTC/ },
  {
    kind: 'throttling',
    title: 'for a quarter of an hour',
    input: throttled(MINUTE, 15 * MINUTE),
    verdict: 'unknown',
    words: /goes on for 15m/,
  },
  {
    kind: 'throttling',
    title: 'none was seen, and ipamd may not be asked',
    input: { subjects: [node(counting({ unreadable: 'Forbidden' }))] },
    verdict: 'pass',
    words: /by events and own calls; the counters of ipamd cannot be asked \(Forbidden\)/,
  },
  {
    kind: 'throttling',
    title: 'none was seen, and ipamd of one node can be asked',
    input: { subjects: [node(counting({ unreadable: 'Timeout' }))], controls: untouched(counting({ at: NOW, counts: { refusals: {} } })) },
    verdict: 'pass',
    words: /no throttling was seen$/,
  },
  { kind: 'throttling', title: 'events cannot be read', input: unreadable, verdict: 'unknown', words: /events cannot be read/ },
]

describe('what the cluster tells by itself', () => {
  it.each(ROWS)('$kind: $title: $verdict', ({ kind, input, verdict, words }) => {
    const judgement = gate(kind).judge(anInput(input))
    expect(judgement.reason).toMatch(words)
    expect(judgement.verdict).toBe(verdict)
  })
})
