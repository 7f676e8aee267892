import type { Instant } from '../../../model/instant.ts'
import { MINUTE, SECOND } from '../../../model/instant.ts'
import type { AgentFacts, ContainerFacts, NodeFacts } from '../../../model/seen.ts'
import type { GateInput } from '../definition.ts'
import type { Control } from './item.ts'

/** Without a restart for so long, the containers of such a pod count as stable. */
export const STABLE = 180 * SECOND
/** From binding the pod to being ready: covers two restarts by the liveness probe, which heal by themselves. */
export const START_BUDGET = 6 * MINUTE
/** The restart that fails. */
export const RESTARTS = 3

/** Whether every container runs and is ready and the init containers are done: seen per container, never by the DaemonSet's status. */
export function isServing(pod: AgentFacts): boolean {
  return pod.initDone && pod.containers.length > 0 && pod.containers.every((container) => container.running && container.ready)
}

/** Since when it has been serving without a break: the last start of a container or change of the pod's Ready condition. */
export function servingSince(pod: AgentFacts): Instant | undefined {
  const starts = pod.containers.map((container) => container.startedAt)
  if (starts.some((start) => start === undefined)) return undefined
  return Math.max(...starts.map((start) => start ?? 0), pod.readyChangedAt ?? 0)
}

/** Since when it is not serving: bound, or when the pod's Ready condition last changed. */
export function notServingSince(pod: AgentFacts): Instant {
  return Math.max(pod.boundAt, pod.readyChangedAt ?? 0)
}

/** The container that restarted most. */
export function mostRestarted(pod: AgentFacts): ContainerFacts | undefined {
  return [...pod.containers].sort((a, b) => b.restarts - a.restarts)[0]
}

/** `exit code 2` of `Error (exit 2)`. */
export function exitCode(container: ContainerFacts | undefined): string | undefined {
  const code = /\(exit (\d+)\)/.exec(container?.lastExit ?? '')?.[1]
  return code === undefined ? undefined : `exit code ${code}`
}

/** How such a pod fares on an untouched node. `before`: its restarts when the batch began, where it is the same pod. */
export function agentControl(pod: AgentFacts | undefined, before: number, now: Instant): Control['state'] {
  if (pod === undefined || pod.deleting || pod.containers.length === 0) return 'unreadable'
  const sum = pod.containers.reduce((total, container) => total + container.restarts, 0)
  // Restarts of before the batch are nobody's fault here.
  if (Math.max(0, sum - before) >= RESTARTS) return 'fails'
  if (isServing(pod)) return 'fine'
  return now - notServingSince(pod) >= START_BUDGET ? 'fails' : 'unreadable'
}

/** How aws-node fares on an untouched node. */
export function awsNodeControl(node: NodeFacts, input: GateInput<unknown>): Control['state'] | undefined {
  if (node.awsNodeExcluded !== undefined) return undefined
  const known = input.baseline.nodes[node.name]
  const samePod = known?.uid === node.uid && (known.awsNodeUid === undefined || known.awsNodeUid === node.awsNode?.uid)
  return agentControl(node.awsNode, samePod ? known.restarts : 0, input.now)
}
