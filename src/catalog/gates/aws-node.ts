import { z } from 'zod'
import { formatDuration, type Instant } from '../../model/instant.ts'
import type { AwsNodeFacts, NodeFacts } from '../../model/seen.ts'
import type { Verdict } from '../../model/verdict.ts'
import type { GateDefinition, GateInput } from './definition.ts'
import {
  awsNodeControl,
  exitCode,
  isServing,
  mostRestarted,
  notServingSince,
  RESTARTS,
  STABLE,
  START_BUDGET,
  servingSince,
} from './judging/aws-node-state.ts'
import type { NodeSays } from './judging/item.ts'
import { judgeNodes, type NodeRule } from './judging/nodes.ts'
import { clockTime, exactTime, names } from './judging/words.ts'

const RULE: NodeRule = {
  needs: ['kubernetes:nodes', 'kubernetes:pods'],
  judge: judgeNode,
  control: awsNodeControl,
  failedBefore: (node) => !node.awsNodeReady,
  passed: (nodes) => `aws-node runs and is ready on ${nodes} for ${formatDuration(STABLE)} without a restart`,
}

export const awsNode: GateDefinition = {
  kind: 'aws-node',
  summary: 'aws-node runs stably on every node that was changed, seen container by container.',
  rule: {
    pass: 'On each subject node every container of aws-node has been running and ready for 180 s without a restart, and the init containers are done.',
    fail: 'A container restarted for the third time, or aws-node is not ready 6 min after its pod was bound, while it is healthy on untouched nodes. One or two restarts at boot heal by themselves.',
    unknown: 'The pod or its status cannot be read, no node was changed, or untouched nodes fail too.',
  },
  options: z.strictObject({}),
  appliesTo: ['addon', 'nodes'],
  cause: 'addon-or-networking',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/issues/3224',
  judge: (input) => judgeNodes(input, RULE),
}

function judgeNode(node: NodeFacts, { now, settledAt }: GateInput<unknown>): NodeSays {
  if (node.awsNodeExcluded !== undefined) return { leftOut: `runs no aws-node: the node ${node.awsNodeExcluded}` }
  const pod = node.awsNode
  if (pod === undefined) return missingPod(node, now, settledAt)
  const most = mostRestarted(pod)
  if (most === undefined) return say(node, 'unknown', 'shows no containers in its pod status')
  if (most.restarts >= RESTARTS) return say(node, 'fail', restarted(pod))
  if (pod.deleting) return say(node, 'pending', 'is being replaced')
  return isServing(pod) ? serving(node, pod, now) : starting(node, pod, now)
}

/** While aws-node rolls, nodes are without a pod for a moment; a node that stays without one cannot be judged. */
function missingPod(node: NodeFacts, now: Instant, settledAt: Instant | undefined): NodeSays {
  const since = Math.max(node.createdAt, settledAt ?? now)
  const verdict = now - since < START_BUDGET ? 'pending' : 'unknown'
  return say(node, verdict, 'has no pod yet')
}

function serving(node: NodeFacts, pod: AwsNodeFacts, now: number): NodeSays {
  const since = servingSince(pod)
  if (since === undefined) return say(node, 'unknown', 'runs, but its status does not say since when')
  if (now - since >= STABLE) return say(node, 'pass', `runs and is ready since ${clockTime(since)}`)
  return say(node, 'pending', `is ready and has to stay so for ${formatDuration(STABLE)}, until ${exactTime(since + STABLE)}`)
}

function starting(node: NodeFacts, pod: AwsNodeFacts, now: number): NodeSays {
  const since = notServingSince(pod)
  const state = standing(pod)
  if (now - since >= START_BUDGET) return say(node, 'fail', `is not ready after ${formatDuration(now - since)}: ${state}`)
  return say(node, 'pending', `is not ready yet (${state}); it has until ${exactTime(since + START_BUDGET)}`)
}

function restarted(pod: AwsNodeFacts): string {
  const most = mostRestarted(pod)
  const exit = exitCode(most)
  const which = most === undefined || most.name === 'aws-node' ? '' : ` (container ${most.name})`
  return `has restarted ${most?.restarts} times since ${clockTime(pod.boundAt)}${which}${exit === undefined ? '' : `, last ${exit}`}`
}

/** `init containers are not done`, `aws-node waits in CrashLoopBackOff after Error (exit 2)` */
function standing(pod: AwsNodeFacts): string {
  if (!pod.initDone) return 'its init containers are not done'
  const bad = pod.containers.filter((container) => !container.running || !container.ready)
  const [first] = bad
  const wait = first?.waitingReason === undefined ? 'is not ready' : `waits in ${first.waitingReason}`
  const exit = first?.lastExit === undefined ? '' : ` after ${first.lastExit}`
  return `${names(bad.map((container) => container.name))} ${bad.length === 1 ? `${wait}${exit}` : 'are not ready'}`
}

function say(node: NodeFacts, verdict: Verdict, says: string): NodeSays {
  return { verdict, says: `aws-node ${says}`, sentence: `aws-node on ${node.name} ${says}` }
}
