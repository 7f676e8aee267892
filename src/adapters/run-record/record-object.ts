import { gunzipSync, gzipSync } from 'node:zlib'
import { SerinError } from '../../errors/serin-error.ts'
import type { KubernetesObject } from '../../model/kubernetes.ts'
import type { RunRecord, RunRequest } from '../../ports/run-record.ts'

/** The ConfigMap that keeps the record. */
export interface RecordObject extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>
  readonly binaryData?: Readonly<Record<string, string>>
}

export const RECORD_NAMESPACE = 'kube-system'
export const RECORD_NAME = 'serin-run'

/** The API server takes no ConfigMap above 1 MiB. */
const LARGEST = 1_048_576

/** What the driver alone writes. */
export interface DriverPart {
  readonly record: string
  readonly itinerary: string
  readonly state: string
}

/** @throws SerinError REMOTE_REFUSED when the record would not fit. */
export function recordObject(part: DriverPart, requests: readonly RunRequest[], from?: RecordObject): RecordObject {
  const data = { 'record.json': part.record, 'requests.json': JSON.stringify(requests) }
  const binaryData = { 'itinerary.json.gz': part.itinerary, 'state.json.gz': part.state }
  const size = [...Object.entries(data), ...Object.entries(binaryData)].reduce((sum, [key, text]) => sum + key.length + text.length, 0)
  if (size >= LARGEST) {
    throw new SerinError('REMOTE_REFUSED', `The open-run record is ${size} bytes; a ConfigMap takes less than ${LARGEST}`, {
      remedy: 'Split the plan into several with fewer node groups each.',
    })
  }
  const metadata = { name: RECORD_NAME, namespace: RECORD_NAMESPACE, labels: { 'app.kubernetes.io/managed-by': 'serin' } }
  const version = from?.metadata.resourceVersion
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: version === undefined ? metadata : { ...metadata, resourceVersion: version },
    data,
    binaryData,
  }
}

/** @param zipped turns the itinerary into what stands in the ConfigMap: it is the same in every record of a run */
export function driverPart({ itinerary, state, requests: _, ...record }: RunRecord, zipped: (text: string) => string): DriverPart {
  return { record: JSON.stringify(record), itinerary: zipped(itinerary), state: zip(state) }
}

/** Zips what is not what it was the last time. */
export function createZip(): (text: string) => string {
  let last: { readonly text: string; readonly zipped: string } | undefined
  return (text) => {
    if (last?.text !== text) last = { text, zipped: zip(text) }
    return last.zipped
  }
}

/** The driver's part as it stands in the cluster, for comparing. */
export function driverPartOf(object: RecordObject): DriverPart {
  return {
    record: object.data?.['record.json'] ?? '',
    itinerary: object.binaryData?.['itinerary.json.gz'] ?? '',
    state: object.binaryData?.['state.json.gz'] ?? '',
  }
}

export function samePart(a: DriverPart, b: DriverPart): boolean {
  return a.record === b.record && a.itinerary === b.itinerary && a.state === b.state
}

/** @throws SerinError DOCUMENT_INVALID when somebody else wrote it. */
export function recordOf(object: RecordObject): RunRecord {
  const part = driverPartOf(object)
  try {
    const record: Omit<RunRecord, 'itinerary' | 'state' | 'requests'> = JSON.parse(part.record)
    if (typeof record.run !== 'string' || typeof record.status !== 'string') throw new Error('it names no run')
    return { ...record, itinerary: unzip(part.itinerary), state: unzip(part.state), requests: requestsOf(object) }
  } catch (error) {
    throw unreadable(error)
  }
}

export function requestsOf(object: RecordObject): readonly RunRequest[] {
  try {
    const requests: unknown = JSON.parse(object.data?.['requests.json'] ?? '[]')
    if (!Array.isArray(requests)) throw new Error('its requests are no list')
    return requests as readonly RunRequest[]
  } catch (error) {
    throw unreadable(error)
  }
}

function unreadable(error: unknown): SerinError {
  const why = error instanceof Error ? error.message : String(error)
  const remedy = `Look at it with: kubectl -n ${RECORD_NAMESPACE} get configmap ${RECORD_NAME} -o yaml`
  return new SerinError('DOCUMENT_INVALID', `ConfigMap ${RECORD_NAMESPACE}/${RECORD_NAME} is no open-run record: ${why}`, { remedy }, error)
}

function zip(text: string): string {
  return gzipSync(text).toString('base64')
}

/** Bounded: a few hundred kilobytes of gzip could otherwise unfold into all memory there is. */
function unzip(base64: string): string {
  return gunzipSync(Buffer.from(base64, 'base64'), { maxOutputLength: 256 * LARGEST }).toString('utf8')
}
