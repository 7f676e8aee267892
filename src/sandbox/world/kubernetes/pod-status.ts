import type { Instant } from '../../../model/instant.ts'
import type { Condition, Container, ContainerStatus } from '../../../model/kubernetes.ts'
import { kubeTime } from './kube-time.ts'
import type { PodObject, PodStatus } from './objects.ts'
import type { PodDetail } from './pod-spec.ts'

/** What changes about a pod; phase and conditions follow from it. */
export interface StatusChange {
  readonly initContainerStatuses?: readonly ContainerStatus[]
  readonly containerStatuses?: readonly ContainerStatus[]
  readonly podIP?: string
}

/** The status of a pod that no node has taken yet. */
export function unboundStatus(): PodStatus & { qosClass: string } {
  return { phase: 'Pending', qosClass: 'Burstable' }
}

/** The status of a pod its node's kubelet has seen: nothing runs yet. */
export function boundStatus(spec: PodDetail, hostIP: string, at: Instant): PodStatus {
  const hasInit = (spec.initContainers ?? []).length > 0
  const first: PodStatus & Record<string, unknown> = {
    phase: 'Pending',
    qosClass: 'Burstable',
    hostIP,
    startTime: kubeTime(at),
    conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: kubeTime(at) }],
  }
  const containers = {
    ...(hasInit ? { initContainerStatuses: (spec.initContainers ?? []).map((c) => waitingContainer(c, 'PodInitializing')) } : {}),
    containerStatuses: (spec.containers ?? []).map((c) => waitingContainer(c, hasInit ? 'PodInitializing' : 'ContainerCreating')),
  }
  return changedStatus(first, spec, containers, at)
}

function waitingContainer({ name, image = '' }: Container, reason: string): ContainerStatus {
  return { name, image, ready: false, started: false, restartCount: 0, state: { waiting: { reason } }, lastState: {} }
}

/** A pod whose status changed; conditions keep their transition times where they did not. */
export function withStatus(pod: PodObject, change: StatusChange, at: Instant): PodObject {
  return { ...pod, status: changedStatus(pod.status ?? {}, pod.spec ?? {}, change, at) }
}

/** One container of a pod changed, an init container or another. */
export function withContainer(pod: PodObject, name: string, change: (status: ContainerStatus) => ContainerStatus, at: Instant): PodObject {
  const changed = (statuses: readonly ContainerStatus[]) => statuses.map((status) => (status.name === name ? change(status) : status))
  const { initContainerStatuses, containerStatuses = [] } = pod.status ?? {}
  const inits = initContainerStatuses === undefined ? {} : { initContainerStatuses: changed(initContainerStatuses) }
  return withStatus(pod, { ...inits, containerStatuses: changed(containerStatuses) }, at)
}

/** The status of a container by name, an init container or another. */
export function statusOf(pod: PodObject, container: string): ContainerStatus | undefined {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {}
  return [...initContainerStatuses, ...containerStatuses].find(({ name }) => name === container)
}

function changedStatus(before: PodStatus, spec: PodDetail, change: StatusChange, at: Instant): PodStatus {
  const next = { ...before, ...change, ...(change.podIP === undefined ? {} : { podIPs: [{ ip: change.podIP }] }) }
  const unfinished = (next.initContainerStatuses ?? []).filter((status) => status.state?.terminated?.exitCode !== 0)
  const statuses = next.containerStatuses ?? []
  const unready = statuses.filter((status) => !status.ready)
  const everStarted = statuses.some((status) => status.state?.running || status.state?.terminated || status.lastState?.terminated)
  const end = endOf(spec, statuses, next.initContainerStatuses ?? [])
  const why = end === undefined ? 'ContainersNotReady' : END_REASONS[end]
  const conditions = [
    condition('PodReadyToStartContainers', next.podIP !== undefined),
    condition('Initialized', unfinished.length === 0, 'ContainersNotInitialized', incomplete('incomplete', unfinished)),
    readiness(spec, before.conditions, condition('Ready', unready.length === 0, why, incomplete('unready', unready))),
    condition('ContainersReady', unready.length === 0, why, incomplete('unready', unready)),
  ]
  const scheduled = before.conditions?.filter(({ type }) => type === 'PodScheduled') ?? []
  return {
    ...next,
    phase: end ?? (unfinished.length === 0 && everStarted && spec.containers !== undefined ? 'Running' : 'Pending'),
    conditions: [...conditions.map((now) => dated(now, before.conditions, at)), ...scheduled],
  }
}

