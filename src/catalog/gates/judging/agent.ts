import { formatDuration, type Instant } from '../../../model/instant.ts'
import type { AgentFacts, NodeFacts } from '../../../model/seen.ts'
import type { Verdict } from '../../../model/verdict.ts'
import type { GateInput } from '../definition.ts'
import { exitCode, isServing, mostRestarted, notServingSince, RESTARTS, STABLE, START_BUDGET, servingSince } from './agent-state.ts'
import type { NodeSays } from './item.ts'
import { clockTime, exactTime, names } from './words.ts'

/** Whether a pod that every node needs runs stably on one, container by container. `name` is that of the pod's DaemonSet. */
export function judgeAgent(name: string, node: NodeFacts, pod: AgentFacts | undefined, { now, settledAt }: GateInput<unknown>): NodeSays {
  const say = (verdict: Verdict, says: string): NodeSays => ({
    verdict,
    says: `${name} ${says}`,
    sentence: `${name} on ${node.name} ${says}`,
  })
  if (node.awsNodeExcluded !== undefined) return { leftOut: `runs no ${name}: the node ${node.awsNodeExcluded}` }
  if (pod === undefined) return say(missingVerdict(node, now, settledAt), 'has no pod yet')
  const most = mostRestarted(pod)
  if (most === undefined) return say('unknown', 'shows no containers in its pod status')
  if (most.restarts >= RESTARTS) return say('fail', restarted(name, pod))
  if (pod.deleting) return say('pending', 'is being replaced')
  return say(...(isServing(pod) ? serving(pod, now) : starting(pod, now)))
}

/** While the DaemonSet rolls, nodes are without a pod for a moment; a node that stays without one cannot be judged. */
function missingVerdict(node: NodeFacts, now: Instant, settledAt: Instant | undefined): Verdict {
  const since = Math.max(node.createdAt, settledAt ?? now)
  return now - since < START_BUDGET ? 'pending' : 'unknown'
}

function serving(pod: AgentFacts, now: number): [Verdict, string] {
  const since = servingSince(pod)
  if (since === undefined) return ['unknown', 'runs, but its status does not say since when']
  if (now - since >= STABLE) return ['pass', `runs and is ready since ${clockTime(since)}`]
  return ['pending', `is ready and has to stay so for ${formatDuration(STABLE)}, until ${exactTime(since + STABLE)}`]
}

function starting(pod: AgentFacts, now: number): [Verdict, string] {
  const since = notServingSince(pod)
  const state = standing(pod)
  if (now - since >= START_BUDGET) return ['fail', `is not ready after ${formatDuration(now - since)}: ${state}`]
  return ['pending', `is not ready yet (${state}); it has until ${exactTime(since + START_BUDGET)}`]
}

function restarted(name: string, pod: AgentFacts): string {
  const most = mostRestarted(pod)
  const exit = exitCode(most)
  const which = most === undefined || most.name === name ? '' : ` (container ${most.name})`
  return `has restarted ${most?.restarts} times since ${clockTime(pod.boundAt)}${which}${exit === undefined ? '' : `, last ${exit}`}`
}

/** `init containers are not done`, `aws-node waits in CrashLoopBackOff after Error (exit 2)` */
function standing(pod: AgentFacts): string {
  if (!pod.initDone) return 'its init containers are not done'
  const bad = pod.containers.filter((container) => !container.running || !container.ready)
  const [first] = bad
  const wait = first?.waitingReason === undefined ? 'is not ready' : `waits in ${first.waitingReason}`
  const exit = first?.lastExit === undefined ? '' : ` after ${first.lastExit}`
  return `${names(bad.map((container) => container.name))} ${bad.length === 1 ? `${wait}${exit}` : 'are not ready'}`
}
