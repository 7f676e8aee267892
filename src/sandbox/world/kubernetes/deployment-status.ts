import type { Instant } from '../../../model/instant.ts'
import { instantOf, SECOND } from '../../../model/instant.ts'
import type { Condition } from '../../../model/kubernetes.ts'
import { kubeTime } from './kube-time.ts'
import type { WorkloadObject } from './objects.ts'
import { dated } from './pod-status.ts'
import { scaled } from './quantity.ts'

/** A condition of a Deployment says when it was last written, too. */
interface Written extends Condition {
  readonly lastUpdateTime?: string
}

interface Counts {
  readonly replicas: number
  readonly updatedReplicas: number
  readonly readyReplicas: number
  readonly availableReplicas: number
}

type Status = Partial<Counts> & { readonly conditions?: readonly Written[] }

/** Why a Deployment is on its way; the deadline counts from the last time that it got further. */
const UPDATED = 'ReplicaSetUpdated'
const DEFAULT_DEADLINE_SECONDS = 600

/** Rule: k8s.io/kubernetes/pkg/controller/deployment/sync.go and progress.go. `current` is the newest ReplicaSet. */
export function statusOf(
  deployment: WorkloadObject,
  current: WorkloadObject | undefined,
  sets: readonly WorkloadObject[],
  now: Instant,
): Counts & {
  readonly observedGeneration: number | undefined
  /** Absent when there are none. */
  readonly unavailableReplicas?: number
  readonly conditions: readonly Written[]
} {
  const wanted = deployment.spec?.replicas ?? 1
  const newest = sets.find((set) => set.metadata.uid === current?.metadata.uid)
  const counts = {
    replicas: sum(sets, (set) => set.status?.replicas),
    updatedReplicas: newest?.status?.replicas ?? 0,
    readyReplicas: sum(sets, (set) => set.status?.readyReplicas),
    availableReplicas: sum(sets, (set) => set.status?.availableReplicas),
  }
  const before = deployment.status as Status | undefined
  const conditions = [availability(deployment, counts, wanted), progress(deployment, counts, newest, before, now)]
  const failure = failureOf(newest, sets)
  return {
    observedGeneration: deployment.metadata.generation,
    ...counts,
    ...(wanted > counts.availableReplicas ? { unavailableReplicas: wanted - counts.availableReplicas } : {}),
    conditions: [...conditions.map((condition) => written(condition, before?.conditions, now)), ...failure],
  }
}

/** What a ReplicaSet says of pods that it could not make, the newest first. */
function failureOf(newest: WorkloadObject | undefined, sets: readonly WorkloadObject[]): readonly Written[] {
  for (const set of newest === undefined ? sets : [newest, ...sets]) {
    const condition = (set.status as Status | undefined)?.conditions?.find(({ type }) => type === 'ReplicaFailure')
    if (condition !== undefined) return [{ ...condition, lastUpdateTime: condition.lastTransitionTime } as Written]
  }
  return []
}

/** When a rollout that stands still is said to have failed. */
export function deadlineOf({ spec }: WorkloadObject, conditions: readonly Written[]): Instant | undefined {
  const progressing = conditions.find(({ type }) => type === 'Progressing')
  const since = progressing?.reason === UPDATED ? instantOf(progressing.lastUpdateTime) : undefined
  return since === undefined ? undefined : since + (spec?.progressDeadlineSeconds ?? DEFAULT_DEADLINE_SECONDS) * SECOND
}

function availability({ spec }: WorkloadObject, { availableReplicas }: Counts, wanted: number): Condition {
  const floor = wanted - scaled(spec?.strategy?.rollingUpdate?.maxUnavailable ?? '25%', wanted, 'down')
  return availableReplicas >= floor
    ? { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      }
}

function progress(
  deployment: WorkloadObject,
  counts: Counts,
  newest: WorkloadObject | undefined,
  before: Status | undefined,
  now: Instant,
): Written {
  const type = 'Progressing'
  const wanted = deployment.spec?.replicas ?? 1
  const named = `ReplicaSet "${newest?.metadata.name ?? ''}"`
  if (deployment.spec?.paused) return { type, status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' }
  const { replicas, updatedReplicas, availableReplicas } = counts
  if (replicas === wanted && updatedReplicas === wanted && availableReplicas === wanted)
    return { type, status: 'True', reason: 'NewReplicaSetAvailable', message: `${named} has successfully progressed.` }
  const last = before?.conditions?.find((condition) => condition.type === type)
  if (hasMoved(counts, before))
    return { type, status: 'True', reason: UPDATED, message: `${named} is progressing.`, lastUpdateTime: kubeTime(now) }
  if (last === undefined || last.reason === 'DeploymentPaused')
    return { type, status: 'True', reason: UPDATED, message: `${named} is progressing.` }
  // What was rolled out stays so: losing pods later is no rollout.
  const due = deadlineOf(deployment, before?.conditions ?? [])
  if (last.reason !== UPDATED || due === undefined || now < due) return last
  return { type, status: 'False', reason: 'ProgressDeadlineExceeded', message: `${named} has timed out progressing.` }
}

/** More updated, ready or available pods, or fewer old ones, than at the last look. */
function hasMoved(now: Counts, before: Status | undefined): boolean {
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = before ?? {}
  if (now.updatedReplicas > updatedReplicas || now.replicas - now.updatedReplicas < replicas - updatedReplicas) return true
  return now.readyReplicas > readyReplicas || now.availableReplicas > availableReplicas
}

function written(condition: Written, before: readonly Written[] | undefined, now: Instant): Written {
  const same = before?.find(
    ({ type, status, reason }) => type === condition.type && status === condition.status && reason === condition.reason,
  )
  return { ...dated(condition, before, now), lastUpdateTime: condition.lastUpdateTime ?? same?.lastUpdateTime ?? kubeTime(now) } as Written
}

function sum(sets: readonly WorkloadObject[], of: (set: WorkloadObject) => number | undefined): number {
  return sets.reduce((total, set) => total + (of(set) ?? 0), 0)
}
