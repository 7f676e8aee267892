import { instantOf, SECOND } from '../../../model/instant.ts'
import type { StoredObject } from '../../contract.ts'
import { isRecord } from '../../record.ts'
import type { StreamAnswer, WireAnswer } from '../message.ts'
import type { LogLine, LogWindow } from './log-lines.ts'
import { linesWithin, logText, timedLines } from './log-lines.ts'
import { currentObject } from './read.ts'
import type { ApiRequest } from './request.ts'
import { recordAt } from './request.ts'
import { fail, textAnswer } from './status.ts'

/** How often a log that is followed is looked at. */
const FOLLOWED_EVERY = SECOND / 4

/**
 * GET pods/NAME/log: the text of one container, whole, windowed (`sinceSeconds`, `sinceTime`, `tailLines`, `limitBytes`) or followed
 * until the container ends. Source of refusals: kubernetes, pkg/kubelet/kubelet_pods.go, validateContainerLogStatus.
 */
export function podLog(api: ApiRequest): WireAnswer | StreamAnswer {
  const pod = currentObject(api)
  const log = { container: chosenContainer(api, pod), previous: api.request.query.get('previous') === 'true' }
  const lines = readLog(api, pod, log) ?? refuse(pod, log)
  const window = windowOf(api)
  const text = logText(linesWithin(lines, window), window)
  if (api.request.query.get('follow') !== 'true' || log.previous) return textAnswer(200, text, 'text/plain')
  return followed(api, pod, log, { told: lines.length, text, timestamps: window.timestamps })
}

interface Log {
  readonly container: string
  readonly previous: boolean
}

function readLog(api: ApiRequest, pod: StoredObject, { container, previous }: Log): readonly LogLine[] | undefined {
  const { name, namespace = '' } = pod.metadata
  if (recordAt(pod, 'spec').nodeName === undefined) return []
  if (!previous && waitingFor(pod, container) !== undefined) return undefined
  const text = api.wire.world.logs(namespace, name, container, previous)
  const states = recordAt(statusOf(pod, container) ?? {}, previous ? 'lastState' : 'state')
  const started = [recordAt(states, 'running').startedAt, recordAt(states, 'terminated').startedAt, pod.metadata.creationTimestamp]
  return text === undefined
    ? undefined
    : timedLines(text, started.map((time) => instantOf(String(time))).find((time) => time !== undefined) ?? 0)
}

function statusOf(pod: StoredObject, container: string): Record<string, unknown> | undefined {
  const status = recordAt(pod, 'status')
  const all = [status.initContainerStatuses, status.containerStatuses].flatMap((list) => (Array.isArray(list) ? list.filter(isRecord) : []))
  return all.find(({ name }) => name === container)
}

/** Why a container that never ran has no log; one that ran before shows what it said then. */
function waitingFor(pod: StoredObject, container: string): string | undefined {
  const status = statusOf(pod, container)
  if (status === undefined) return recordAt(pod, 'status').phase === 'Pending' ? 'ContainerCreating' : undefined
  const { waiting } = recordAt(status, 'state')
  if (!isRecord(waiting) || isRecord(recordAt(status, 'lastState').terminated)) return undefined
  return String(waiting.reason ?? 'ContainerCreating')
}

function refuse({ metadata, ...pod }: StoredObject, { container, previous }: Log): never {
  const waiting = previous ? undefined : waitingFor({ metadata, ...pod }, container)
  if (waiting !== undefined)
    return fail(400, 'BadRequest', `container "${container}" in pod "${metadata.name}" is waiting to start: ${waiting}`)
  return fail(400, 'BadRequest', `${previous ? 'previous terminated ' : ''}container "${container}" in pod "${metadata.name}" not found`)
}

function chosenContainer({ request }: ApiRequest, pod: StoredObject): string {
  const spec = recordAt(pod, 'spec')
  const all = containerNames(spec, 'containers')
  const asked = request.query.get('container')
  if (asked === null) {
    if (all.length === 1 && all[0] !== undefined) return all[0]
    return fail(400, 'BadRequest', `a container name must be specified for pod ${pod.metadata.name}, choose one of: [${all.join(' ')}]`)
  }
  if ([...all, ...containerNames(spec, 'initContainers')].includes(asked)) return asked
  return fail(400, 'BadRequest', `container ${asked} is not valid for pod ${pod.metadata.name}`)
}

function containerNames(spec: Record<string, unknown>, member: string): readonly string[] {
  const list = spec[member]
  return Array.isArray(list) ? list.filter(isRecord).map((container) => String(container.name)) : []
}

function windowOf({ wire, request: { query } }: ApiRequest): LogWindow {
  const number = (name: string): number | undefined => (query.get(name) === null ? undefined : Number(query.get(name)))
  const [seconds, time] = [number('sinceSeconds'), query.get('sinceTime')]
  if (seconds !== undefined && time !== null)
    return fail(422, 'Invalid', 'PodLogOptions "" is invalid: : Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified')
  const since = seconds === undefined ? instantOf(time ?? '') : wire.world.timeline.now() - seconds * SECOND
  return { since, tailLines: number('tailLines'), limitBytes: number('limitBytes'), timestamps: query.get('timestamps') === 'true' }
}

/** Goes on with what the container adds, and ends with it. */
function followed(
  api: ApiRequest,
  { metadata }: StoredObject,
  log: Log,
  begun: { readonly told: number; readonly text: string; readonly timestamps: boolean },
): StreamAnswer {
  const { world, later } = api.wire
  const current = (): StoredObject | undefined => world.store.get('Pod', metadata.namespace, metadata.name)
  const first = runOf(current(), log)
  return {
    status: 200,
    headers: { 'content-type': 'text/plain', 'transfer-encoding': 'chunked' },
    open(write, end) {
      let { told } = begun
      let cancel = (): void => {}
      const look = (): void => {
        const pod = current()
        if (pod === undefined || first === undefined || runOf(pod, log) !== first) {
          end()
          return
        }
        const lines = readLog(api, pod, log) ?? []
        if (lines.length > told) write(logText(lines.slice(told), { timestamps: begun.timestamps }))
        told = lines.length
        cancel = later(FOLLOWED_EVERY, look)
      }
      if (begun.text !== '') write(begun.text)
      look()
      return () => cancel()
    },
  }
}

/** Tells one run of a container from the next; undefined when it does not run. */
function runOf(pod: StoredObject | undefined, { container }: Log): string | undefined {
  const status = pod === undefined ? undefined : statusOf(pod, container)
  if (pod === undefined || status === undefined || !isRecord(recordAt(status, 'state').running)) return undefined
  return `${pod.metadata.uid} ${String(status.restartCount)}`
}
