import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the server answers with. */
export interface Served {
  /** The Prometheus text. */
  readonly metrics: () => string
  /** Undefined while all is well, else why not. */
  readonly ailment: () => string | undefined
}

export interface MetricsServer {
  readonly address: string
  /** Answers what was asked, then closes. */
  close(): Promise<void>
}

const TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** Serves `/metrics` and `/healthz` over HTTP. Port 0 takes any free one. Throws when the address cannot be had. */
export async function serveMetrics(host: string, port: number, served: Served): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    const [code, text] = answer(request.method ?? '', request.url ?? '', served)
    response.writeHead(code, { 'content-type': TYPE })
    response.end(request.method === 'HEAD' ? '' : text)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const { address, port: taken, family } = server.address() as AddressInfo
  return { address: family === 'IPv6' ? `http://[${address}]:${taken}` : `http://${address}:${taken}`, close: () => closed(server) }
}

function answer(method: string, url: string, { metrics, ailment }: Served): readonly [number, string] {
  if (method !== 'GET' && method !== 'HEAD') return [405, 'Only GET is answered here.\n']
  const path = url.split('?')[0]
  if (path === '/metrics') return [200, metrics()]
  if (path !== '/healthz') return [404, 'There are /metrics and /healthz.\n']
  const reason = ailment()
  return reason === undefined ? [200, 'ok\n'] : [503, `${reason}\n`]
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeIdleConnections()
  })
}
