import { z } from 'zod'
import { SECOND } from '../../model/instant.ts'
import type { NodeFacts } from '../../model/seen.ts'
import type { GateDefinition, GateInput } from './definition.ts'
import type { NodeSays } from './judging/item.ts'
import { judgeNodes, type NodeRule } from './judging/nodes.ts'
import { clockTime } from './judging/words.ts'

/** A condition that is False for less may be of the node's first seconds. */
const LASTING = 60 * SECOND

const RULE: NodeRule = {
  needs: ['kubernetes:nodes'],
  judge: judgeNode,
  control: ({ networking }) => (networking === undefined ? 'unreadable' : networking.ready ? 'fine' : 'fails'),
  failedBefore: () => false,
  passed: (nodes) => `the node monitoring agent finds the network of ${nodes} ready`,
}

export const networkingReady: GateDefinition = {
  kind: 'networking-ready',
  summary: 'Where the EKS node monitoring agent runs, it finds nothing wrong with the network of the changed nodes.',
  rule: {
    pass: 'The condition NetworkingReady of every subject node is True; or no node of the cluster has that condition, as the agent does not run.',
    fail: 'It has been False on a subject node for 60 s, and is not on untouched ones.',
    unknown: 'Untouched nodes have the condition and a subject node does not, or it is False there too.',
  },
  options: z.strictObject({}),
  appliesTo: ['addon', 'nodes'],
  cause: 'addon-or-networking',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/node-health.html',
  judge: (input) => {
    const nowhere = input.subjects.length > 0 && [...input.subjects, ...input.controls].every(({ networking }) => networking === undefined)
    if (!nowhere || input.seen.unavailable.some(({ source }) => source === 'kubernetes:nodes')) return judgeNodes(input, RULE)
    const reason = 'no node has the condition NetworkingReady: the node monitoring agent does not run here'
    return { verdict: input.settledAt === undefined ? 'pending' : 'pass', reason, evidence: [] }
  },
}

function judgeNode({ name, networking }: NodeFacts, { now }: GateInput<unknown>): NodeSays {
  const say = (verdict: 'pass' | 'pending' | 'fail' | 'unknown', says: string): NodeSays => ({ verdict, says, sentence: `${name} ${says}` })
  if (networking === undefined) return say('unknown', 'has no condition NetworkingReady, which other nodes have')
  if (networking.ready) return say('pass', 'has a network, as the node monitoring agent finds')
  const since = networking.since ?? now
  return say(now - since >= LASTING ? 'fail' : 'pending', `has trouble with its network since ${clockTime(since)} (${networking.says})`)
}
