import { z } from 'zod'
import { formatDuration } from '../../model/instant.ts'
import type { ProbeReport } from '../../model/probe.ts'
import type { NodeFacts, WaitingPod } from '../../model/seen.ts'
import type { Evidence, Verdict } from '../../model/verdict.ts'
import type { GateDefinition, GateInput } from './definition.ts'
import { gapIn } from './judging/differential.ts'
import type { NodeSays } from './judging/item.ts'
import { judgeNodes, type NodeRule } from './judging/nodes.ts'
import { addressControl, allocationWords, STUCK_AFTER, shortened, stuckPods } from './judging/stuck.ts'
import { clockTime, count, exactTime } from './judging/words.ts'
import { resultsIn } from './probing/reading.ts'

const RULE: NodeRule = {
  needs: ['kubernetes:nodes', 'kubernetes:pods'],
  judge: judgeNode,
  control: addressControl,
  failedBefore: (node) => node.waiting > 0,
  passed: (nodes) => `no pod on ${nodes} waits for an address`,
}

export const stuckPodsGate: GateDefinition = {
  kind: 'stuck-pods',
  summary: 'Pods on the changed nodes get addresses.',
  rule: {
    pass: 'Pods were scheduled on subject nodes, probes of network-proof among them, and none of them has been without an address for 120 s because of the CNI.',
    fail: 'A pod on a subject node has been without an address for 120 s because of the CNI, and none on untouched nodes. How far each came is shown: bound, requested, branch created, annotated, assigned.',
    unknown:
      'No pod that needs an address was scheduled on a subject node, its cause cannot be told, or pods on untouched nodes wait too. Waits for volumes and images are shown, not judged.',
  },
  options: z.strictObject({}),
  appliesTo: ['addon', 'nodes'],
  cause: 'addon-or-networking',
  failsWithoutAddresses: () => true,
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/docs/troubleshooting.md',
  judge: (input) => judgeNodes(input, RULE),
}

function judgeNode(node: NodeFacts, input: GateInput<unknown>): NodeSays {
  const { now, seen } = input
  if (node.awsNodeExcluded !== undefined) return { leftOut: `gives no addresses by aws-node: the node ${node.awsNodeExcluded}` }
  const shown = (['volume', 'image', 'other'] as const).flatMap((cause) => stuckPods(node, now, cause)).map(otherWait)
  const stuck = stuckPods(node, now, 'cni')
  const [first] = stuck
  if (first !== undefined)
    return { ...stuckOn(node, first, stuck.length, seen, now), shown: [...stuck.slice(0, SHOWN).map(wayOf), ...shown] }
  return { ...unstuck(node, input), shown }
}

/** Without events a wait for a volume looks like one for an address. */
function stuckOn(node: NodeFacts, first: WaitingPod, stuck: number, seen: GateInput<unknown>['seen'], now: number): NodeSays {
  const gap = gapIn(seen, ['kubernetes:events'])
  const waits = `has ${count(stuck, 'pod')} without an address: ${first.namespace}/${first.name} for ${formatDuration(now - first.boundAt)}`
  if (gap !== undefined) return say(node, 'unknown', `${waits}; why cannot be told, since events cannot be read (${gap.reason})`)
  const told = allocationWords(first.allocation) ?? (first.message && shortened(first.message))
  return say(node, 'fail', `${waits}${told === undefined ? '' : `, ${told}`}`)
}

/** Stuck pods of a node whose way is told. */
const SHOWN = 5

function wayOf(pod: WaitingPod): Evidence {
  return { subject: `Pod/${pod.namespace}/${pod.name}`, says: allocationWords(pod.allocation) ?? otherWait(pod).says }
}

function unstuck(node: NodeFacts, { now, probing }: GateInput<unknown>): NodeSays {
  const [unclear] = stuckPods(node, now, 'unknown')
  if (unclear !== undefined)
    return say(
      node,
      'unknown',
      `has pod ${unclear.namespace}/${unclear.name} without an address since ${clockTime(unclear.boundAt)}, and nothing says why`,
    )
  if (node.addressedPods > 0) return say(node, 'pass', `gave addresses to ${count(node.addressedPods, 'pod')}`)
  const young = node.waitingPods.filter((pod) => now - pod.boundAt < STUCK_AFTER)
  const [first] = young
  if (first === undefined) {
    // A probe has gone when it has told; on a node that nothing else came to it is what an address was given to.
    if (probing.probes.some(({ spec, report }) => spec.node === node.name && gaveAddress(report)))
      return say(node, 'pass', 'gave an address to a probe pod')
    return { leftOut: 'no pod that needs an address was scheduled here' }
  }
  return say(
    node,
    'pending',
    `waits for the address of ${first.namespace}/${first.name}${onItsWay(first)}, until ${exactTime(first.boundAt + STUCK_AFTER)}`,
  )
}

function gaveAddress(report: ProbeReport | undefined): boolean {
  return resultsIn(report).some(({ id, outcome }) => id === 'address' && outcome === 'works')
}

function onItsWay(pod: WaitingPod): string {
  const words = allocationWords(pod.allocation)
  return words === undefined ? '' : ` (${words})`
}

function otherWait(pod: WaitingPod): Evidence {
  const why = pod.message === undefined ? '' : `: ${shortened(pod.message)}`
  return { subject: `Pod/${pod.namespace}/${pod.name}`, says: `waits since ${clockTime(pod.boundAt)} (${pod.cause})${why}` }
}

function say(node: NodeFacts, verdict: Verdict, says: string): NodeSays {
  return { verdict, says, sentence: `${node.name} ${says}` }
}
