import type { Millis } from '../../../model/instant.ts'
import { instantOf, MINUTE, SECOND } from '../../../model/instant.ts'
import type { Condition } from '../../../model/kubernetes.ts'
import type { StoredObject, StoreEvent } from '../../contract.ts'
import { deletePod } from './deletion.ts'
import type { EventRecorder } from './events.ts'
import type { Ground } from './ground.ts'
import { kubeTime } from './kube-time.ts'
import type { PodObject, PodTemplate } from './objects.ts'
import { controlledBy, controllerOf, isActive, isReady, isTerminating, keyOf, splitKey, writeStatus } from './objects.ts'
import type { Ownership } from './ownership.ts'
import type { PodMaker } from './pod-maker.ts'
import { createPodMaker } from './pod-maker.ts'
import { dated, unboundStatus } from './pod-status.ts'

export type JobObject = StoredObject & {
  readonly spec?: {
    readonly completions?: number
    readonly parallelism?: number
    readonly backoffLimit?: number
    readonly ttlSecondsAfterFinished?: number
    readonly activeDeadlineSeconds?: number
    readonly suspend?: boolean
    readonly template?: PodTemplate
  }
  readonly status?: {
    readonly startTime?: string
    readonly completionTime?: string
    readonly succeeded?: number
    readonly failed?: number
    readonly active?: number
    readonly conditions?: readonly Condition[]
  }
}

const SYNC_DELAY = 100
const COMPONENT = 'job-controller'

/** A failed pod is replaced after 10 s, 20 s, … at most 10 min. Source: k8s.io/kubernetes/pkg/controller/job/backoff_utils.go. */
const BACK_OFF_FIRST: Millis = 10 * SECOND
const BACK_OFF_MAX: Millis = 10 * MINUTE

/** Why a Job ended. */
type End = { readonly type: 'Complete' } | { readonly type: 'Failed'; readonly reason: string; readonly message: string }

/**
 * Jobs: as many pods at a time as `parallelism` says until `completions` have succeeded, or more than `backoffLimit`
 * have failed; restarts of containers count as failures where pods restart. What has ended goes after its time to live.
 * Rule: k8s.io/kubernetes/pkg/controller/job/job_controller.go.
 */
export class Jobs {
  readonly #ground: Ground
  readonly #ownership: Ownership
  readonly #events: EventRecorder
  readonly #queue: { readonly add: (key: string) => void }
  readonly #maker: PodMaker
  readonly #made = new Map<string, number>()

  constructor(ground: Ground, ownership: Ownership, events: EventRecorder) {
    this.#ground = ground
    this.#ownership = ownership
    this.#events = events
    this.#queue = ground.queue('job', SYNC_DELAY, (key) => this.#sync(key))
    this.#maker = createPodMaker(ground, events, 'Job', (key) => this.#queue.add(key))
  }

  #sync(key: string): void {
    const [namespace, name] = splitKey(key)
    const job = this.#ground.store.get('Job', namespace, name) as JobObject | undefined
    if (!job || endOf(job) !== undefined || job.spec?.suspend || isTerminating(job)) return
    const pods = this.#ownership.pods(job.metadata.uid)
    const end = this.#verdict(job, pods)
    const active = pods.filter(isActive)
    if (end) for (const pod of active) deletePod(this.#ground, namespace, pod.metadata.name)
    else this.#fill(job, pods, active.length)
    this.#report(job, end, end ? active.length : 0)
  }

