import type { Millis } from '../../../model/instant.ts'
import { SECOND } from '../../../model/instant.ts'
import type { ContainerTrouble } from '../../levers.ts'
import type { PodObject } from './objects.ts'
import type { ContainerDetail, Probe } from './pod-spec.ts'
import type { Traffic } from './pod-traffic.ts'

/**
 * What the kubelet's probes make of a container that nobody can reach. A container without probes over the network
 * stays Ready, whatever its network. Texts: k8s.io/kubernetes/pkg/probe.
 */
export function probeTrouble(traffic: Traffic, pod: PodObject, container: ContainerDetail): ContainerTrouble['fault'] | undefined {
  const readiness = timedOut(container.readinessProbe, pod)
  const liveness = timedOut(container.livenessProbe, pod)
  if ((readiness === undefined && liveness === undefined) || !traffic.isCut(pod, 'kubelet')) return undefined
  return {
    kind: 'unready',
    ...(readiness === undefined ? {} : { message: readiness }),
    ...(liveness === undefined ? {} : { liveness: { message: liveness, after: patience(container.livenessProbe) } }),
  }
}

function timedOut(probe: Probe | undefined, pod: PodObject): string | undefined {
  const address = pod.status?.podIP ?? ''
  if (probe?.httpGet) {
    const { scheme = 'HTTP', port, path = '/' } = probe.httpGet
    const url = `${scheme.toLowerCase()}://${address}:${port}${path}`
    return `Get "${url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`
  }
  if (probe?.tcpSocket) return `dial tcp ${address}:${probe.tcpSocket.port}: i/o timeout`
  return probe?.grpc
    ? `timeout: failed to connect service "${address}:${probe.grpc.port}" within ${probe.timeoutSeconds ?? 1}s: context deadline exceeded`
    : undefined
}

/** How long after its first check a liveness probe has failed often enough. */
function patience({ initialDelaySeconds = 0, periodSeconds = 10, failureThreshold = 3 }: Probe = {}): Millis {
  return (initialDelaySeconds + periodSeconds * failureThreshold) * SECOND
}
