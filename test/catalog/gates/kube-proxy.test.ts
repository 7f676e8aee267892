import { describe, expect, it } from 'vitest'
import type { GateInput } from '../../../src/catalog/gates/definition.ts'
import { MINUTE, SECOND } from '../../../src/model/instant.ts'
import type { AgentFacts, NodeFacts } from '../../../src/model/seen.ts'
import type { Verdict } from '../../../src/model/verdict.ts'
import { anInput, gate, untouched } from '../../support/gate-input.ts'
import { aBaseline, aContainer, aKubeProxy, aNode, aSeen, NOW } from '../../support/seen-builder.ts'

const { judge } = gate('kube-proxy')

const node = (over: Partial<AgentFacts>): NodeFacts => aNode({ name: 'new-1', kubeProxy: aKubeProxy(over) })
const loops = { containers: [aContainer({ name: 'kube-proxy', ready: false, running: false, restarts: 3, lastExit: 'Error (exit 1)' })] }
const without = { kubeProxy: undefined }
const nowhere = { controls: untouched(without), baseline: aBaseline(untouched(without)) }

interface Row {
  readonly title: string
  readonly input: Partial<GateInput<unknown>>
  readonly verdict: Verdict
  readonly words: RegExp
}

const rows: readonly Row[] = [
  { title: 'well on a new node', input: {}, verdict: 'pass', words: /kube-proxy runs and is ready on 1 node/ },
  {
    title: 'the third restart on a new node',
    input: { subjects: [node(loops)] },
    verdict: 'fail',
    words: /kube-proxy on new-1 has restarted 3 times since 09:00 UTC, last exit code 1; 3 untouched nodes are healthy/,
  },
  {
    title: 'not ready for less than 6 minutes',
    input: {
      subjects: [
        node({ boundAt: NOW - MINUTE, readyChangedAt: undefined, containers: [aContainer({ ready: false, startedAt: NOW - SECOND })] }),
      ],
    },
    verdict: 'pending',
    words: /is not ready yet/,
  },
  {
    title: 'restarts on untouched nodes since the batch began',
    input: { subjects: [node(loops)], controls: untouched({ kubeProxy: aKubeProxy(loops) }), baseline: aBaseline(untouched()) },
    verdict: 'unknown',
    words: /but so do old-1, old-2 and old-3/,
  },
  {
    title: 'restarts on untouched nodes of before the batch count for nobody',
    input: {
      subjects: [node(loops)],
      controls: untouched({ kubeProxy: aKubeProxy({ containers: [aContainer({ name: 'kube-proxy', restarts: 7 })] }) }),
      baseline: aBaseline(untouched({ kubeProxy: aKubeProxy({ containers: [aContainer({ name: 'kube-proxy', restarts: 7 })] }) })),
    },
    verdict: 'fail',
    words: /3 untouched nodes are healthy/,
  },
  { title: 'no pod on the new node alone', input: { subjects: [aNode(without)] }, verdict: 'unknown', words: /has no pod yet/ },
  {
    title: 'no pod on the new nodes, which are all that is left, although there were pods before',
    input: { subjects: [aNode(without)], controls: [], baseline: aBaseline(untouched()) },
    verdict: 'unknown',
    words: /has no pod yet/,
  },
  {
    title: 'no pod anywhere, nor before: nothing to judge',
    input: { subjects: [aNode(without)], ...nowhere },
    verdict: 'pass',
    words: /something else programs Services here/,
  },
  {
    title: 'no pod anywhere on a picture whose pods could not be read',
    input: {
      subjects: [aNode(without)],
      ...nowhere,
      seen: aSeen({ unavailable: [{ source: 'kubernetes:pods', reason: 'HTTP 503', since: NOW - MINUTE }] }),
    },
    verdict: 'unknown',
    words: /cannot be read/,
  },
]

describe('kube-proxy', () => {
  it.each(rows)('$title: $verdict', ({ input, verdict, words }) => {
    const judgement = judge(anInput(input))
    expect(judgement.reason).toMatch(words)
    expect(judgement.verdict).toBe(verdict)
  })
})
