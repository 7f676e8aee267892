import { instantOf } from '../../model/instant.ts'
import { conditionOf, type Pod } from '../../model/kubernetes.ts'
import { PROBE_CONTAINER, PROBE_LABELS, type ProbeFacts } from '../../model/probe.ts'
import { boundAt } from './pods.ts'

/** Where the resource controller writes the interface of a pod: amazon-vpc-resource-controller-k8s, pkg/config/type.go. */
const BRANCH_ANNOTATION = 'vpc.amazonaws.com/pod-eni'

export function isProbe(pod: Pod): boolean {
  return pod.metadata.labels?.[PROBE_LABELS.role] !== undefined
}

/** A probe's pod as it stands: by its own container, since a mesh may have put others beside it that never end. */
export function probeFacts(pod: Pod): ProbeFacts {
  const { metadata, spec, status } = pod
  const scheduled = conditionOf(status?.conditions, 'PodScheduled')
  const state = status?.containerStatuses?.find(({ name }) => name === PROBE_CONTAINER)?.state
  return {
    name: metadata.labels?.['batch.kubernetes.io/job-name'] ?? metadata.labels?.['job-name'] ?? '',
    run: metadata.labels?.[PROBE_LABELS.run] ?? '',
    pod: metadata.name,
    deleting: metadata.deletionTimestamp !== undefined,
    ...(spec?.nodeName === undefined
      ? {
          unscheduled: {
            since: instantOf(metadata.creationTimestamp) ?? 0,
            message: scheduled?.message ?? 'the scheduler has not looked yet',
          },
        }
      : { boundAt: boundAt(pod) }),
    ...(status?.podIP && { address: status.podIP }),
    hasBranch: metadata.annotations?.[BRANCH_ANNOTATION] !== undefined,
    running: state?.running !== undefined,
    ...endOf(pod, state),
  }
}

type State = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number]['state']

/** The kubelet may end a pod as a whole (its deadline, an eviction) before its container could tell anything. */
function endOf({ status }: Pod, state: State): Pick<ProbeFacts, 'ended'> {
  const { terminated } = state ?? {}
  if (terminated !== undefined) {
    const { exitCode = 0, message = '' } = terminated
    const reason = status?.reason ?? terminated.reason
    return { ended: { code: exitCode, message, ...(reason !== undefined && { reason }) } }
  }
  if (status?.phase !== 'Failed') return {}
  return { ended: { code: 1, message: status.message ?? '', reason: status.reason ?? 'Failed' } }
}
