import type { AgentFact, AgentState, ContainerFact, EventFact } from '../catalog/signatures/facts.ts'
import { type Instant, instantOf, MINUTE, SECOND } from '../model/instant.ts'
import { type ContainerStatus, conditionOf, type Pod } from '../model/kubernetes.ts'
import type { ContainerLog } from '../model/snapshot.ts'

/** What an agent may take until it serves: the image, an init container, and the first probe that succeeds. */
const TIME_TO_START = 150 * SECOND
/** A restart that lies further back tells nothing about now. */
const RECENT = 60 * MINUTE
/** Restarts that belong to the start of a pod. */
const AT_START = 10 * MINUTE

export type Logs = (pod: Pod, container: string) => string

export interface Told {
  readonly events: readonly EventFact[]
  readonly logs: Logs
  /** The log of ipamd on the pod's node, where it was read. */
  readonly nodeLog?: string
}

export function agentFact(pod: Pod, main: string | undefined, { events, logs, nodeLog = '' }: Told, now: Instant): AgentFact {
  const statuses = pod.status?.containerStatuses ?? []
  const containers = [
    ...(pod.status?.initContainerStatuses ?? []).map((status) => containerFact(status, true)),
    ...statuses.map((status) => containerFact(status, false)),
  ]
  const name = main ?? pod.spec?.containers?.[0]?.name ?? ''
  const createdAt = instantOf(pod.status?.startTime ?? pod.metadata.creationTimestamp) ?? 0
  return {
    pod,
    name: pod.metadata.name,
    createdAt,
    version: versionOf(pod, name),
    state: stateOf(containers, name, createdAt, now),
    containers,
    events,
    log: (container) => (container === main ? `${logs(pod, container)}\n${newer(nodeLog, createdAt)}` : logs(pod, container)),
  }
}

/** The file outlives pods and versions: of what was said before this pod came nothing counts for it. */
function newer(log: string, since: Instant): string {
  const lines = log.split('\n')
  const first = lines.findIndex((line) => (instantOf(/"ts":"([^"]+)"/.exec(line)?.[1]) ?? 0) >= since)
  return first < 0 ? '' : lines.slice(first).join('\n')
}

export function versionOf(pod: Pick<Pod, 'spec'>, container: string): string | undefined {
  const image = pod.spec?.containers?.find(({ name }) => name === container)?.image
  return /:([^:/@]+)(@.*)?$/.exec(image ?? '')?.[1]
}

function containerFact(status: ContainerStatus, init: boolean): ContainerFact {
  const ended = status.state?.terminated ?? status.lastState?.terminated
  const { exitCode = 0, reason = '', finishedAt } = ended ?? {}
  return {
    name: status.name,
    init,
    ready: status.ready === true || (init && ended !== undefined && exitCode === 0),
    restarts: status.restartCount ?? 0,
    startedAt: instantOf(status.state?.running?.startedAt),
    ...(ended === undefined ? {} : { lastExit: { code: exitCode, reason, at: instantOf(finishedAt) } }),
  }
}

function stateOf(containers: readonly ContainerFact[], main: string, createdAt: Instant, now: Instant): AgentState {
  const init = containers.find((each) => each.init && !each.ready)
  if (init !== undefined && init.lastExit !== undefined && init.lastExit.code !== 0) return 'init-failing'
  const container = containers.find((each) => !each.init && each.name === main)
  if (container === undefined || init !== undefined) return 'starting'
  if (container.ready) return servingState(container, createdAt, now)
  if (container.restarts === 0 && now - createdAt < TIME_TO_START) return 'starting'
  // The liveness probe ends a hang: exit 2 of the Go runtime on SIGTERM, 137 when the grace ran out or of a shell as PID 1.
  const { lastExit } = container
  const killed = lastExit === undefined || lastExit.code === 2 || lastExit.code === 137 || lastExit.code === 143
  return killed ? 'hung' : 'crashing'
}

function servingState({ restarts, lastExit }: ContainerFact, createdAt: Instant, now: Instant): AgentState {
  if (restarts === 0 || lastExit?.at === undefined) return 'serving'
  return now - lastExit.at < RECENT && lastExit.at - createdAt < AT_START ? 'recovered' : 'serving'
}

export function isReady(pod: Pod): boolean {
  return conditionOf(pod.status?.conditions, 'Ready')?.status === 'True'
}

/** Logs by pod and container: the run before, then the present one. */
export function indexLogs(logs: readonly ContainerLog[]): Logs {
  const byKey = Map.groupBy(logs, ({ namespace, pod, container }) => `${namespace}/${pod}/${container}`)
  return ({ metadata }, container) => {
    const all = byKey.get(`${metadata.namespace}/${metadata.name}/${container}`) ?? []
    const [previous, present] = [all.filter((log) => log.previous === true), all.filter((log) => log.previous !== true)]
    return [...previous, ...present].map(({ text }) => text).join('\n')
  }
}
