import { type Dispatcher, request } from 'undici'
import type { ErrorCode } from '../../errors/catalogue.ts'
import { SerinError } from '../../errors/serin-error.ts'
import { SECOND } from '../../model/instant.ts'
import type { Messages } from '../../ports/messages.ts'
import { networkFailure } from '../network-error.ts'

const TIMEOUT = 10 * SECOND

/** Notifications by HTTP POST of JSON. The path of a webhook is often its secret, so errors name the host only. */
export function createWebhooks(dispatcher?: Dispatcher): Messages {
  return {
    post: async (url, payload) => {
      const operation = `webhook:${hostOf(url)}`
      const status = await send(url, operation, payload, dispatcher)
      if (status < 200 || status > 299) throw new SerinError(codeOf(status), `${operation}: HTTP ${status}`, { operation, status })
    },
  }
}

async function send(url: string, operation: string, payload: unknown, dispatcher: Dispatcher | undefined): Promise<number> {
  try {
    const answer = await request(url, {
      method: 'POST',
      dispatcher,
      headers: { 'content-type': 'application/json', 'user-agent': 'serin' },
      body: JSON.stringify(payload),
      signal: AbortSignal.timeout(TIMEOUT),
    })
    await answer.body.dump()
    return answer.statusCode
  } catch (error) {
    const code = networkFailure(error) ?? 'no answer'
    throw new SerinError('REMOTE_UNAVAILABLE', `${operation}: ${code}`, { operation, remoteCode: code })
  }
}

function hostOf(url: string): string {
  if (!URL.canParse(url) || !/^https?:/.test(url)) throw new SerinError('REMOTE_REFUSED', 'A webhook address is no http(s) URL')
  return new URL(url).host
}

function codeOf(status: number): ErrorCode {
  if (status === 429) return 'REMOTE_THROTTLED'
  if (status >= 500) return 'REMOTE_UNAVAILABLE'
  return status === 401 || status === 403 ? 'REMOTE_DENIED' : 'REMOTE_REFUSED'
}
