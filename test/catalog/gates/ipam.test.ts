import { describe, expect, it } from 'vitest'
import { onlyLogCanProve } from '../../../src/catalog/gates/judging/ipam-log.ts'
import { iso, MINUTE, SECOND } from '../../../src/model/instant.ts'
import type { AwsNodeFacts, NodeFacts } from '../../../src/model/seen.ts'
import type { Verdict } from '../../../src/model/verdict.ts'
import { anInput, gate, untouched } from '../../support/gate-input.ts'
import { aBaseline, aContainer, aNode, anAwsNode, aWaitingPod, NOW } from '../../support/seen-builder.ts'

const { judge } = gate('ipam')

const CHECKING = 'Starting IPAM daemon... \nChecking for IPAM connectivity... \n'
const CONNECTED = `${CHECKING}Copying config file... \nSuccessfully copied CNI plugin binary and config file.\n`

/** A node on which aws-node started so long ago, no pod got an address since, and its log is as given. */
function started(ago: number, log: AwsNodeFacts['log'], over: Partial<AwsNodeFacts> = {}): NodeFacts {
  const startedAt = NOW - ago
  const containers = [aContainer({ startedAt, ready: false })]
  const awsNode = anAwsNode({ boundAt: startedAt, readyChangedAt: startedAt, containers, log, ...over })
  return aNode({ name: 'new-1', awsNode, lastAddressAt: startedAt - SECOND })
}

const read = (text: string, readAt = NOW): AwsNodeFacts['log'] => ({ text, readAt })
const json = (at: number, msg: string) => `{"level":"info","ts":"${iso(at)}","caller":"aws-vpc-cni/main.go","msg":"${msg}"}\n`

interface Row {
  readonly title: string
  readonly node: NodeFacts
  readonly verdict: Verdict
  readonly words: RegExp
}

const rows: readonly Row[] = [
  { title: 'the configuration was copied', node: started(MINUTE, read(CONNECTED)), verdict: 'pass', words: /ipamd answered on 1 node/ },
  {
    title: 'only the last of the two lines is in the tail',
    node: started(MINUTE, read('Successfully copied CNI plugin binary and config file.')),
    verdict: 'pass',
    words: /ipamd answered/,
  },
  {
    title: 'a pod got an address in the second aws-node started',
    node: aNode({ lastAddressAt: NOW - 58 * MINUTE }),
    verdict: 'pass',
    words: /ipamd answered/,
  },
  {
    title: 'the newest address is older than aws-node',
    node: aNode({ lastAddressAt: NOW - 58 * MINUTE - SECOND }),
    verdict: 'unknown',
    words: /the log of aws-node was not read/,
  },
  { title: 'checking for 179 s', node: started(179 * SECOND, read(CHECKING)), verdict: 'pending', words: /it has until 10:00:01 UTC/ },
  {
    title: 'checking for 180 s',
    node: started(180 * SECOND, read(CHECKING)),
    verdict: 'fail',
    words:
      /new-1 hangs at the IPAM check since 09:57 UTC: "Checking for IPAM connectivity" is the last line of its log and no pod got an address; 3 untouched nodes are healthy/,
  },
  {
    title: 'a log with times: the check began 100 s after the start',
    node: started(200 * SECOND, read(json(NOW - 100 * SECOND, 'Checking for IPAM connectivity... '))),
    verdict: 'pending',
    words: /until 10:01:20 UTC/,
  },
  {
    title: 'restarted by its liveness probe again and again: it hangs since the pod is not ready',
    node: started(20 * SECOND, read(CHECKING), {
      boundAt: NOW - 4 * MINUTE,
      readyChangedAt: NOW - 4 * MINUTE,
      containers: [aContainer({ startedAt: NOW - 20 * SECOND, ready: false, restarts: 2 })],
    }),
    verdict: 'fail',
    words: /hangs at the IPAM check since 09:56 UTC/,
  },
  {
    title: 'the success is of the start before',
    node: started(
      MINUTE,
      read(json(NOW - 2 * MINUTE, 'Successfully copied CNI plugin binary') + json(NOW - 30 * SECOND, 'Checking for IPAM connectivity... ')),
    ),
    verdict: 'pending',
    words: /checks for IPAM connectivity/,
  },
  {
    title: 'the log was read before the container started again',
    node: started(MINUTE, read(CONNECTED, NOW - 2 * MINUTE)),
    verdict: 'pending',
    words: /after its log was read/,
  },
  {
    title: 'the log cannot be read',
    node: started(MINUTE, { unreadable: 'Forbidden' }),
    verdict: 'unknown',
    words: /cannot be read: Forbidden/,
  },
  {
    title: 'the log says nothing, early',
    node: started(5 * MINUTE, read('Installed /host/opt/cni/bin/aws-cni')),
    verdict: 'pending',
    words: /does not say that ipamd answered/,
  },
  {
    title: 'the log says nothing for 6 minutes',
    node: started(6 * MINUTE, read('')),
    verdict: 'unknown',
    words: /does not say that ipamd answered \(for 6m\)/,
  },
  {
    title: 'the container has not started',
    node: aNode({ awsNode: anAwsNode({ boundAt: NOW - MINUTE, containers: [aContainer({ startedAt: undefined })] }) }),
    verdict: 'pending',
    words: /has not started/,
  },
  { title: 'no aws-node pod', node: aNode({ awsNode: undefined }), verdict: 'unknown', words: /no aws-node pod/ },
  { title: 'a hybrid node', node: aNode({ awsNodeExcluded: 'is a hybrid node' }), verdict: 'pass', words: /^not applicable/ },
]

describe('ipam', () => {
  it.each(rows)('$title: $verdict', ({ node, verdict, words }) => {
    const judgement = judge(anInput({ subjects: [node] }))
    expect(judgement.reason).toMatch(words)
    expect(judgement.verdict).toBe(verdict)
  })

  it('is unknown where untouched nodes give no addresses either', () => {
    const controls = untouched({ waitingPods: [aWaitingPod()] })
    const hanging = started(200 * SECOND, read(CHECKING))
    const judgement = judge(anInput({ subjects: [hanging], controls, baseline: aBaseline(untouched()) }))
    expect(judgement).toMatchObject({ verdict: 'unknown', reason: expect.stringContaining('but so do old-1') })
  })
})

describe('the log is read', () => {
  it.each([
    { title: 'not before the container has started', node: aNode({ awsNode: undefined }), reads: false },
    { title: 'when it was not read yet', node: started(MINUTE, undefined), reads: true },
    { title: 'not when a pod got an address since', node: { ...started(MINUTE, undefined), lastAddressAt: NOW - SECOND }, reads: false },
    { title: 'again while it only checks', node: started(MINUTE, read(CHECKING)), reads: true },
    { title: 'again when it could not be read', node: started(MINUTE, { unreadable: 'HTTP 500' }), reads: true },
    { title: 'not again once it said that ipamd answered', node: started(MINUTE, read(CONNECTED)), reads: false },
    { title: 'again after a new start', node: started(MINUTE, read(CONNECTED, NOW - 2 * MINUTE)), reads: true },
  ])('$title: $reads', ({ node, reads }) => {
    expect(onlyLogCanProve(node)).toBe(reads)
  })
})
