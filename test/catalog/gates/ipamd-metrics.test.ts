import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../../../src/model/instant.ts'
import type { IpamdCounts, IpamdReading } from '../../../src/model/ipamd.ts'
import type { AwsNodeFacts, NodeFacts } from '../../../src/model/seen.ts'
import type { Verdict } from '../../../src/model/verdict.ts'
import { anInput, gate, untouched } from '../../support/gate-input.ts'
import { aBaseline, aDaemonSet, aNode, anAwsNode, aSeen, NOW } from '../../support/seen-builder.ts'

const CALM: IpamdCounts = {
  total: 18,
  assigned: 4,
  unanswered: 2,
  droppedInterfaces: 0,
  requests: 40,
  refusals: { 'CreateTags Unavailable': 5 },
  failedCalls: { CreateTags: 5, DescribeSubnets: 7 },
  failures: { increaseIPPoolAllocENI: 9 },
}

/** Two looks, two minutes apart, with what has changed since the first. */
const looks = (changed: Partial<IpamdCounts> = {}, apart = 2 * MINUTE): IpamdReading => ({
  at: NOW,
  counts: { ...CALM, requests: 44, ...changed },
  before: { at: NOW - apart, counts: CALM },
})
const refused = (what: string, times: number): IpamdReading => looks({ refusals: { ...CALM.refusals, [what]: times } })
const dry = looks({ assigned: 18, unanswered: 9 })
const idle = looks({ requests: 40 })
const unreadable = { unreadable: 'Forbidden: pods/proxy' }

const node = (name: string, metrics: AwsNodeFacts['metrics'], over: Partial<NodeFacts> = {}): NodeFacts =>
  aNode({ name, awsNode: anAwsNode({ pod: `aws-node-${name}`, metrics }), ...over })
const controlsWith = (metrics: AwsNodeFacts['metrics']): readonly NodeFacts[] => [node('old-1', metrics, { group: 'web' })]

interface Row {
  readonly title: string
  readonly now: AwsNodeFacts['metrics']
  readonly controls?: readonly NodeFacts[]
  readonly before?: boolean
  readonly options?: object
  readonly verdict: Verdict
  readonly words: RegExp
}

