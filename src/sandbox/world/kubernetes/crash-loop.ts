import type { Instant, Millis } from '../../../model/instant.ts'
import { instantOf, MINUTE, SECOND } from '../../../model/instant.ts'
import type { ContainerState, ContainerStatus } from '../../../model/kubernetes.ts'
import type { EventRecorder } from './events.ts'
import type { Ground } from './ground.ts'
import { kubeTime } from './kube-time.ts'
import type { PodObject } from './objects.ts'
import { isTerminating, keyOf, stillThere } from './objects.ts'
import { statusOf, withContainer } from './pod-status.ts'

/** What the kubelet does with a container that ended and shall run. */
export interface CrashLoop {
  /** The container ended; `restart` runs when the kubelet starts it again, with the count raised. */
  ended(pod: PodObject, container: string, how: Ended, restart: (pod: PodObject) => void): void
  /** The same for a pod of the beginning: what shall run has been starting again for days, what shall not ended long ago. */
  endedBefore(pod: PodObject, container: string, how: Ended, restart: (pod: PodObject) => void): void
}

export interface Ended {
  readonly code: number
  /** `Error`, or `Completed` for 0, unless said. */
  readonly reason?: string
  /** What it wrote to its termination message; the kubelet keeps 4096 bytes of it. */
  readonly message?: string
}

/** https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/ */
const MESSAGE_LIMIT = 4096
const BACK_OFF_FIRST: Millis = 10 * SECOND
const BACK_OFF_MAX: Millis = 5 * MINUTE

/** It starts again at once the first time, then after 10 s, 20 s, … at most 5 min. */
export function createCrashLoop(ground: Ground, events: EventRecorder): CrashLoop {
  const { store, timeline } = ground

  function change(pod: PodObject, container: string, to: (status: ContainerStatus) => ContainerStatus): void {
    const { namespace, name } = pod.metadata
    store.update('Pod', namespace, name, (current) => withContainer(current as PodObject, container, to, timeline.now()))
  }

  function restarted(pod: PodObject, container: string, last: ContainerState): PodObject | undefined {
    change(pod, container, (status) => ({ ...status, lastState: last, restartCount: (status.restartCount ?? 0) + 1 }))
    events.record(pod, startedEvent(pod, container))
    return stillThere(store, pod)
  }

  function restartLater(pod: PodObject, container: string, delay: Millis, last: ContainerState, restart: (pod: PodObject) => void): void {
    timeline.after(Math.max(delay, SECOND), `k8s/restart/${keyOf(pod)}/${container}`, () => {
      const current = stillThere(store, pod)
      if (!current || isTerminating(current)) return
      const again = restarted(current, container, last)
      if (again) restart(again)
    })
  }

  return {
    ended(pod, container, { code, reason = reasonOf(code), message = '' }, restart) {
      const status = statusOf(pod, container)
      const startedAt = instantOf(status?.state?.running?.startedAt) ?? timeline.now()
      const last = terminated(startedAt, timeline.now(), code, reason, message)
      if (!startsAgain(pod, code)) {
        change(pod, container, (now) => ({ ...now, ready: false, started: false, state: last, lastState: now.lastState ?? {} }))
        return
      }
      const delay = backOff((status?.restartCount ?? 0) + 1)
      const waiting = { reason: 'CrashLoopBackOff', message: backOffMessage(pod, container, delay) }
      const seen = delay === 0 ? { state: last } : { state: { waiting }, lastState: last }
      change(pod, container, (now) => ({ ...now, ready: false, started: false, lastState: now.lastState ?? {}, ...seen }))
      if (delay > 0) events.record(pod, backOffEvent(pod, container))
      restartLater(pod, container, delay, last, restart)
    },
    endedBefore(pod, container, { code, reason = reasonOf(code) }, restart) {
      const { uid } = pod.metadata
      const now = timeline.now()
      const delay = ground.span(SECOND, BACK_OFF_MAX, 'crash-loop', uid)
      const born = instantOf(pod.metadata.creationTimestamp) ?? now
      const at = startsAgain(pod, code) ? now - BACK_OFF_MAX + delay : born + MINUTE
      const last = terminated(at - SECOND, at, code, reason)
      const waiting = { reason: 'CrashLoopBackOff', message: backOffMessage(pod, container, BACK_OFF_MAX) }
      const seen = startsAgain(pod, code)
        ? { state: { waiting }, lastState: last, restartCount: Math.max(1, Math.floor((now - born) / (BACK_OFF_MAX + 10 * SECOND))) }
        : { state: last, lastState: {} }
      change(pod, container, (status) => ({ ...status, ready: false, started: false, ...seen }))
      if (!startsAgain(pod, code)) return
      events.record(pod, backOffEvent(pod, container), ground.span(200, 900, 'crash-loop-count', uid))
      restartLater(pod, container, delay, last, restart)
    },
  }
}

function reasonOf(code: number): string {
  return code === 0 ? 'Completed' : 'Error'
}

/** What the pod's restart policy says about a container that ended. */
function startsAgain({ spec }: PodObject, code: number): boolean {
  return spec?.restartPolicy === 'OnFailure' ? code !== 0 : spec?.restartPolicy !== 'Never'
}

function backOff(restart: number): Millis {
  return restart <= 1 ? 0 : Math.min(BACK_OFF_FIRST * 2 ** (restart - 2), BACK_OFF_MAX)
}

function terminated(startedAt: Instant, finishedAt: Instant, exitCode: number, reason: string, message = ''): ContainerState {
  const said = message === '' ? {} : { message: message.slice(-MESSAGE_LIMIT) }
  return { terminated: { exitCode, reason, ...said, startedAt: kubeTime(startedAt), finishedAt: kubeTime(finishedAt) } }
}

function backOffMessage(pod: PodObject, container: string, delay: Millis): string {
  const span = delay >= MINUTE ? `${Math.floor(delay / MINUTE)}m${(delay % MINUTE) / SECOND}s` : `${delay / SECOND}s`
  return `back-off ${span} restarting failed container=${container} pod=${podId(pod)}`
}

function backOffEvent(pod: PodObject, container: string) {
  const message = `Back-off restarting failed container ${container} in pod ${podId(pod)}`
  return {
    type: 'Warning',
    reason: 'BackOff',
    message,
    component: 'kubelet',
    host: pod.spec?.nodeName ?? '',
    fieldPath: fieldPath(pod, container),
  } as const
}

/** What the kubelet writes whenever it has started a container. */
export function startedEvent(pod: PodObject, container: string) {
  const about = { component: 'kubelet', host: pod.spec?.nodeName ?? '', fieldPath: fieldPath(pod, container) }
  return { type: 'Normal', reason: 'Started', message: `Started container ${container}`, ...about } as const
}

/** `spec.containers{aws-node}`, `spec.initContainers{aws-vpc-cni-init}`: what an event about a container points at. */
export function fieldPath(pod: PodObject, container: string): string {
  const isInit = pod.spec?.initContainers?.some(({ name }) => name === container) ?? false
  return `spec.${isInit ? 'initContainers' : 'containers'}{${container}}`
}

function podId(pod: PodObject): string {
  return `${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`
}
