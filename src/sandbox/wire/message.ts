/** Requests and answers as both transports hand them over, without sockets. */

export interface WireRequest {
  readonly method: string
  /** Still percent-encoded, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export interface WireAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Text, or bytes that are none. */
  readonly body: string | Buffer
  /** The connection ends in the middle of the body. */
  readonly truncated?: boolean
  /** What the body of an AWS answer says, for readers in the same process. */
  readonly output?: object
}

/** An answer that goes on: the transport calls `open` once it has sent the headers. */
export interface StreamAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Starts writing; what it returns stops it when the reader goes away. `cut` breaks the connection off, `end` ends it properly. */
  open(write: (text: string) => void, end: () => void, cut: () => void): () => void
}

/** The connection ends without an answer. */
export const CUT = 'cut'

/** The header values of a request or answer by lower-case name, lists joined. */
export function lowerCaseHeaders(headers: Readonly<Record<string, string | readonly string[] | undefined>>): Record<string, string> {
  const result: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) result[name.toLowerCase()] = typeof value === 'string' ? value : value.join(', ')
  }
  return result
}

/** The first half of a body, of which no more arrives. */
export function firstHalf(body: string | Buffer): Buffer {
  const bytes = Buffer.from(body as string)
  return bytes.subarray(0, Math.floor(bytes.length / 2))
}
