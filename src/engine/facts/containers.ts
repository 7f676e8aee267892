import { instantOf } from '../../model/instant.ts'
import type { ContainerState, ContainerStatus, Pod } from '../../model/kubernetes.ts'
import type { ContainerFacts } from '../../model/seen.ts'

/** Facts of each container that the pod's spec names; one without a status is neither running nor ready. */
export function containersOf(pod: Pod): readonly ContainerFacts[] {
  const statuses = pod.status?.containerStatuses ?? []
  const names = pod.spec?.containers?.map((container) => container.name) ?? statuses.map((status) => status.name)
  return names.map((name) => containerFacts(statuses.find((status) => status.name === name) ?? { name }))
}

function containerFacts(status: ContainerStatus): ContainerFacts {
  const running = status.state?.running
  return {
    name: status.name,
    ready: status.ready === true,
    running: running !== undefined,
    startedAt: instantOf(running?.startedAt ?? status.state?.terminated?.startedAt ?? status.lastState?.terminated?.startedAt),
    restarts: status.restartCount ?? 0,
    waitingReason: status.state?.waiting?.reason,
    lastExit: exitText(status.state) ?? exitText(status.lastState),
  }
}

/** `Error (exit 2)` */
function exitText(state: ContainerState | undefined): string | undefined {
  const end = state?.terminated
  return end === undefined ? undefined : `${end.reason ?? 'Ended'} (exit ${end.exitCode ?? '?'})`
}

/** Whether every init container has ended well. Not read from DaemonSet or pod conditions: both can be True before that. */
export function initDone(pod: Pod): boolean {
  const statuses = pod.status?.initContainerStatuses ?? []
  const names = pod.spec?.initContainers?.map((container) => container.name) ?? statuses.map((status) => status.name)
  return names.every((name) => hasEndedWell(statuses.find((status) => status.name === name)))
}

/** A sidecar (an init container that goes on running) counts as done once it is started. */
function hasEndedWell(status: ContainerStatus | undefined): boolean {
  if (status?.state?.terminated !== undefined) return status.state.terminated.exitCode === 0
  return status?.state?.running !== undefined && status.started === true && status.ready === true
}
