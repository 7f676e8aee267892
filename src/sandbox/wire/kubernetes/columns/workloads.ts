import type { Instant } from '../../../../model/instant.ts'
import { instantOf } from '../../../../model/instant.ts'
import type { StoredObject } from '../../../contract.ts'
import type { Column } from './column.ts'
import { AGE, at, CONTAINERS, column, durationText, integer, labelText, listAt, NAME, numberAt, SELECTOR, textAt } from './column.ts'

export const DEPLOYMENT_COLUMNS: readonly Column[] = [
  NAME,
  column('Ready', readyOfWanted),
  integer('Up-to-date', (object) => numberAt(object, 'status.updatedReplicas')),
  integer('Available', (object) => numberAt(object, 'status.availableReplicas')),
  AGE,
  ...CONTAINERS,
  SELECTOR,
]

export const REPLICA_SET_COLUMNS: readonly Column[] = [
  NAME,
  integer('Desired', (object) => numberAt(object, 'spec.replicas')),
  integer('Current', (object) => numberAt(object, 'status.replicas')),
  integer('Ready', (object) => numberAt(object, 'status.readyReplicas')),
  AGE,
  ...CONTAINERS,
  SELECTOR,
]

export const DAEMON_SET_COLUMNS: readonly Column[] = [
  NAME,
  integer('Desired', (object) => numberAt(object, 'status.desiredNumberScheduled')),
  integer('Current', (object) => numberAt(object, 'status.currentNumberScheduled')),
  integer('Ready', (object) => numberAt(object, 'status.numberReady')),
  integer('Up-to-date', (object) => numberAt(object, 'status.updatedNumberScheduled')),
  integer('Available', (object) => numberAt(object, 'status.numberAvailable')),
  column('Node Selector', (object) => labelText(at(object, 'spec.template.spec.nodeSelector'))),
  AGE,
  ...CONTAINERS,
  SELECTOR,
]

export const STATEFUL_SET_COLUMNS: readonly Column[] = [NAME, column('Ready', readyOfWanted), AGE, ...CONTAINERS]

export const JOB_COLUMNS: readonly Column[] = [
  NAME,
  column('Status', jobStatus),
  column('Completions', (job) => `${numberAt(job, 'status.succeeded')}/${textAt(job, 'spec.completions', '1')}`),
  column('Duration', jobDuration),
  AGE,
  ...CONTAINERS,
  SELECTOR,
]

function readyOfWanted(object: StoredObject): string {
  return `${numberAt(object, 'status.readyReplicas')}/${textAt(object, 'spec.replicas', '1')}`
}

function jobStatus(job: StoredObject): string {
  const holds = listAt(job, 'status.conditions').filter((condition) => condition.status === 'True')
  return ['Complete', 'Failed', 'Suspended'].find((type) => holds.some((condition) => condition.type === type)) ?? 'Running'
}

function jobDuration(job: StoredObject, now: Instant): string {
  const started = instantOf(textAt(job, 'status.startTime', ''))
  if (started === undefined) return ''
  const ended = instantOf(textAt(job, 'status.completionTime', '')) ?? now
  return durationText(Math.floor((ended - started) / 1000))
}
