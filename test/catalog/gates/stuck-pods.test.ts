import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../../../src/model/instant.ts'
import type { ProbeSpec } from '../../../src/model/probe.ts'
import type { NodeFacts } from '../../../src/model/seen.ts'
import type { Verdict } from '../../../src/model/verdict.ts'
import { anInput, gate, untouched } from '../../support/gate-input.ts'
import { aBaseline, aNode, aSeen, aWaitingPod, NOW } from '../../support/seen-builder.ts'

const { judge } = gate('stuck-pods')
const message = 'plugin type="aws-cni" name="aws-cni" failed (add): add cmd: failed to assign an IP address to container'

interface Row {
  readonly title: string
  readonly node: Partial<NodeFacts>
  readonly verdict: Verdict
  readonly words: RegExp
}

const rows: readonly Row[] = [
  { title: 'three pods have addresses', node: {}, verdict: 'pass', words: /no pod on 1 node waits for an address/ },
  {
    title: 'a pod has waited 119 s while others have addresses',
    node: { waitingPods: [aWaitingPod({ boundAt: NOW - 119 * SECOND })] },
    verdict: 'pass',
    words: /waits for an address/,
  },
  {
    title: 'a pod has waited 120 s because of the CNI',
    node: { waitingPods: [aWaitingPod({ boundAt: NOW - 120 * SECOND, message })] },
    verdict: 'fail',
    words: /new-1 has 1 pod without an address: shop\/web-1 for 2m, plugin type="aws-cni".*; 3 untouched nodes are healthy/,
  },
  {
    title: 'the first pod has waited 30 s',
    node: { addressedPods: 0, waitingPods: [aWaitingPod({ boundAt: NOW - 30 * SECOND })] },
    verdict: 'pending',
    words: /waits for the address of shop\/web-1, until 10:01:30 UTC/,
  },
  {
    title: 'a pod waits, and nothing says why',
    node: { waitingPods: [aWaitingPod({ cause: 'unknown' })] },
    verdict: 'unknown',
    words: /nothing says why/,
  },
  {
    title: 'a pod waits for its volume',
    node: { waitingPods: [aWaitingPod({ cause: 'volume' })] },
    verdict: 'pass',
    words: /waits for an address/,
  },
  {
    title: 'nothing was scheduled there',
    node: { addressedPods: 0 },
    verdict: 'unknown',
    words: /none of the 1 node that wave app changed can be judged/,
  },
  { title: 'a Windows node', node: { awsNodeExcluded: 'runs Windows' }, verdict: 'pass', words: /^not applicable/ },
]

const stuck = aNode({ name: 'new-1', waitingPods: [aWaitingPod({ message })] })

