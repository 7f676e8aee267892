import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { SecureContext } from 'node:tls'
import { createSecureContext } from 'node:tls'
import type { Authority } from './wire/certificates.ts'

export interface Proxy {
  readonly url: string
  close(): Promise<void>
}

const LOOPBACK = '127.0.0.1'
const REFUSAL = 'outside the sandbox\n'

/**
 * A CONNECT proxy that plays every AWS endpoint and lets nothing else through. AWS CLIs before 2.13 do not know
 * `AWS_ENDPOINT_URL` and would go to the real AWS; they do know proxies.
 */
export async function openProxy(authority: Authority, awsListener: RequestListener): Promise<Proxy> {
  const terminator = createHttpsServer({ SNICallback: contextSource(authority) }, awsListener)
  const proxy = createServer((request, response) => plain(request, response, awsListener))
  proxy.on('connect', (request: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => socket.destroy())
    if (!isAws(hostOf(request.url ?? ''))) {
      socket.end(`HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain\r\ncontent-length: ${REFUSAL.length}\r\n\r\n${REFUSAL}`)
      return
    }
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
    terminator.emit('connection', socket)
  })
  await new Promise<void>((resolve, reject) => {
    proxy.once('error', reject)
    proxy.listen(0, LOOPBACK, resolve)
  })
  return {
    url: `http://${LOOPBACK}:${(proxy.address() as AddressInfo).port}`,
    close() {
      terminator.closeAllConnections()
      proxy.closeAllConnections()
      return new Promise((resolve) => proxy.close(() => resolve()))
    },
  }
}

/** Requests to http addresses carry the whole address in their line. */
function plain(request: IncomingMessage, response: ServerResponse, awsListener: RequestListener): void {
  const address = request.url ?? ''
  if (URL.canParse(address) && isAws(new URL(address).hostname)) {
    awsListener(request, response)
    return
  }
  response.writeHead(403, { 'content-type': 'text/plain' })
  response.end(REFUSAL)
}

function hostOf(authority: string): string {
  return authority.replace(/:\d+$/, '')
}

function isAws(host: string): boolean {
  return /(^|\.)(amazonaws\.com|amazonaws\.com\.cn|api\.aws)$/.test(host)
}

type SecureContextCallback = (error: Error | null, context?: SecureContext) => void

/** A certificate for each name asked, made once. */
function contextSource(authority: Authority): (name: string, done: SecureContextCallback) => void {
  const contexts = new Map<string, Promise<SecureContext>>()
  const make = async (name: string): Promise<SecureContext> => {
    const { certificate, key } = await authority.issue([name])
    return createSecureContext({ cert: certificate, key })
  }
  return (name, done) => {
    const context = contexts.get(name) ?? make(name)
    contexts.set(name, context)
    context.then(
      (made) => done(null, made),
      (error: Error) => done(error),
    )
  }
}
