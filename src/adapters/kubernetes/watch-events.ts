import { StringDecoder } from 'node:string_decoder'
import type { KubernetesObject } from '../../model/kubernetes.ts'
import type { Connection } from './connection.ts'
import { malformedAnswer, statusError } from './status-error.ts'

/** One line of a watch. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  readonly object: KubernetesObject
}

/**
 * The events of a watch as they come, those that came in one piece together. An `ERROR` event inside the stream is thrown, after what came
 * before it, as the answer it would have been: an expired version arrives as HTTP 200 with a Status of code 410.
 */
export async function* watchEvents(
  { decode }: Pick<Connection, 'decode'>,
  operation: string,
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<readonly WatchEvent[]> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + decoder.write(chunk)).split('\n')
    // A last line without its end goes on in the next piece, or was cut off and is left out.
    rest = lines.pop() ?? ''
    const { events, failure } = readEvents(decode, operation, lines)
    yield events
    if (failure !== undefined) throw failure.error
  }
}

/** The events of whole lines, up to the first that is none. */
function readEvents(decode: Connection['decode'], operation: string, lines: readonly string[]) {
  const events: WatchEvent[] = []
  try {
    for (const line of lines) if (line.trim() !== '') events.push(readEvent(decode, operation, line))
    return { events }
  } catch (error) {
    return { events, failure: { error } }
  }
}

const TYPES: readonly string[] = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']

function readEvent(decode: Connection['decode'], operation: string, line: string): WatchEvent {
  const event = parse(decode, operation, line)
  if (event.type === 'ERROR') {
    const code = typeof event.object === 'object' && event.object !== null && 'code' in event.object ? Number(event.object.code) : 500
    throw statusError(operation, code || 500, JSON.stringify(event.object), false)
  }
  if (!TYPES.includes(String(event.type)) || !isObject(event.object)) throw malformedAnswer(operation, line, false)
  return { type: event.type as WatchEvent['type'], object: event.object }
}

function parse(decode: Connection['decode'], operation: string, line: string): { readonly type?: unknown; readonly object?: unknown } {
  try {
    const value: unknown = decode(line)
    return typeof value === 'object' && value !== null ? value : {}
  } catch (error) {
    throw malformedAnswer(operation, line, false, error)
  }
}

function isObject(value: unknown): value is KubernetesObject {
  return typeof value === 'object' && value !== null && 'metadata' in value && typeof value.metadata === 'object' && value.metadata !== null
}
