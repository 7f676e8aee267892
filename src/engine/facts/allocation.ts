import { lastSeen, textOf } from '../../model/events.ts'
import type { KubernetesEvent, Pod } from '../../model/kubernetes.ts'
import type { Allocation } from '../../model/seen.ts'

/** The extended resource and the annotation of pods with an interface of their own. */
const POD_ENI = 'vpc.amazonaws.com/pod-eni'

/**
 * How far a pod without an address has come. The resource controller makes a branch interface and annotates the pod with it, then the
 * CNI gives it to the pod (https://github.com/aws/amazon-vpc-resource-controller-k8s/blob/master/pkg/provider/branch/provider.go); any
 * other pod gets an address from the pool of its node.
 * @param events those about this pod
 */
export function allocationOf(pod: Pod, events: readonly KubernetesEvent[]): Allocation {
  const newestFirst = events.toSorted((a, b) => lastSeen(b) - lastSeen(a))
  const sandbox = newestFirst.find(({ reason }) => reason === 'FailedCreatePodSandBox')
  const refused = sandbox && { stoppedBy: textOf(sandbox) }
  if (!wantsOwn(pod)) return { own: false, reached: sandbox === undefined ? 'bound' : 'requested', ...refused }
  if (pod.metadata.annotations?.[POD_ENI] !== undefined) return { own: true, reached: 'annotated', ...refused }
  const told = newestFirst.find(({ reason = '' }) => reason in REACHED)
  if (told !== undefined) {
    const stopped = told.type === 'Warning' && { stoppedBy: `${told.reason}: ${textOf(told)}` }
    return { own: true, reached: REACHED[told.reason ?? ''] ?? 'bound', ...stopped }
  }
  const untold = sandbox !== undefined && { stoppedBy: 'no event of the resource controller tells that it took the pod up' }
  return { own: true, reached: 'bound', ...untold }
}

/** What the newest event of the controller proves. */
const REACHED: Readonly<Record<string, Allocation['reached']>> = {
  SecurityGroupRequested: 'requested',
  BranchAllocationFailed: 'requested',
  BranchENIAnnotationFailed: 'branch created',
  ResourceAllocated: 'annotated',
}

function wantsOwn({ spec }: Pod): boolean {
  return spec?.containers?.some(({ resources }) => resources?.limits?.[POD_ENI] !== undefined) === true
}
