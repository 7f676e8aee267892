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
 * The events of a watch as they come. An `ERROR` event inside the stream is thrown as the answer it would have been:
 * an expired version arrives as HTTP 200 with a Status of code 410.
 */
export async function* watchEvents(
  { decode }: Pick<Connection, 'decode'>,
  operation: string,
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<WatchEvent> {
  for await (const line of lines(chunks)) {
    if (line.trim() !== '') yield readEvent(decode, operation, line)
  }
}

/** Whole lines; a last one without its end was cut off and is left out. */
async function* lines(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const chunk of chunks) {
    const parts = (rest + decoder.write(chunk)).split('\n')
    rest = parts.pop() ?? ''
    yield* parts
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
