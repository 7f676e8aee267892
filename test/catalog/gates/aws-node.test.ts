import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../../../src/model/instant.ts'
import type { AwsNodeFacts, ContainerFacts, NodeFacts } from '../../../src/model/seen.ts'
import type { Verdict } from '../../../src/model/verdict.ts'
import { anInput, gate, untouched } from '../../support/gate-input.ts'
import { aBaseline, aContainer, aNode, anAwsNode, aSeen, NOW } from '../../support/seen-builder.ts'

const { judge } = gate('aws-node')

/** A node whose aws-node pod is as given. */
function withPod(over: Partial<AwsNodeFacts>): NodeFacts {
  return aNode({ name: 'ip-10-0-1-7', awsNode: anAwsNode(over) })
}

/** A pod bound so long ago whose aws-node container is as given, beside a healthy node agent. */
function pod(boundAgo: number, over: Partial<ContainerFacts>, rest: Partial<AwsNodeFacts> = {}): NodeFacts {
  const boundAt = NOW - boundAgo
  const agent = aContainer({ name: 'aws-eks-nodeagent', startedAt: boundAt })
  return withPod({ boundAt, readyChangedAt: boundAt, containers: [aContainer(over), agent], ...rest })
}

const down = { ready: false, running: false, startedAt: undefined }

interface Row {
  readonly title: string
  readonly node: NodeFacts
  readonly verdict: Verdict
  readonly words: RegExp
}

const rows: readonly Row[] = [
  { title: 'healthy for an hour', node: withPod({}), verdict: 'pass', words: /ready on 1 node for 3m without a restart/ },
  {
    title: 'serving for exactly 180 s',
    node: pod(4 * MINUTE, { startedAt: NOW - 180 * SECOND }),
    verdict: 'pass',
    words: /without a restart/,
  },
  {
    title: 'serving for 179 s',
    node: pod(4 * MINUTE, { startedAt: NOW - 179 * SECOND }),
    verdict: 'pending',
    words: /has to stay so for 3m, until 10:00:01 UTC/,
  },
  {
    title: 'ready again for 60 s without any restart: the pod condition tells',
    node: pod(20 * MINUTE, { startedAt: NOW - 19 * MINUTE }, { readyChangedAt: NOW - MINUTE }),
    verdict: 'pending',
    words: /until 10:02:00 UTC/,
  },
  {
    title: 'two restarts at boot, steady since: they heal by themselves',
    node: pod(10 * MINUTE, { restarts: 2, startedAt: NOW - 4 * MINUTE, lastExit: 'Error (exit 2)' }),
    verdict: 'pass',
    words: /without a restart/,
  },
  {
    title: 'the third restart, although it runs at this moment',
    node: pod(9 * MINUTE, { restarts: 3, startedAt: NOW - 10 * SECOND, lastExit: 'Error (exit 2)' }),
    verdict: 'fail',
    words: /aws-node on ip-10-0-1-7 has restarted 3 times since 09:51 UTC, last exit code 2; 3 untouched nodes are healthy/,
  },
  {
    title: 'the node agent restarts, not aws-node',
    node: withPod({ containers: [aContainer(), aContainer({ name: 'aws-eks-nodeagent', restarts: 4 })] }),
    verdict: 'fail',
    words: /container aws-eks-nodeagent/,
  },
  {
    title: 'not ready one second before the 6 minutes are over',
    node: pod(6 * MINUTE - SECOND, { ...down, restarts: 2, waitingReason: 'CrashLoopBackOff' }),
    verdict: 'pending',
    words: /not ready yet \(aws-node waits in CrashLoopBackOff\); it has until 10:00:01 UTC/,
  },
  {
    title: 'not ready 6 minutes after it was bound',
    node: pod(6 * MINUTE, { ...down, restarts: 2, waitingReason: 'CrashLoopBackOff', lastExit: 'Error (exit 2)' }),
    verdict: 'fail',
    words: /not ready after 6m: aws-node waits in CrashLoopBackOff after Error \(exit 2\)/,
  },
  {
    title: 'all containers ready but init containers not done: the DaemonSet would count it as ready',
    node: withPod({ initDone: false }),
    verdict: 'fail',
    words: /init containers are not done/,
  },
  { title: 'running but not ready, long ago', node: pod(MINUTE, { ready: false }), verdict: 'pending', words: /aws-node is not ready/ },
  { title: 'a pod without container statuses', node: withPod({ containers: [] }), verdict: 'unknown', words: /shows no containers/ },
  {
    title: 'running without a start time',
    node: withPod({ containers: [aContainer({ startedAt: undefined })] }),
    verdict: 'unknown',
    words: /does not say since when/,
  },
  { title: 'no pod on an old node', node: aNode({ awsNode: undefined }), verdict: 'unknown', words: /has no pod yet/ },
  {
    title: 'no pod yet on a node of a minute',
    node: aNode({ awsNode: undefined, createdAt: NOW - MINUTE }),
    verdict: 'pending',
    words: /has no pod yet/,
  },
  { title: 'its pod is being replaced', node: withPod({ deleting: true }), verdict: 'pending', words: /is being replaced/ },
  {
    title: 'a Windows node',
    node: aNode({ awsNode: undefined, awsNodeExcluded: 'runs Windows' }),
    verdict: 'pass',
    words: /^not applicable, aws-node is not for them: 1 node: runs Windows$/,
  },
]

