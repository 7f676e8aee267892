import type { PodFact } from '../catalog/signatures/facts.ts'
import type { Allocation } from '../model/diagnosis.ts'

/**
 * How far pods with security groups of their own came on the way to an interface, in the order of their names. The resource
 * controller tells each of its steps by an event and the last by an annotation; the address is the kubelet's to tell.
 * Source: pkg/provider/branch/provider.go of https://github.com/aws/amazon-vpc-resource-controller-k8s
 */
export function allocationsOf(pods: readonly PodFact[]): readonly Allocation[] {
  const living = pods.filter(
    ({ pod: { metadata, status } }) => metadata.deletionTimestamp === undefined && /^(Pending|Running)$/.test(status?.phase ?? ''),
  )
  return living.map(allocationOf).sort((a, b) => (a.pod < b.pod ? -1 : 1))
}

function allocationOf({ key, pod, node, annotated, events, says }: PodFact): Allocation {
  if (pod.status?.podIP !== undefined) return { pod: key, state: 'assigned' }
  const said = (reason: string) => events.find((event) => event.reason === reason)?.text
  if (annotated) return { pod: key, state: 'annotated', stopped: says || 'the CNI plugin has not set it up yet' }
  const unannotated = said('BranchENIAnnotationFailed')
  if (unannotated !== undefined) return { pod: key, state: 'branch created', stopped: unannotated }
  if (node === undefined) return { pod: key, state: 'requested', stopped: says || 'it is bound to no node yet' }
  const refused = said('BranchAllocationFailed')
  return {
    pod: key,
    state: 'requested',
    stopped: refused ?? 'the VPC resource controller has made no interface for it, and says nothing of why',
  }
}
