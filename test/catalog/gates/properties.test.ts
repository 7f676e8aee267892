import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../../../src/model/instant.ts'
import type { AwsNodeFacts, ContainerFacts, NodeFacts } from '../../../src/model/seen.ts'
import { anInput, gate, untouched } from '../../support/gate-input.ts'
import { aBaseline, aContainer, aKubeProxy, aNode, anAwsNode, aSeen, aWaitingPod, NOW } from '../../support/seen-builder.ts'

const NODE_GATES = ['nodes-ready', 'aws-node', 'kube-proxy', 'ipam', 'stuck-pods'] as const
const aGate = fc.constantFrom(...NODE_GATES)
const anAge = fc.integer({ min: 0, max: 30 * 60 }).map((seconds) => NOW - seconds * SECOND)

const containers: fc.Arbitrary<ContainerFacts> = fc.record({
  name: fc.constantFrom('aws-node', 'aws-eks-nodeagent'),
  ready: fc.boolean(),
  running: fc.boolean(),
  startedAt: fc.option(anAge, { nil: undefined }),
  restarts: fc.integer({ min: 0, max: 5 }),
})

const logs: fc.Arbitrary<AwsNodeFacts['log']> = fc.oneof(
  fc.constant(undefined),
  fc.constant({ unreadable: 'Forbidden' }),
  fc.record({ text: fc.constantFrom('', 'Checking for IPAM connectivity...', 'Copying config file...'), readAt: anAge }),
)

const awsNodes: fc.Arbitrary<AwsNodeFacts> = fc
  .record({ containers: fc.array(containers, { maxLength: 2 }), initDone: fc.boolean(), boundAt: anAge, deleting: fc.boolean(), log: logs })
  .map(anAwsNode)

const nodes: fc.Arbitrary<NodeFacts> = fc
  .record({
    name: fc.stringMatching(/^new-[a-z]{6}$/),
    ready: fc.constantFrom('True', 'False', 'Unknown'),
    readySince: fc.option(anAge, { nil: undefined }),
    createdAt: anAge,
    readyLost: fc.integer({ min: 0, max: 3 }),
    awsNode: fc.option(awsNodes, { nil: undefined }),
    kubeProxy: fc.option(awsNodes, { nil: undefined }),
    addressedPods: fc.integer({ min: 0, max: 2 }),
    lastAddressAt: fc.option(anAge, { nil: undefined }),
    waitingPods: fc.array(fc.record({ boundAt: anAge, cause: fc.constantFrom('cni', 'volume', 'unknown') }).map(aWaitingPod), {
      maxLength: 2,
    }),
  })
  .map(aNode)

const subjects = fc.array(nodes, { maxLength: 4 })

/** What takes the evidence away from a node. */
const WITHOUT_EVIDENCE: Readonly<Record<(typeof NODE_GATES)[number], Partial<NodeFacts>>> = {
  'nodes-ready': { ready: 'Unknown', readyLost: 0 },
  'aws-node': { awsNode: undefined },
  'kube-proxy': { kubeProxy: undefined },
  ipam: { awsNode: anAwsNode({ log: { unreadable: 'Forbidden' } }), lastAddressAt: undefined },
  'stuck-pods': { addressedPods: 0, waitingPods: [] },
}

describe('every gate about nodes', () => {
  it('never passes without a node to judge', () => {
    fc.assert(
      fc.property(aGate, fc.option(anAge, { nil: undefined }), (kind, settledAt) => {
        expect(gate(kind).judge(anInput({ subjects: [], settledAt })).verdict).not.toBe('pass')
      }),
    )
  })

  it('never passes while the evidence about all nodes is missing', () => {
    fc.assert(
      fc.property(aGate, fc.array(nodes, { minLength: 1, maxLength: 3 }), (kind, list) => {
        const blind = list.map((node) => ({ ...node, ...WITHOUT_EVIDENCE[kind] }))
        expect(['unknown', 'pending']).toContain(gate(kind).judge(anInput({ subjects: blind })).verdict)
      }),
    )
  })

  it('never passes while the evidence about one node is missing, except where nothing was scheduled on it', () => {
    const kinds = fc.constantFrom('nodes-ready', 'aws-node', 'kube-proxy', 'ipam')
    fc.assert(
      fc.property(kinds, nodes, (kind, node) => {
        const blind = { ...node, ...WITHOUT_EVIDENCE[kind] }
        expect(gate(kind).judge(anInput({ subjects: [aNode({ name: 'fine' }), blind] })).verdict).not.toBe('pass')
      }),
    )
  })

  it('never passes or fails on a picture whose nodes or pods could not be read', () => {
    fc.assert(
      fc.property(aGate, subjects, (kind, list) => {
        const unavailable = [{ source: 'kubernetes:nodes', reason: 'HTTP 503', since: NOW - MINUTE }]
        expect(gate(kind).judge(anInput({ subjects: list, seen: aSeen({ unavailable }) })).verdict).toBe('unknown')
      }),
    )
  })

  it('never fails where an untouched node fails in the same way', () => {
    const failing = {
      ready: 'False',
      awsNode: anAwsNode({ containers: [aContainer({ restarts: 3 })] }),
      kubeProxy: aKubeProxy({ containers: [aContainer({ restarts: 3 })] }),
      waitingPods: [aWaitingPod()],
    } as const
    fc.assert(
      fc.property(aGate, subjects, (kind, list) => {
        const controls = untouched(failing)
        const judgement = gate(kind).judge(anInput({ subjects: list, controls, baseline: aBaseline(untouched()) }))
        expect(judgement.verdict).not.toBe('fail')
      }),
    )
  })

  it('never fails without anything to compare with', () => {
    fc.assert(
      fc.property(aGate, subjects, (kind, list) => {
        expect(gate(kind).judge(anInput({ subjects: list, controls: [], baseline: aBaseline([]) })).verdict).not.toBe('fail')
      }),
    )
  })

  it('always gives a reason, and evidence for every fail', () => {
    fc.assert(
      fc.property(aGate, subjects, (kind, list) => {
        const judgement = gate(kind).judge(anInput({ subjects: list }))
        expect(judgement.reason.length).toBeGreaterThan(10)
        expect(judgement.verdict !== 'fail' || judgement.evidence.length > 0).toBe(true)
      }),
    )
  })
})
