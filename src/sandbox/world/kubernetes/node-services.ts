import { nodePlace } from '../node-place.ts'
import type { Ground } from './ground.ts'
import type { NodeRun } from './nodes.ts'
import type { PodObject } from './objects.ts'
import { isReady, isTerminating } from './objects.ts'

/** What other programs of a node do for those that start on it. */

/**
 * Whether cluster addresses, that of the API server among them, lead anywhere from this node: kube-proxy programs them when it starts, and what it
 * programmed stays in the kernel when it dies.
 */
export function reachesServices({ faults, timeline, cniVersion }: Ground, run: NodeRun): boolean {
  if (run.kubeProxySince === undefined) return false
  const delays = faults.effects('node/services', nodePlace(run.machine, cniVersion(), run.launchedLater))
  const latest = Math.max(0, ...delays.map(({ programmedAfter }) => programmedAfter))
  return timeline.now() >= run.kubeProxySince + latest
}

/** Whether there is a way from the node to the APIs of AWS. */
export function reachesAws({ faults, cniVersion }: Ground, run: NodeRun): boolean {
  return !faults.effects('node/host', nodePlace(run.machine, cniVersion(), run.launchedLater)).includes('aws-unreachable')
}

/** Whether the kubelet of a node says that pods are Ready which it has not begun. */
export function misreports({ faults, cniVersion }: Ground, run: NodeRun | undefined): boolean {
  return run !== undefined && faults.effects('node/reports', nodePlace(run.machine, cniVersion(), run.launchedLater)).length > 0
}

/** Whether eks-pod-identity-agent answers on the node: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-agent-setup.html */
export function handsOutCredentials({ store }: Ground, { machine }: NodeRun): boolean {
  const pods = store.podsOnNode(machine.nodeName) as readonly PodObject[]
  return pods.some(
    (pod) => pod.metadata.labels?.['app.kubernetes.io/name'] === 'eks-pod-identity-agent' && isReady(pod) && !isTerminating(pod),
  )
}

export function isKubeProxy(pod: PodObject): boolean {
  return pod.metadata.namespace === 'kube-system' && pod.metadata.labels?.['k8s-app'] === 'kube-proxy'
}
