import { describe, expect, it } from 'vitest'
import type { GateInput } from '../../../src/catalog/gates/definition.ts'
import { MINUTE } from '../../../src/model/instant.ts'
import type { NodeFacts, WorkloadFacts } from '../../../src/model/seen.ts'
import type { Verdict } from '../../../src/model/verdict.ts'
import { anInput, gate, untouched } from '../../support/gate-input.ts'
import { aBaseline, aContainer, aGroup, anAwsNode, aSeen, aWorkload, NOW } from '../../support/seen-builder.ts'

const { judge } = gate('control-plane')
const web = aWorkload({ nodes: ['old-1'] })
const SETTLED = NOW - 10 * MINUTE

interface Situation {
  /** Of every node; before they were well. */
  readonly nodes?: Partial<NodeFacts>
  readonly workload?: Partial<WorkloadFacts>
  readonly over?: Partial<GateInput<unknown>>
}

function situation({ nodes = {}, workload = {}, over = {} }: Situation): GateInput<unknown> {
  const subjects = untouched(nodes)
  const seen = aSeen({ groups: [aGroup({ name: 'web', nodes: subjects })], workloads: [{ ...web, ...workload }] })
  return anInput({ seen, subjects, controls: [], baseline: aBaseline(untouched(), [web]), settledAt: SETTLED, ...over })
}

const lost = { ready: 'False', readySince: SETTLED } as const
const withoutAgent = { awsNode: anAwsNode({ containers: [aContainer({ ready: false })] }) }

const rows: readonly (Situation & { title: string; verdict: Verdict; words: RegExp })[] = [
  { title: 'all as well as before', verdict: 'pass', words: /3 nodes and 1 workloads are as well as before/ },
  { title: 'EKS still moves it', over: { settledAt: undefined }, verdict: 'pending', words: /EKS still works on it/ },
  { title: 'nodes lost Ready a moment ago', nodes: { ...lost, readySince: NOW - MINUTE }, verdict: 'pending', words: /it has until/ },
  {
    title: 'nodes are not Ready after 10 minutes',
    nodes: lost,
    verdict: 'fail',
    words: /old-1 is not Ready \(False\), and is not well after 10m/,
  },
  { title: 'aws-node runs no more', nodes: withoutAgent, verdict: 'fail', words: /no running aws-node any more/ },
  { title: 'a workload is short of replicas', workload: { available: 2 }, verdict: 'fail', words: /has 2 of 3 replicas available/ },
  { title: 'a workload that others changed is short', workload: { available: 2, generation: 2 }, verdict: 'pass', words: /3 nodes/ },
  { title: 'a workload was scaled to nothing', workload: { available: 0, desired: 0 }, verdict: 'pass', words: /3 nodes/ },
  {
    title: 'the API server does not answer',
    over: { seen: aSeen({ unavailable: [{ source: 'kubernetes:nodes', reason: 'refused', since: NOW }] }) },
    verdict: 'unknown',
    words: /cannot be read/,
  },
  { title: 'nothing was well before', over: { baseline: aBaseline([], []) }, verdict: 'unknown', words: /nothing that was well before/ },
]

describe('the gate control-plane', () => {
  it.each(rows)('$title: $verdict', ({ verdict, words, ...row }) => {
    const judgement = judge(situation(row))
    expect(judgement).toMatchObject({ verdict })
    expect(judgement.reason).toMatch(words)
  })
})
