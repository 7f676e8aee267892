import type { Condition } from '../../../model/kubernetes.ts'
import { conditionOf } from '../../../model/kubernetes.ts'
import type { StoreEvent } from '../../contract.ts'
import type { Ground } from './ground.ts'
import type { IpamdObserver } from './ipamd-observer.ts'
import { kubeTime } from './kube-time.ts'
import type { NodeObject, PodObject } from './objects.ts'
import { isReady } from './objects.ts'
import { dated } from './pod-status.ts'

/**
 * The node monitoring agent, where that add-on is installed: it reads ipamd.log on each node and tells of it in node conditions.
 * Sources: https://docs.aws.amazon.com/eks/latest/userguide/learn-status-conditions.html,
 * https://docs.aws.amazon.com/eks/latest/userguide/node-health-nma.html, https://github.com/aws/eks-node-monitoring-agent/issues/215
 */
export interface NodeMonitor extends IpamdObserver {
  handle(event: StoreEvent): void
}

const AGENT = 'eks-node-monitoring-agent'

/** Conditions of a node on which nothing was found. */
const WELL: readonly Condition[] = ['ContainerRuntime', 'Kernel', 'Networking', 'Storage'].map((system) => ({
  type: `${system}Ready`,
  status: 'True',
  reason: `${system}IsReady`,
  message: `Monitoring for the ${system} system is active`,
}))

/** Lines of ipamd.log and what is made of them. */
const FINDINGS: readonly { readonly line: string; readonly reason: string; readonly message: string }[] = [
  {
    line: 'Unable to reach API Server',
    reason: 'IPAMDNotReady',
    message: 'IPAM-D has failed to connect to API Server which could be an issue with IPTable rules or any other network configuration.',
  },
  { line: 'Initialization failure', reason: 'IPAMDNotRunning', message: 'The aws-k8s-agent process was not found to be running.' },
]

export function createNodeMonitor({ store, timeline }: Ground): NodeMonitor {
  const isWatched = (node: string) => (store.podsOnNode(node) as readonly PodObject[]).some((pod) => isAgent(pod) && isReady(pod))

  function set(node: string, conditions: readonly Condition[]): void {
    if (store.get('Node', undefined, node) === undefined) return
    store.update('Node', undefined, node, (current) => withConditions(current as NodeObject, conditions, timeline.now()))
  }

  function networking(node: string): Condition | undefined {
    return conditionOf((store.get('Node', undefined, node) as NodeObject | undefined)?.status?.conditions, 'NetworkingReady')
  }

  return {
    handle({ type, object }) {
      const pod = object as PodObject
      const node = pod.spec?.nodeName
      if (object.kind !== 'Pod' || type === 'DELETED' || node === undefined || !isAgent(pod) || !isReady(pod)) return
      if (networking(node) === undefined) set(node, WELL)
    },
    read(node, line) {
      const found = FINDINGS.find((finding) => line.includes(finding.line))
      if (found === undefined || !isWatched(node)) return
      set(node, [{ type: 'NetworkingReady', status: 'False', reason: found.reason, message: found.message }])
    },
    serves(node) {
      // What was read in the log stays, even when ipamd came to reach the API server after all.
      if (networking(node)?.reason === 'IPAMDNotRunning')
        set(
          node,
          WELL.filter(({ type }) => type === 'NetworkingReady'),
        )
    },
  }
}

function isAgent({ metadata }: PodObject): boolean {
  return metadata.labels?.['app.kubernetes.io/name'] === AGENT
}

function withConditions(node: NodeObject, conditions: readonly Condition[], at: number): NodeObject {
  const before = node.status?.conditions ?? []
  const others = before.filter(({ type }) => !conditions.some((condition) => condition.type === type))
  const heard = conditions.map((condition) => dated({ ...condition, ...{ lastHeartbeatTime: kubeTime(at) } }, before, at))
  return { ...node, status: { ...node.status, conditions: [...others, ...heard] } }
}
