import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { StreamAnswer, WireAnswer, WireRequest } from './message.ts'
import { CUT, firstHalf, lowerCaseHeaders } from './message.ts'

type Answer = WireAnswer | StreamAnswer | typeof CUT

/** Serves what `answer` says over HTTP. An error it throws is a defect of the sandbox and answered as 500 with its words. */
export function httpListener(answer: (request: WireRequest) => Promise<Answer>): RequestListener {
  return (request, response) => {
    void serve(request, response, answer)
  }
}

async function serve(
  incoming: IncomingMessage,
  response: ServerResponse,
  answer: (request: WireRequest) => Promise<Answer>,
): Promise<void> {
  try {
    send(response, await answer(await wireRequest(incoming)))
  } catch (error) {
    const message = `defect of the sandbox: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
    if (!response.headersSent) response.writeHead(500, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ message }))
  }
}

async function wireRequest(incoming: IncomingMessage): Promise<WireRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://sandbox.invalid')
  return {
    method: incoming.method ?? 'GET',
    path: pathname,
    query: searchParams,
    headers: lowerCaseHeaders(incoming.headers),
    body: Buffer.concat(chunks),
  }
}

function send(response: ServerResponse, answer: Answer): void {
  if (answer === CUT) {
    response.destroy()
    return
  }
  if ('open' in answer) {
    sendStream(response, answer)
    return
  }
  response.writeHead(answer.status, { ...answer.headers, 'content-length': Buffer.byteLength(answer.body) })
  if (answer.truncated === true) response.write(firstHalf(answer.body), () => response.destroy())
  else response.end(answer.body)
}

/**
 * The headers of a watch go out at once: kubectl waits for them before it reads the list it already has. One that is cut has sent first
 * what was written.
 */
function sendStream(response: ServerResponse, answer: StreamAnswer): void {
  response.writeHead(answer.status, { ...answer.headers })
  response.flushHeaders()
  const stop = answer.open(
    (text) => response.write(text),
    () => response.end(),
    () => response.write('', () => response.destroy()),
  )
  response.on('close', stop)
}
