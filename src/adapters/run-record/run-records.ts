import { isSerinError, SerinError } from '../../errors/serin-error.ts'
import type { Clock } from '../../ports/clock.ts'
import { type Kubernetes, RESOURCES } from '../../ports/kubernetes.ts'
import type { RunRecord, RunRecords, RunRequest } from '../../ports/run-record.ts'
import { delayBefore } from '../retry.ts'
import {
  createZip,
  type DriverPart,
  driverPart,
  driverPartOf,
  RECORD_NAME,
  RECORD_NAMESPACE,
  type RecordObject,
  recordObject,
  recordOf,
  requestsOf,
  samePart,
} from './record-object.ts'

const ATTEMPTS = 10

/**
 * The open-run record in ConfigMap `kube-system/serin-run`. The driver's part and people's requests change
 * independently: a driver's write keeps requests made since it last looked, a request keeps the driver's part.
 */
export function createRunRecords(kubernetes: Kubernetes, clock: Clock): RunRecords {
  const zipped = createZip()
  /** As the driver last read or wrote it; what its next write builds on. */
  let base: { readonly object: RecordObject | undefined } | undefined
  /** The record as it was last unpacked: it is looked at every few seconds and seldom changes. */
  let unpacked: { readonly version: string; readonly record: RunRecord } | undefined
  return {
    read: async () => {
      const object = await look(kubernetes)
      base = { object }
      if (object === undefined) return undefined
      const { uid, resourceVersion } = object.metadata
      const version = `${uid} ${resourceVersion}`
      if (resourceVersion === undefined || unpacked?.version !== version) unpacked = { version, record: recordOf(object) }
      return unpacked.record
    },
    write: async (record) => {
      base ??= { object: await look(kubernetes) }
      const known = base.object
      let current = known
      let first = true
      const wanted = driverPart(record, zipped)
      const written = await settle(kubernetes, clock, async () => {
        if (!first) current = await look(kubernetes)
        first = false
        return overwritten(record, wanted, known, current)
      })
      base = { object: written ?? current }
    },
    request: async (request) => {
      await settle(kubernetes, clock, async () => withRequest(await look(kubernetes), request))
    },
  }
}

function look(kubernetes: Kubernetes): Promise<RecordObject | undefined> {
  return kubernetes.get<RecordObject>(RESOURCES.configMaps, RECORD_NAMESPACE, RECORD_NAME)
}

/** Tries until nobody was faster; `next` says what to write on top of what is there, if anything. */
async function settle(
  kubernetes: Kubernetes,
  clock: Clock,
  next: () => Promise<RecordObject | undefined>,
): Promise<RecordObject | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const object = await next()
    if (object === undefined) return undefined
    try {
      return await put(kubernetes, object)
    } catch (error) {
      if (!isSerinError(error, 'REMOTE_CONFLICT', 'REMOTE_NOT_FOUND') || attempt >= ATTEMPTS) throw error
      if (attempt > 1) await clock.sleepUntil(clock.now() + delayBefore('run record', attempt) / 10)
    }
  }
}

function put(kubernetes: Kubernetes, object: RecordObject): Promise<RecordObject> {
  return object.metadata.resourceVersion === undefined
    ? kubernetes.create(RESOURCES.configMaps, object)
    : kubernetes.replace(RESOURCES.configMaps, object)
}

function withRequest(current: RecordObject | undefined, request: RunRequest): RecordObject | undefined {
  if (current === undefined || recordOf(current).status !== 'open') {
    throw new SerinError('RUN_NOT_FOUND', 'No run is open on this cluster')
  }
  const requests = requestsOf(current)
  if (requests.some(({ id }) => id === request.id)) return undefined
  return recordObject(driverPartOf(current), [...requests, request], current)
}

/**
 * What the driver writes over what is there now. Undefined when it stands there already (an answer was lost).
 * @throws SerinError REMOTE_CONFLICT when another driver changed its part.
 */
function overwritten(
  record: RunRecord,
  wanted: DriverPart,
  known: RecordObject | undefined,
  current: RecordObject | undefined,
): RecordObject | undefined {
  if (current === undefined) return recordObject(wanted, record.requests)
  const merged = mergedRequests(record, current)
  const there = driverPartOf(current)
  if (current !== known && samePart(there, wanted) && merged.length === requestsOf(current).length) return undefined
  if (current === known || samePart(there, wanted) || (known !== undefined && samePart(there, driverPartOf(known)))) {
    return recordObject(wanted, merged, current)
  }
  throw new SerinError('REMOTE_CONFLICT', 'The open-run record was changed by another process', { operation: 'kubernetes:run-record' })
}

/** No request of the same run is ever lost: which of them were taken stands in the state. */
function mergedRequests(record: RunRecord, current: RecordObject): readonly RunRequest[] {
  if (recordOf(current).run !== record.run) return record.requests
  const own = new Set(record.requests.map(({ id }) => id))
  return [...record.requests, ...requestsOf(current).filter(({ id }) => !own.has(id))]
}