  #verdict({ spec = {}, status }: JobObject, pods: readonly PodObject[]): End | undefined {
    const { completions = 1, backoffLimit = 6, activeDeadlineSeconds } = spec
    if (countPhase(pods, 'Succeeded') >= completions) return { type: 'Complete' }
    const restarts = spec.template?.spec?.restartPolicy === 'OnFailure' ? pods.reduce((sum, pod) => sum + restartsOf(pod), 0) : 0
    if (countPhase(pods, 'Failed') + restarts > backoffLimit)
      return { type: 'Failed', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' }
    const started = instantOf(status?.startTime)
    if (activeDeadlineSeconds === undefined || started === undefined) return undefined
    const isLate = this.#ground.timeline.now() >= started + activeDeadlineSeconds * SECOND
    return isLate ? { type: 'Failed', reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' } : undefined
  }

  #fill(job: JobObject, pods: readonly PodObject[], active: number): void {
    const { completions = 1, parallelism = 1 } = job.spec ?? {}
    const wanted = Math.min(parallelism, completions - countPhase(pods, 'Succeeded'))
    if (active >= wanted) return
    const wait = this.#backOff(pods)
    if (wait > 0) this.#ground.timeline.after(wait, `k8s/job-back-off/${keyOf(job)}`, () => this.#queue.add(keyOf(job)))
    else for (let missing = wanted - active; missing > 0; missing--) if (!this.#createPod(job)) return
  }

  /** How long the next pod has to wait for the sake of those that failed. */
  #backOff(pods: readonly PodObject[]): Millis {
    const failed = pods.filter(({ status }) => status?.phase === 'Failed')
    if (failed.length === 0 || this.#ground.beginning()) return 0
    const last = Math.max(...failed.map((pod) => finishedAt(pod) ?? 0))
    return last + Math.min(BACK_OFF_FIRST * 2 ** (failed.length - 1), BACK_OFF_MAX) - this.#ground.timeline.now()
  }

  /** False when the pod was refused. */
  #createPod(job: JobObject): boolean {
    const { uid, name, namespace } = job.metadata
    const template = job.spec?.template
    const next = () => {
      const nth = (this.#made.get(uid) ?? 0) + 1
      this.#made.set(uid, nth)
      return nth
    }
    const own = { 'batch.kubernetes.io/controller-uid': uid, 'batch.kubernetes.io/job-name': name, 'controller-uid': uid, 'job-name': name }
    const made = this.#maker.make(job, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        ...template?.metadata,
        name: this.#ground.podName(job, next),
        ...(namespace === undefined ? {} : { namespace }),
        labels: { ...template?.metadata?.labels, ...own },
        ...{ ownerReferences: controlledBy(job) as never, generateName: `${name}-` },
      },
      spec: template?.spec ?? {},
      status: unboundStatus(),
    })
    if ('refusal' in made) return false
    if (!this.#ground.beginning()) this.#say(job, 'Normal', 'SuccessfulCreate', `Created pod: ${made.pod.metadata.name}`)
    return true
  }

  /** `stopped`: pods that ran and were taken away because the Job ended; they have failed. */
  #report(job: JobObject, end: End | undefined, stopped: number): void {
    const { store, timeline } = this.#ground
    const pods = this.#ownership.pods(job.metadata.uid)
    const born = job.status?.startTime ?? (this.#ground.beginning() ? job.metadata.creationTimestamp : kubeTime(timeline.now()))
    const at = this.#ground.beginning() ? Math.max(0, ...pods.map((pod) => finishedAt(pod) ?? 0)) : timeline.now()
    const active = end ? [] : pods.filter(isActive)
    const failed = countPhase(pods, 'Failed') + stopped
    writeStatus(store, job, {
      startTime: born,
      ...(active.length > 0 ? { active: active.length } : {}),
      ready: active.filter(isReady).length,
      terminating: 0,
      ...(countPhase(pods, 'Succeeded') > 0 ? { succeeded: countPhase(pods, 'Succeeded') } : {}),
      ...(failed > 0 ? { failed } : {}),
      ...(end ? { conditions: conditionsOf(end, at) } : {}),
      ...(end?.type === 'Complete' ? { completionTime: kubeTime(at) } : {}),
    })
    if (end) this.#announce(job, end)
    else this.#watchDeadline(job, born)
  }

  #announce(job: JobObject, end: End): void {
    if (this.#ground.beginning()) return
    if (end.type === 'Complete') this.#say(job, 'Normal', 'Completed', 'Job completed')
    else this.#say(job, 'Warning', end.reason, end.message)
    const { ttlSecondsAfterFinished: ttl } = job.spec ?? {}
    if (ttl === undefined) return
    const { namespace, name, uid } = job.metadata
    this.#ground.timeline.after(ttl * SECOND, `k8s/job-ttl/${keyOf(job)}`, () => {
      const current = this.#ground.store.get('Job', namespace, name)
      if (current?.metadata.uid === uid) this.#ground.store.remove('Job', namespace, name)
    })
  }

  #watchDeadline(job: JobObject, born: string): void {
    const { activeDeadlineSeconds } = job.spec ?? {}
    const key = `k8s/job-deadline/${keyOf(job)}`
    const started = instantOf(born)
    if (activeDeadlineSeconds === undefined || started === undefined) return
    this.#ground.timeline.cancel(key)
    this.#ground.timeline.at(started + activeDeadlineSeconds * SECOND, key, () => this.#queue.add(keyOf(job)))
  }

  #say(job: JobObject, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#events.record(job, { type, reason, message, component: COMPONENT })
  }

  handle({ type, object }: StoreEvent): void {
    if (object.kind === 'Job' && type !== 'DELETED') this.#queue.add(keyOf(object))
    if (object.kind !== 'Pod') return
    const owner = controllerOf(object)
    if (owner?.kind === 'Job') this.#queue.add(`${object.metadata.namespace ?? ''}/${owner.name}`)
  }
}

/** `Complete` or `Failed`, once a Job has ended. */
export function endOf({ status }: JobObject): 'Complete' | 'Failed' | undefined {
  const held = (type: string) => status?.conditions?.some((condition) => condition.type === type && condition.status === 'True')
  if (held('Complete')) return 'Complete'
  return held('Failed') ? 'Failed' : undefined
}

function countPhase(pods: readonly PodObject[], phase: string): number {
  return pods.filter(({ status }) => status?.phase === phase).length
}

function restartsOf({ status }: PodObject): number {
  return (status?.containerStatuses ?? []).reduce((sum, { restartCount = 0 }) => sum + restartCount, 0)
}

function finishedAt({ status }: PodObject): number | undefined {
  return instantOf(status?.containerStatuses?.find(({ state }) => state?.terminated)?.state?.terminated?.finishedAt)
}

/** The intention comes with the end: since Kubernetes 1.31 both are there. */
function conditionsOf(end: End, at: number): readonly Condition[] {
  const because =
    end.type === 'Complete'
      ? { reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' }
      : { reason: end.reason, message: end.message }
  const first = end.type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget'
  return [first, end.type].map((type) => dated({ type, status: 'True', ...because }, undefined, at))
}
