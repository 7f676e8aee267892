import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { createWebhooks } from '../../src/adapters/messages/webhook.ts'
import { rejection } from './support/rejection.ts'

let server: Server | undefined
afterEach(() => {
  server?.close()
})

async function hook(status: number) {
  const bodies: string[] = []
  server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    bodies.push(`${request.method} ${request.headers['content-type']} ${body}`)
    response.writeHead(status).end()
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  return { bodies, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/s3cr3t` }
}

it('posts JSON', async () => {
  const { bodies, url } = await hook(204)
  await createWebhooks().post(url, { event: 'held' })
  expect(bodies).toEqual(['POST application/json {"event":"held"}'])
})

it.each([
  [429, 'REMOTE_THROTTLED'],
  [500, 'REMOTE_UNAVAILABLE'],
  [403, 'REMOTE_DENIED'],
  [404, 'REMOTE_REFUSED'],
])('says when it is answered %i, without the secret in its path', async (status, code) => {
  const { url } = await hook(status)
  const error = await rejection(createWebhooks().post(url, {}))
  expect(error.code).toBe(code)
  expect(JSON.stringify([error.message, error.details])).not.toContain('s3cr3t')
})

it.each([
  ['http://127.0.0.1:1/s3cr3t', 'REMOTE_UNAVAILABLE'],
  ['file:///etc/passwd', 'REMOTE_REFUSED'],
  ['s3cr3t', 'REMOTE_REFUSED'],
])('says when nobody can be reached at %s', async (url, code) => {
  const error = await rejection(createWebhooks().post(url, {}))
  expect(error.code).toBe(code)
  expect(error.message).not.toContain('s3cr3t')
})
