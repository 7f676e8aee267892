import type { Instant } from '../../../model/instant.ts'
import { instantOf, MINUTE } from '../../../model/instant.ts'
import type { ObjectStore, StoredObject, StoreEvent } from '../../contract.ts'
import { nextTime } from './cron-schedule.ts'
import type { EventRecorder } from './events.ts'
import type { Ground } from './ground.ts'
import type { JobObject } from './jobs.ts'
import { endOf } from './jobs.ts'
import { kubeTime } from './kube-time.ts'
import { controlledBy, controllerOf, isTerminating, keyOf, splitKey, writeStatus } from './objects.ts'

type CronJobObject = StoredObject & {
  readonly spec?: {
    readonly schedule?: string
    readonly suspend?: boolean
    readonly concurrencyPolicy?: string
    readonly successfulJobsHistoryLimit?: number
    readonly failedJobsHistoryLimit?: number
    readonly jobTemplate?: { readonly metadata?: Readonly<Record<string, unknown>>; readonly spec?: JobObject['spec'] }
  }
}

const COMPONENT = 'cronjob-controller'

/** A Job at each time of the schedule; time zones other than UTC are not known. Rule: k8s.io/kubernetes/pkg/controller/cronjob. */
export function createCronJobs(ground: Ground, events: EventRecorder): { handle(event: StoreEvent): void } {
  const { store, timeline } = ground
  const scheduled = new Map<string, string>()

  function plan(cron: CronJobObject): void {
    const { schedule = '', suspend = false } = cron.spec ?? {}
    const key = keyOf(cron)
    if (scheduled.get(key) === `${schedule}/${suspend}`) return
    scheduled.set(key, `${schedule}/${suspend}`)
    timeline.cancel(`k8s/cron/${key}`)
    if (!suspend) awaitTime(key, nextTime(schedule, timeline.now()))
  }

  function awaitTime(key: string, at: Instant | undefined): void {
    if (at !== undefined) timeline.at(at, `k8s/cron/${key}`, () => fire(key, at))
  }

  function fire(key: string, at: Instant): void {
    const [namespace, name] = splitKey(key)
    const cron = store.get('CronJob', namespace, name) as CronJobObject | undefined
    if (!cron || isTerminating(cron)) return
    const running = jobsOf(store, cron).filter((job) => endOf(job) === undefined)
    const { concurrencyPolicy, schedule = '' } = cron.spec ?? {}
    if (concurrencyPolicy === 'Replace') for (const job of running) store.remove('Job', namespace, job.metadata.name)
    if (concurrencyPolicy === 'Forbid' && running.length > 0)
      events.record(cron, {
        type: 'Normal',
        reason: 'JobAlreadyActive',
        message: 'Not starting job because prior execution is running and concurrency policy is Forbid',
        component: COMPONENT,
      })
    else createJob(cron, at)
    awaitTime(key, nextTime(schedule, at))
  }

  function createJob(cron: CronJobObject, at: Instant): void {
    const { name, namespace } = cron.metadata
    const job = ground.create({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        ...cron.spec?.jobTemplate?.metadata,
        name: `${name}-${Math.floor(at / MINUTE)}`,
        ...(namespace === undefined ? {} : { namespace }),
        ...{ ownerReferences: controlledBy(cron) as never },
      },
      spec: { ...cron.spec?.jobTemplate?.spec },
    })
    events.record(cron, { type: 'Normal', reason: 'SuccessfulCreate', message: `Created job ${job.metadata.name}`, component: COMPONENT })
    report(store, cron, { lastScheduleTime: kubeTime(at) })
  }

  return {
    handle({ type, object }) {
      if (object.kind === 'CronJob') {
        if (type === 'DELETED') timeline.cancel(`k8s/cron/${keyOf(object)}`)
        if (type === 'DELETED') scheduled.delete(keyOf(object))
        else plan(object as CronJobObject)
      } else if (object.kind === 'Job') seeJob(store, object as JobObject)
    },
  }
}

function referenceTo({ apiVersion, kind, metadata: { name, namespace, uid } }: StoredObject) {
  return { apiVersion, kind, name, namespace, uid }
}

function jobsOf(store: ObjectStore, cron: StoredObject): readonly JobObject[] {
  return (store.list('Job') as readonly JobObject[]).filter((job) => controllerOf(job)?.uid === cron.metadata.uid)
}

function report(store: ObjectStore, cron: CronJobObject, change: Record<string, unknown>): void {
  const jobs = jobsOf(store, cron)
  const active = jobs.filter((job) => endOf(job) === undefined).map(referenceTo)
  const done = jobs.flatMap(({ status }) => instantOf(status?.completionTime) ?? [])
  const last = done.length > 0 ? { lastSuccessfulTime: kubeTime(Math.max(...done)) } : {}
  writeStatus(store, cron, { ...(cron.status as object | undefined), active: active.length > 0 ? active : undefined, ...last, ...change })
}

/** Only so many ended Jobs are kept. */
function seeJob(store: ObjectStore, job: JobObject): void {
  const owner = controllerOf(job)
  const cron = owner?.kind === 'CronJob' && (store.get('CronJob', job.metadata.namespace, owner.name) as CronJobObject | undefined)
  if (!cron) return
  const { successfulJobsHistoryLimit = 3, failedJobsHistoryLimit = 1 } = cron.spec ?? {}
  trim(store, cron, 'Complete', successfulJobsHistoryLimit)
  trim(store, cron, 'Failed', failedJobsHistoryLimit)
  report(store, cron, {})
}

function trim(store: ObjectStore, cron: CronJobObject, end: 'Complete' | 'Failed', limit: number): void {
  const ended = jobsOf(store, cron).filter((job) => endOf(job) === end)
  for (const { metadata } of ended.slice(0, Math.max(0, ended.length - limit))) store.remove('Job', metadata.namespace, metadata.name)
}