const rows: readonly Row[] = [
  { title: 'nothing happened', now: looks(), verdict: 'pass', words: /counts nothing that speaks of trouble/ },
  { title: 'not asked yet', now: undefined, verdict: 'pending', words: /has not been asked for its metrics yet/ },
  { title: 'asked once', now: { at: NOW, counts: CALM }, verdict: 'pending', words: /watched since 10:00 UTC, until 10:01:00 UTC/ },
  { title: 'asked twice within seconds', now: looks({}, 30 * SECOND), verdict: 'pending', words: /until 10:00:30 UTC/ },
  {
    title: 'pods asked and every address was in use',
    now: dry,
    verdict: 'fail',
    words: /new-1 had no address for 7 requests of pods within 2m: 18 of 18 addresses are in use; 1 untouched node is healthy/,
  },
  { title: 'pods asked in vain, and there are addresses by now', now: looks({ unanswered: 9 }), verdict: 'pass', words: /nothing/ },
  {
    title: 'an interface in use was dropped',
    now: looks({ droppedInterfaces: 1 }),
    verdict: 'fail',
    words: /dropped 1 interface since it started although pods had addresses of them; 1 untouched node is healthy/,
  },
  {
    title: 'an interface in use was dropped some time ago: its pods are cut off still',
    now: {
      ...looks(),
      counts: { ...CALM, droppedInterfaces: 1 },
      before: { at: NOW - 2 * MINUTE, counts: { ...CALM, droppedInterfaces: 1 } },
    },
    verdict: 'fail',
    words: /dropped 1 interface since it started/,
  },
  {
    title: 'an interface in use was dropped, and untouched nodes asked nothing of EC2, which that needs not',
    now: looks({ droppedInterfaces: 1 }),
    controls: controlsWith(idle),
    verdict: 'fail',
    words: /1 untouched node is healthy/,
  },
  {
    title: 'an interface in use was dropped, on untouched nodes too',
    now: looks({ droppedInterfaces: 1 }),
    controls: controlsWith(looks({ droppedInterfaces: 2 })),
    verdict: 'unknown',
    words: /but so does old-1/,
  },
  {
    title: 'EC2 refuses again and again',
    now: refused('CreateNetworkInterface UnauthorizedOperation', 24),
    verdict: 'fail',
    words: /was refused CreateNetworkInterface by EC2 24 times within 2m \(UnauthorizedOperation\)/,
  },
  { title: 'EC2 refused twice', now: refused('AttachNetworkInterface Busy', 2), verdict: 'pass', words: /nothing/ },
  {
    title: 'EC2 throttles, which other gates judge',
    now: refused('CreateTags RequestLimitExceeded', 24),
    verdict: 'pass',
    words: /nothing/,
  },
  {
    title: 'EC2 gives no answer again and again',
    now: looks({ failedCalls: { ...CALM.failedCalls, AttachNetworkInterface: 6 } }),
    verdict: 'fail',
    words: /got no answer from EC2 to AttachNetworkInterface 6 times within 2m; 1 untouched node is healthy/,
  },
  {
    title: 'calls failed, and nearly all of them were answered',
    now: looks({
      failedCalls: { ...CALM.failedCalls, AttachNetworkInterface: 4 },
      refusals: { ...CALM.refusals, 'AttachNetworkInterface Busy': 2 },
    }),
    verdict: 'pass',
    words: /nothing/,
  },
  {
    title: 'ipamd fails again and again, without a word of EC2',
    now: looks({ failures: { ...CALM.failures, tryEnableSecurityGroupsForPods: 24 } }),
    verdict: 'fail',
    words: /failed at tryEnableSecurityGroupsForPods 24 times within 2m/,
  },
  {
    title: 'ipamd failed twice',
    now: looks({ failures: { ...CALM.failures, increaseIPPoolwaitENIAttachedFailed: 2 } }),
    verdict: 'pass',
    words: /nothing/,
  },
  {
    title: 'ipamd fails while EC2 throttles, which other gates judge',
    now: looks({
      refusals: { ...CALM.refusals, 'CreateNetworkInterface RequestLimitExceeded': 24 },
      failedCalls: { ...CALM.failedCalls, CreateNetworkInterface: 24 },
      failures: { ...CALM.failures, increaseIPPoolAllocENI: 24 },
    }),
    verdict: 'pass',
    words: /nothing/,
  },
  {
    title: 'ipamd fails on untouched nodes too',
    now: looks({ failures: { reconcileFailedGetENIs: 4 } }),
    controls: controlsWith(looks({ failures: { reconcileFailedGetENIs: 3 } })),
    verdict: 'unknown',
    words: /but so does old-1, which this run has not touched/,
  },
  {
    title: 'the subnet has no address left',
    now: refused('AssignPrivateIpAddresses InsufficientFreeAddressesInSubnet', 1),
    verdict: 'unknown',
    words: /free addresses in its subnet, going back needs them too/,
  },
  {
    title: 'it happens on untouched nodes too',
    now: dry,
    controls: controlsWith(dry),
    verdict: 'unknown',
    words: /but so does old-1, which this run has not touched/,
  },
  {
    title: 'untouched nodes asked nothing of EC2 meanwhile',
    now: refused('CreateNetworkInterface UnauthorizedOperation', 24),
    controls: controlsWith(idle),
    verdict: 'unknown',
    words: /no untouched node can be read to compare with/,
  },
  {
    title: 'no node is left untouched, and all was well before',
    now: dry,
    controls: [],
    before: false,
    verdict: 'fail',
    words: /1 of 1 node was healthy when the batch began/,
  },
  {
    title: 'no node is left untouched, and nobody had looked',
    now: dry,
    controls: [],
    verdict: 'unknown',
    words: /no untouched node and no baseline is there/,
  },
  {
    title: 'it cannot be reached, while untouched nodes can',
    now: unreadable,
    verdict: 'unknown',
    words: /does not tell its metrics \(Forbidden: pods\/proxy\)/,
  },
  {
    title: 'no node can be reached',
    now: unreadable,
    controls: controlsWith(unreadable),
    verdict: 'unknown',
    words: /no node tells its metrics.*`serin permissions --plan PLAN --only rbac`.*port 61678.*or take the gate out of the plan/,
  },
  {
    title: 'no node can be reached, which the plan lets be',
    now: unreadable,
    controls: controlsWith(unreadable),
    options: { unreachable: 'pass' },
    verdict: 'pass',
    words: /the gate does not apply, as the plan says/,
  },
]

describe('ipamd-metrics', () => {
  it.each(rows)('$title: $verdict', ({ now, controls = controlsWith(looks()), before, options = {}, verdict, words }) => {
    const base = anInput({ subjects: [node('new-1', now)], controls, options })
    const known = aBaseline([aNode({ name: 'gone-1', uid: 'uid-gone-1' })])
    const gone = known.nodes['gone-1']
    if (gone === undefined) throw new Error('no node gone-1')
    const baseline = { ...known, nodes: { 'gone-1': { ...gone, ...(before !== undefined && { ipamdFails: before }) } } }
    const judgement = gate('ipamd-metrics').judge({ ...base, baseline })
    expect(judgement.reason).toMatch(words)
    expect(judgement.verdict).toBe(verdict)
  })

  it('does not apply where aws-node is set to serve no metrics, and says so', () => {
    const base = anInput({ subjects: [node('new-1', unreadable)], controls: controlsWith(unreadable) })
    const seen = aSeen({ awsNode: aDaemonSet({ env: { DISABLE_METRICS: 'true' } }) })
    expect(gate('ipamd-metrics').judge({ ...base, seen })).toMatchObject({
      verdict: 'pass',
      reason: expect.stringContaining('DISABLE_METRICS'),
    })
  })

  it('asks a bounded sample: one node in each zone and of each type, up to ten changed ones and three others', () => {
    const subjects = Array.from({ length: 40 }, (_, index) => aNode({ name: `new-${index}`, ...(index > 37 && { zone: `zone-${index}` }) }))
    const asked = gate('ipamd-metrics').metricsOf({ subjects, controls: [...untouched(), aNode({ name: 'old-4' })] })
    const names = asked.map(({ name }) => name)
    expect(names.filter((name) => name.startsWith('new-'))).toHaveLength(12)
    expect(names).toEqual(expect.arrayContaining(['new-38', 'new-39']))
    expect(names.filter((name) => name.startsWith('old-'))).toEqual(['old-1', 'old-2', 'old-3'])
  })
})