describe('stuck-pods', () => {
  it.each(rows)('$title: $verdict', ({ node, verdict, words }) => {
    const judgement = judge(anInput({ subjects: [aNode({ name: 'new-1', ...node })] }))
    expect(judgement.reason).toMatch(words)
    expect(judgement.verdict).toBe(verdict)
  })

  it.each([
    {
      title: 'EC2 refuses its interface',
      reached: 'requested',
      words: 'bound → requested, not branch created: BranchAllocationFailed: no',
    },
    { title: 'a webhook is in the way', reached: 'branch created', words: 'bound → requested → branch created, not annotated: ' },
    { title: 'the node does not give it', reached: 'annotated', words: '→ branch created → annotated, not assigned: ' },
  ] as const)('tells how far a pod with an interface of its own came: $title', ({ reached, words }) => {
    const pod = aWaitingPod({ message, allocation: { own: true, reached, stoppedBy: 'BranchAllocationFailed: no' } })
    const judgement = judge(anInput({ subjects: [aNode({ name: 'new-1', waitingPods: [pod] })] }))
    expect(judgement.reason).toContain(words)
    expect(judgement.notApplicable).toContainEqual({ subject: 'Pod/shop/web-1', says: expect.stringContaining(words) })
  })

  it('tells how far a pod came that still has time', () => {
    const allocation = { own: false, reached: 'bound' } as const
    const waitingPods = [aWaitingPod({ boundAt: NOW - 30 * SECOND, allocation })]
    const judgement = judge(anInput({ subjects: [aNode({ addressedPods: 0, waitingPods })] }))
    expect(judgement.reason).toContain('shop/web-1 (bound, not requested), until 10:01:30 UTC')
  })

  it('shows waits for volumes and images without judging them', () => {
    const waitingPods = [aWaitingPod({ cause: 'volume', message: 'Multi-Attach error' }), aWaitingPod({ name: 'web-2', cause: 'image' })]
    const { notApplicable } = judge(anInput({ subjects: [aNode({ waitingPods })] }))
    expect(notApplicable).toEqual([
      { subject: 'Pod/shop/web-1', says: 'waits since 09:55 UTC (volume): Multi-Attach error' },
      { subject: 'Pod/shop/web-2', says: 'waits since 09:55 UTC (image)' },
    ])
  })

  it('keeps the end of a long message, where the kubelet says the cause, and drops the id of the sandbox', () => {
    const long = `Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "${'a662807e'.repeat(8)}": ${message}`
    const judgement = judge(
      anInput({ subjects: [aNode({ name: 'new-1', waitingPods: [aWaitingPod({ boundAt: NOW - 120 * SECOND, message: long })] })] }),
    )
    expect(judgement.reason).toContain('failed to assign an IP address to container')
    expect(judgement.reason).not.toContain('a662807e')
  })

  it('lists nodes on which nothing was scheduled beside those that pass', () => {
    const judgement = judge(anInput({ subjects: [aNode(), aNode({ name: 'empty', addressedPods: 0 })] }))
    expect(judgement.verdict).toBe('pass')
    expect(judgement.notApplicable?.[0]?.subject).toBe('Node/empty')
  })

  it.each([
    { outcome: 'works', on: 'new-1', verdict: 'pass' },
    { outcome: 'fails', on: 'new-1', verdict: 'unknown' },
    { outcome: 'works', on: 'other', verdict: 'unknown' },
  ] as const)(
    'on a node that nothing else came to, with a probe pod on $on whose address $outcome: $verdict',
    ({ outcome, on, verdict }) => {
      const spec = { node: on, role: 'subject' } as ProbeSpec
      const report = { kind: 'told', results: [{ id: 'address', outcome, says: 'from its pod' }], at: NOW } as const
      const input = anInput({ subjects: [aNode({ name: 'new-1', addressedPods: 0 })] })
      const judgement = judge({ ...input, probing: { ...input.probing, probes: [{ spec, intendedAt: NOW, report }] } })
      expect(judgement.verdict).toBe(verdict)
    },
  )

  it('is not sure of the change where a probe on an untouched node gets no address either, though its pods have theirs', () => {
    const spec = { node: 'old-1', role: 'control' } as ProbeSpec
    const report = { kind: 'no-address', says: 'it got no address for 2m', at: NOW } as const
    const input = anInput({ subjects: [stuck] })
    expect(judge(input).verdict).toBe('fail')
    const judgement = judge({ ...input, probing: { ...input.probing, probes: [{ spec, intendedAt: NOW, report }] } })
    expect(judgement).toMatchObject({ verdict: 'unknown', reason: expect.stringContaining('but so does old-1') })
  })

  it('does not guess at causes while events cannot be read', () => {
    const unavailable = [{ source: 'kubernetes:events', reason: 'Forbidden', since: NOW - MINUTE }]
    const judgement = judge(anInput({ subjects: [stuck], seen: aSeen({ unavailable }) }))
    expect(judgement).toMatchObject({ verdict: 'unknown', reason: expect.stringContaining('events cannot be read (Forbidden)') })
  })

  it.each([
    { title: 'pods on untouched nodes wait too', over: { waitingPods: [aWaitingPod()] }, before: {}, verdict: 'unknown' },
    {
      title: 'they waited before the batch already',
      over: { waitingPods: [aWaitingPod()] },
      before: { waitingPods: [aWaitingPod()] },
      verdict: 'fail',
    },
    { title: 'untouched nodes run nothing', over: { addressedPods: 0 }, before: {}, verdict: 'unknown' },
  ])('with stuck pods on subject nodes, when $title: $verdict', ({ over, before, verdict }) => {
    const [first, ...others] = untouched()
    const controls = over.waitingPods && first ? [{ ...first, ...over }, ...others] : untouched(over)
    const known = first ? [{ ...first, ...before }, ...others] : []
    expect(judge(anInput({ subjects: [stuck], controls, baseline: aBaseline(known) })).verdict).toBe(verdict)
  })
})