/** Conditions that others set hold a pod back whose containers are ready. Rule: k8s.io/kubernetes/pkg/kubelet/status/generate.go. */
function readiness({ readinessGates = [] }: PodDetail, conditions: readonly Condition[] | undefined, ready: Condition): Condition {
  const missing = readinessGates.find(
    ({ conditionType }) => !conditions?.some(({ type, status }) => type === conditionType && status === 'True'),
  )
  if (missing === undefined || ready.status !== 'True') return ready
  const message = `corresponding condition of pod readiness gate "${missing.conditionType}" does not exist.`
  return { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', message }
}

const END_REASONS = { Succeeded: 'PodCompleted', Failed: 'PodFailed' } as const

/** How a pod ended whose containers do not start again. Rule: getPhase in k8s.io/kubernetes/pkg/kubelet/kubelet_pods.go. */
function endOf(
  { restartPolicy }: PodDetail,
  statuses: readonly ContainerStatus[],
  inits: readonly ContainerStatus[],
): 'Succeeded' | 'Failed' | undefined {
  if (restartPolicy !== 'Never' && restartPolicy !== 'OnFailure') return undefined
  const codes = statuses.map(({ state }) => state?.terminated?.exitCode)
  if (restartPolicy === 'Never' && inits.some(({ state }) => (state?.terminated?.exitCode ?? 0) !== 0)) return 'Failed'
  if (codes.length === 0 || codes.includes(undefined)) return undefined
  if (codes.every((code) => code === 0)) return 'Succeeded'
  return restartPolicy === 'Never' ? 'Failed' : undefined
}

function incomplete(word: string, statuses: readonly ContainerStatus[]): string {
  return `containers with ${word} status: [${statuses.map(({ name }) => name).join(' ')}]`
}

function condition(type: string, holds: boolean, reason?: string, message?: string): Condition {
  if (holds || reason === undefined || message === undefined) return { type, status: holds ? 'True' : 'False' }
  return { type, status: 'False', reason, message }
}

/** A condition with the time it last changed its status: now, or as before. */
export function dated(now: Condition, before: readonly Condition[] | undefined, at: Instant): Condition {
  const same = before?.find(({ type, status }) => type === now.type && status === now.status)
  return { ...now, lastTransitionTime: same?.lastTransitionTime ?? kubeTime(at) }
}

/** A pod of which its kubelet says that it is Ready, whatever its containers are. */
export function saidReady(pod: PodObject, at: Instant): PodObject {
  const said = (pod.status?.conditions ?? []).map((now) =>
    now.type === 'Ready' || now.type === 'ContainersReady' ? dated({ type: now.type, status: 'True' }, pod.status?.conditions, at) : now,
  )
  return { ...pod, status: { ...pod.status, conditions: said } }
}

/** A pod whose containers were stopped as it was deleted: all ended well. */
export function asStopped(pod: PodObject, at: Instant): PodObject {
  const containerStatuses = (pod.status?.containerStatuses ?? []).map((status): ContainerStatus => {
    if (status.state?.terminated) return status
    const startedAt = status.state?.running?.startedAt ?? kubeTime(at)
    const terminated = { exitCode: 0, reason: 'Completed', startedAt, finishedAt: kubeTime(at) }
    return { ...status, state: { terminated }, ready: false, started: false }
  })
  const stopped = withStatus(pod, { containerStatuses }, at)
  return { ...stopped, status: { ...stopped.status, phase: 'Succeeded' } }
}

/** A pod that was active for longer than its spec allows. Words: k8s.io/kubernetes/pkg/kubelet/active_deadline.go. */
export function asExpired(pod: PodObject, at: Instant): PodObject {
  const containerStatuses = (pod.status?.containerStatuses ?? []).map((status): ContainerStatus => {
    const { startedAt } = status.state?.running ?? {}
    if (startedAt === undefined) return status
    const terminated = { exitCode: 137, reason: 'Error', startedAt, finishedAt: kubeTime(at) }
    return { ...status, state: { terminated }, ready: false, started: false }
  })
  const stopped = withStatus(pod, { containerStatuses }, at)
  const message = 'Pod was active on the node longer than the specified deadline'
  return { ...stopped, status: { ...stopped.status, phase: 'Failed', reason: 'DeadlineExceeded', message } }
}

/** A container that started at an instant. */
export function runningContainer(status: ContainerStatus, startedAt: Instant, ready: boolean): ContainerStatus {
  return { ...status, state: { running: { startedAt: kubeTime(startedAt) } }, ready, started: true }
}

/** All init containers done, at the instants between `from` and `to`. */
export function finishedInit(pod: PodObject, from: Instant, to: Instant): readonly ContainerStatus[] {
  const terminated = { exitCode: 0, reason: 'Completed', startedAt: kubeTime(from), finishedAt: kubeTime(to) }
  return (pod.status?.initContainerStatuses ?? []).map((status) => ({ ...status, state: { terminated }, ready: true, started: false }))
}
