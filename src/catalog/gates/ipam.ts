import { z } from 'zod'
import { formatDuration, type Instant, SECOND } from '../../model/instant.ts'
import type { AwsNodeFacts, NodeFacts } from '../../model/seen.ts'
import type { Verdict } from '../../model/verdict.ts'
import { GATE_ACCESS } from '../knowledge/run-permissions.ts'
import type { GateDefinition, GateInput } from './definition.ts'
import { awsNodeControl, isServing, START_BUDGET } from './judging/agent-state.ts'
import { type LogSays, readIpamLog } from './judging/ipam-log.ts'
import type { Control, NodeSays } from './judging/item.ts'
import { judgeNodes, type NodeRule } from './judging/nodes.ts'
import { addressControl } from './judging/stuck.ts'
import { clockTime, exactTime } from './judging/words.ts'

/** How long the check for ipamd may be the last thing the log says. */
const HANG = 180 * SECOND

const RULE: NodeRule = {
  needs: ['kubernetes:nodes', 'kubernetes:pods'],
  judge: judgeNode,
  control,
  failedBefore: (node) => !node.awsNodeReady || node.waiting > 0,
  passed: (nodes) => `ipamd answered on ${nodes}: the CNI configuration was written, or a pod got an address`,
}

export const ipam: GateDefinition = {
  kind: 'ipam',
  summary: 'ipamd, the address daemon inside aws-node, answers on every node that was changed.',
  rule: {
    pass: 'Since the container started, its log says "Copying config file" or "Successfully copied CNI plugin binary", or a pod on the pod network of the node got an address.',
    fail: '"Checking for IPAM connectivity" has been the last line of the log for 180 s and no pod got an address, while untouched nodes are healthy.',
    unknown: 'The log cannot be read, or says neither, and no pod got an address; or untouched nodes fail too.',
  },
  options: z.strictObject({}),
  appliesTo: ['addon', 'nodes'],
  cause: 'addon-or-networking',
  provesNode: true,
  access: () => GATE_ACCESS.logs,
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/issues/3224',
  judge: (input) => judgeNodes(input, RULE),
}

function judgeNode(node: NodeFacts, { now }: GateInput<unknown>): NodeSays {
  if (node.awsNodeExcluded !== undefined) return { leftOut: `runs no aws-node: the node ${node.awsNodeExcluded}` }
  const pod = node.awsNode
  if (pod === undefined) return early(node, now - node.createdAt, 'has no aws-node pod yet, so ipamd cannot be judged')
  const started = pod.containers.find((container) => container.name === 'aws-node')?.startedAt
  if (started === undefined) return early(node, now - pod.boundAt, 'has not started the aws-node container yet')
  if (node.lastAddressAt !== undefined && node.lastAddressAt >= started)
    return say(node, 'pass', `gave a pod an address at ${clockTime(node.lastAddressAt)}, after aws-node started`)
  return byLog(node, pod, started, now)
}

function byLog(node: NodeFacts, pod: AwsNodeFacts, started: Instant, now: Instant): NodeSays {
  const { log } = pod
  const wait = now - pod.boundAt
  if (log === undefined) return early(node, wait, 'gave no pod an address, and the log of aws-node was not read')
  if ('unreadable' in log) return say(node, 'unknown', `gave no pod an address, and the log of aws-node cannot be read: ${log.unreadable}`)
  if (log.readAt < started) return early(node, wait, 'started aws-node again after its log was read')
  const says = readIpamLog(log.text, started)
  if (says.kind === 'connected') return say(node, 'pass', 'wrote the CNI configuration, so ipamd answered')
  if (says.kind === 'checking') return checking(node, hangingSince(pod, says, started), now)
  return early(node, wait, 'gave no pod an address, and the log of aws-node does not say that ipamd answered')
}

function checking(node: NodeFacts, since: Instant, now: Instant): NodeSays {
  const line = '"Checking for IPAM connectivity" is the last line of its log'
  if (now - since >= HANG) return say(node, 'fail', `hangs at the IPAM check since ${clockTime(since)}: ${line} and no pod got an address`)
  return {
    ...say(node, 'pending', `checks for IPAM connectivity; it has until ${exactTime(since + HANG)}`),
    suspect: now - since >= HANG / 3,
  }
}

/**
 * The liveness probe ends a hanging container after 80 to 100 s, and the next one hangs at the same line. So a container that was
 * restarted while the pod never became ready hangs since the pod is not ready, not since its own start.
 */
function hangingSince(pod: AwsNodeFacts, says: Extract<LogSays, { kind: 'checking' }>, started: Instant): Instant {
  const own = says.at ?? started
  const restarted = pod.containers.some((container) => container.name === 'aws-node' && container.restarts > 0)
  return restarted && !isServing(pod) ? Math.min(own, Math.max(pod.boundAt, pod.readyChangedAt ?? 0)) : own
}

/** Not proven: in the first minutes that is normal, later it is missing evidence. */
function early(node: NodeFacts, waited: number, says: string): NodeSays {
  return waited < START_BUDGET ? say(node, 'pending', says) : say(node, 'unknown', `${says} (for ${formatDuration(waited)})`)
}

/** Logs are read of changed nodes only: an untouched one shows by its aws-node and its pods that addresses are to be had. */
function control(node: NodeFacts, input: GateInput<unknown>): Control['state'] | undefined {
  const states = [awsNodeControl(node, input), addressControl(node, input)]
  if (states.includes('fails')) return 'fails'
  return states[0]
}

function say(node: NodeFacts, verdict: Verdict, says: string): Extract<NodeSays, { verdict: Verdict }> {
  return { verdict, says, sentence: `${node.name} ${says}` }
}
