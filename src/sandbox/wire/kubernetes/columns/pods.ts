import type { Instant } from '../../../../model/instant.ts'
import { instantOf } from '../../../../model/instant.ts'
import type { StoredObject } from '../../../contract.ts'
import type { Column } from './column.ts'
import { AGE, ageSince, at, column, listAt, NAME, textAt, wide } from './column.ts'

export const POD_COLUMNS: readonly Column[] = [
  NAME,
  column('Ready', (pod) => `${statuses(pod).filter((status) => status.ready === true).length}/${listAt(pod, 'spec.containers').length}`),
  column('Status', podStatus),
  column('Restarts', restarts),
  AGE,
  wide('IP', (pod) => textAt(pod, 'status.podIP')),
  wide('Node', (pod) => textAt(pod, 'spec.nodeName')),
  wide('Nominated Node', (pod) => textAt(pod, 'status.nominatedNodeName')),
  wide('Readiness Gates', (pod) =>
    listAt(pod, 'spec.readinessGates').length === 0 ? '<none>' : `0/${listAt(pod, 'spec.readinessGates').length}`,
  ),
]

function statuses(pod: StoredObject): readonly Record<string, unknown>[] {
  return listAt(pod, 'status.containerStatuses')
}

/** The word kubectl shows: that of the init container that is not done, else of a waiting or ended container, else the phase. */
function podStatus(pod: StoredObject): string {
  if (pod.metadata.deletionTimestamp !== undefined) return at(pod, 'status.reason') === 'NodeLost' ? 'Unknown' : 'Terminating'
  return initStatus(pod) ?? containerStatus(pod) ?? textAt(pod, 'status.reason', textAt(pod, 'status.phase', 'Unknown'))
}

function initStatus(pod: StoredObject): string | undefined {
  const all = listAt(pod, 'status.initContainerStatuses')
  const done = all.filter((status) => at(status, 'state.terminated.exitCode') === 0 || (status.started === true && status.ready === true))
  const pending = all.find((status) => !done.includes(status))
  if (pending === undefined) return undefined
  const reason = stateReason(pending)
  return reason === undefined || reason === 'PodInitializing'
    ? `Init:${done.length}/${listAt(pod, 'spec.initContainers').length}`
    : `Init:${reason}`
}

function containerStatus(pod: StoredObject): string | undefined {
  return statuses(pod)
    .map(stateReason)
    .findLast((reason) => reason !== undefined)
}

function stateReason(status: Record<string, unknown>): string | undefined {
  const reason = at(status, 'state.waiting.reason') ?? at(status, 'state.terminated.reason')
  if (typeof reason === 'string' && reason !== '') return reason
  const code = at(status, 'state.terminated.exitCode')
  return code === undefined ? undefined : `ExitCode:${code}`
}

/** `3 (2m ago)` as of the last restart. */
function restarts(pod: StoredObject, now: Instant): string {
  const total = statuses(pod).reduce((sum, status) => sum + Number(status.restartCount ?? 0), 0)
  const last = statuses(pod)
    .map((status) => at(status, 'lastState.terminated.finishedAt'))
    .filter((time): time is string => typeof time === 'string')
    .sort((a, b) => (instantOf(b) ?? 0) - (instantOf(a) ?? 0))[0]
  return total === 0 || last === undefined ? String(total) : `${total} (${ageSince(last, now)} ago)`
}
