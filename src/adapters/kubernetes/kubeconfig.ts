import type { RequestOptions } from 'node:https'
import { Agent, type Dispatcher } from 'undici'
import { SerinError } from '../../errors/serin-error.ts'
import type { ConnectionSettings } from './connection.ts'

/**
 * The API server of a kubeconfig context, with its credentials (exec plugins included).
 * The client package is loaded only here: it costs about 0.4 s and 100 MB.
 */
export async function fromKubeconfig(context: string, dispatcher?: Dispatcher): Promise<ConnectionSettings> {
  const { KubeConfig } = await import('@kubernetes/client-node')
  const config = new KubeConfig()
  config.loadFromDefault()
  if (config.getContextObject(context) === null) {
    const known = config.getContexts().map(({ name }) => name)
    throw new SerinError('USAGE', `The kubeconfig has no context '${context}'; it has ${known.join(', ') || 'none'}`)
  }
  config.setCurrentContext(context)
  const server = config.getCurrentCluster()
  if (server === null) throw new SerinError('USAGE', `The kubeconfig context '${context}' names no cluster`)
  const authenticate = async (): Promise<RequestOptions> => {
    const options: RequestOptions = {}
    await config.applyToHTTPSOptions(options)
    return options
  }
  const { ca, cert, key, rejectUnauthorized, servername } = await authenticate()
  return {
    endpoint: server.server,
    certificateAuthorityData: server.caData ?? (ca === undefined ? undefined : Buffer.from(String(ca)).toString('base64')),
    dispatcher: dispatcher ?? new Agent({ connect: { ca, cert, key, rejectUnauthorized, servername, timeout: 10_000 } }),
    headers: async () => headersOf(await authenticate()),
  }
}

function headersOf({ headers, auth }: RequestOptions): Readonly<Record<string, string>> {
  const basic: Record<string, string> = auth ? { authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : {}
  const given = Array.isArray(headers) || headers === undefined ? [] : Object.entries(headers)
  return { ...basic, ...Object.fromEntries(given.map(([name, value]) => [name.toLowerCase(), String(value)])) }
}
