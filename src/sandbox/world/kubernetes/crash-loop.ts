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
}

export interface Ended {
  readonly code: number
  /** `Error` for any code but 0. */
  readonly reason?: string
}

const BACK_OFF_FIRST: Millis = 10 * SECOND
const BACK_OFF_MAX: Millis = 5 * MINUTE

/** It starts again at once the first time, then after 10 s, 20 s, … at most 5 min. */
export function createCrashLoop({ store, timeline }: Ground, events: EventRecorder): CrashLoop {
  function change(pod: PodObject, container: string, to: (status: ContainerStatus) => ContainerStatus): void {
    const { namespace, name } = pod.metadata
    store.update('Pod', namespace, name, (current) => withContainer(current as PodObject, container, to, timeline.now()))
  }

  function restarted(pod: PodObject, container: string, last: ContainerState): PodObject | undefined {
    change(pod, container, (status) => ({ ...status, lastState: last, restartCount: (status.restartCount ?? 0) + 1 }))
    return stillThere(store, pod)
  }

  return {
    ended(pod, container, { code, reason = 'Error' }, restart) {
      const status = statusOf(pod, container)
      const delay = backOff((status?.restartCount ?? 0) + 1)
      const startedAt = instantOf(status?.state?.running?.startedAt) ?? timeline.now()
      const last = terminated(startedAt, timeline.now(), code, reason)
      const waiting = { reason: 'CrashLoopBackOff', message: backOffMessage(pod, container, delay) }
      const seen = delay === 0 ? { state: last } : { state: { waiting }, lastState: last }
      change(pod, container, (now) => ({ ...now, ready: false, started: false, lastState: now.lastState ?? {}, ...seen }))
      if (delay > 0) events.record(pod, backOffEvent(pod, container))
      timeline.after(Math.max(delay, SECOND), `k8s/restart/${keyOf(pod)}/${container}`, () => {
        const current = stillThere(store, pod)
        if (!current || isTerminating(current)) return
        const again = restarted(current, container, last)
        if (again) restart(again)
      })
    },
  }
}

function backOff(restart: number): Millis {
  return restart <= 1 ? 0 : Math.min(BACK_OFF_FIRST * 2 ** (restart - 2), BACK_OFF_MAX)
}

function terminated(startedAt: Instant, finishedAt: Instant, exitCode: number, reason: string): ContainerState {
  return { terminated: { exitCode, reason, startedAt: kubeTime(startedAt), finishedAt: kubeTime(finishedAt) } }
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

/** `spec.containers{aws-node}`, `spec.initContainers{aws-vpc-cni-init}`: what an event about a container points at. */
export function fieldPath(pod: PodObject, container: string): string {
  const isInit = pod.spec?.initContainers?.some(({ name }) => name === container) ?? false
  return `spec.${isInit ? 'initContainers' : 'containers'}{${container}}`
}

function podId(pod: PodObject): string {
  return `${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`
}