const failing = pod(9 * MINUTE, { restarts: 3 })

describe('aws-node', () => {
  it.each(rows)('$title: $verdict', ({ node, verdict, words }) => {
    const judgement = judge(anInput({ subjects: [node] }))
    expect(judgement.reason).toMatch(words)
    expect(judgement.verdict).toBe(verdict)
  })

  it('names every failing node and none of the healthy ones in the evidence of a fail', () => {
    const second = { ...failing, name: 'ip-10-0-2-9', uid: 'uid-2' }
    const judgement = judge(anInput({ subjects: [aNode({ name: 'fine' }), failing, second] }))
    expect(judgement.evidence.map(({ subject }) => subject)).toEqual(['Node/ip-10-0-1-7', 'Node/ip-10-0-2-9'])
    expect(judgement.reason).toContain('likewise ip-10-0-2-9')
  })

  it('prints a Windows node as not applicable beside nodes that pass', () => {
    const windows = aNode({ name: 'win-1', awsNode: undefined, awsNodeExcluded: 'runs Windows' })
    const judgement = judge(anInput({ subjects: [aNode(), windows] }))
    expect(judgement.verdict).toBe('pass')
    expect(judgement.notApplicable).toEqual([{ subject: 'Node/win-1', says: 'runs no aws-node: the node runs Windows' }])
  })

  it('passes nothing while EKS still works, and fails at once', () => {
    expect(judge(anInput({ settledAt: undefined })).verdict).toBe('pending')
    expect(judge(anInput({ settledAt: undefined, subjects: [failing] })).verdict).toBe('fail')
  })

  it('judges no node that is on its way out', () => {
    expect(judge(anInput({ subjects: [aNode(), { ...failing, deleting: true }] })).verdict).toBe('pass')
  })

  it('is unknown while pods cannot be read, even where the last picture was bad', () => {
    const unavailable = [{ source: 'kubernetes:pods', reason: 'HTTP 503', since: NOW - MINUTE }]
    const judgement = judge(anInput({ subjects: [failing], seen: aSeen({ unavailable }) }))
    expect(judgement).toMatchObject({
      verdict: 'unknown',
      reason: expect.stringContaining('kubernetes:pods cannot be read since 09:59 UTC (HTTP 503)'),
    })
  })
})

describe('aws-node compared with what was not touched', () => {
  const broken = untouched({ awsNode: anAwsNode({ readyChangedAt: NOW - 7 * MINUTE, containers: [aContainer({ ready: false })] }) })
  const healthy = untouched()
  const withoutPod = untouched({ awsNode: undefined })

  const comparisons = [
    { title: 'untouched nodes are healthy', controls: healthy, baseline: healthy, verdict: 'fail', words: /3 untouched nodes are healthy/ },
    {
      title: 'untouched nodes fail too',
      controls: broken,
      baseline: healthy,
      verdict: 'unknown',
      words: /but so do old-1, old-2 and old-3/,
    },
    {
      title: 'one untouched node fails too',
      controls: [...broken.slice(0, 1), ...healthy.slice(1)],
      baseline: healthy,
      verdict: 'unknown',
      words: /but so does old-1/,
    },
    {
      title: 'an untouched node was already failing before',
      controls: [...broken.slice(0, 1), ...healthy.slice(1)],
      baseline: [...broken.slice(0, 1), ...healthy.slice(1)],
      verdict: 'fail',
      words: /2 untouched nodes are healthy/,
    },
    {
      title: 'untouched nodes cannot be read',
      controls: withoutPod,
      baseline: healthy,
      verdict: 'unknown',
      words: /no untouched node can be read/,
    },
    {
      title: 'nothing is untouched, and the old nodes were healthy',
      controls: [],
      baseline: [aNode({ name: 'gone-1', uid: 'g1' })],
      verdict: 'fail',
      words: /1 of 1 node was healthy when the batch began/,
    },
    {
      title: 'nothing is untouched, and the old nodes failed as well',
      controls: [],
      baseline: [aNode({ name: 'gone-1', uid: 'g1', awsNode: undefined })],
      verdict: 'unknown',
      words: /only 0 of 1 node was healthy .* not worse than before/,
    },
    { title: 'nothing at all to compare with', controls: [], baseline: [], verdict: 'unknown', words: /no baseline/ },
  ] as const

  it.each(comparisons)('$title: $verdict', ({ controls, baseline, verdict, words }) => {
    const judgement = judge(anInput({ subjects: [failing], controls, baseline: aBaseline(baseline) }))
    expect(judgement.reason).toMatch(words)
    expect(judgement.verdict).toBe(verdict)
  })

  it('does not hold restarts of before the batch against an untouched node', () => {
    const veteran = aNode({ name: 'old-1', group: 'web', awsNode: anAwsNode({ containers: [aContainer({ restarts: 12 })] }) })
    expect(judge(anInput({ subjects: [failing], controls: [veteran], baseline: aBaseline([veteran]) })).verdict).toBe('fail')
    const restarting = { ...veteran, awsNode: anAwsNode({ containers: [aContainer({ restarts: 15 })] }) }
    expect(judge(anInput({ subjects: [failing], controls: [restarting], baseline: aBaseline([veteran]) })).verdict).toBe('unknown')
  })
})
