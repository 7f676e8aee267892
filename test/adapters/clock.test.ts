import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { parseClockRule, refuseUnlessLoopback, ruledClock, sandboxClock } from '../../src/adapters/clock/sandbox-clock.ts'
import { wallClock } from '../../src/adapters/clock/wall-clock.ts'
import { rejection } from './support/rejection.ts'

let server: Server | undefined
afterEach(() => {
  server?.close()
  server = undefined
})

async function serving(status: number, body: string): Promise<string> {
  server = createServer((request, response) => {
    response.writeHead(request.url === '/.well-known/serin-sandbox' ? status : 404).end(body)
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('the rule', () => {
  it('maps real time to virtual time', () => {
    let real = 1_000_000
    const clock = ruledClock(parseClockRule('500,1000000,60'), () => real)
    expect(clock.now()).toBe(500)
    real += 1_000
    expect(clock.now()).toBe(60_500)
  })

  it.each(['', '1,2', '1,2,3,4', 'a,b,c', '1,2,0', '1,2,-3', '1,,3'])("is refused when it is '%s'", (text) => {
    expect(() => parseClockRule(text)).toThrow(expect.objectContaining({ code: 'SANDBOX_CLOCK' }))
  })
})

describe('the offer of a simulated clock', () => {
  const identity = JSON.stringify({ sandbox: 'serin', world: 'quickstart', seed: 7, scenarios: ['ipam-hang'] })

  it('is taken when the sandbox says what it is, and sleeps shrink by its speed', async () => {
    const endpoint = await serving(200, identity)
    const { clock, identity: said } = await sandboxClock({ rule: `0,${Date.now()},36000`, awsEndpoints: [endpoint] })
    expect(said).toEqual({ world: 'quickstart', seed: 7, scenarios: ['ipam-hang'], speed: 36_000 })
    const began = Date.now()
    await clock.sleepUntil(clock.now() + 3_600_000)
    expect(Date.now() - began).toBeLessThan(2_000)
    expect(clock.now()).toBeGreaterThanOrEqual(3_600_000)
  })

  it.each([
    ['something else answers', 200, '{"sandbox":"other"}'],
    ['it answers HTML', 200, '<html></html>'],
    ['it is not there', 404, '{}'],
  ])('is refused when %s', async (_title, status, body) => {
    const endpoint = await serving(status, body)
    expect(await rejection(sandboxClock({ rule: '0,0,60', awsEndpoints: [endpoint] }))).toMatchObject({ code: 'SANDBOX_CLOCK', exit: 2 })
  })

  it.each([
    ['no endpoint is set', []],
    ['one endpoint is the real AWS', ['http://127.0.0.1:1', 'https://eks.eu-central-1.amazonaws.com']],
  ])('is refused, and nothing is asked, when %s', async (_title, awsEndpoints) => {
    expect(await rejection(sandboxClock({ rule: '0,0,60', awsEndpoints }))).toMatchObject({ code: 'SANDBOX_CLOCK' })
  })

  it.each([
    ['https://127.0.0.1:6443', true],
    ['https://localhost:6443', true],
    ['https://[::1]:6443', true],
    ['https://127.0.0.1.example.com', false],
    ['https://localhost.example.com', false],
    ['https://10.0.0.1', false],
    ['https://ABC.gr7.eu-central-1.eks.amazonaws.com', false],
    ['', false],
  ])('an API server at %s is on this machine: %s', (endpoint, here) => {
    const refused = (): void => refuseUnlessLoopback(endpoint)
    if (here) expect(refused).not.toThrow()
    else expect(refused).toThrow(expect.objectContaining({ code: 'SANDBOX_CLOCK' }))
  })
})

describe('the wall clock', () => {
  it('sleeps until the instant, and not at all when it has passed', async () => {
    const clock = wallClock()
    const until = clock.now() + 30
    await clock.sleepUntil(until)
    expect(clock.now()).toBeGreaterThanOrEqual(until)
    await clock.sleepUntil(until - 1_000)
  })

  it('wakes as soon as the signal is aborted, without rejecting', async () => {
    const clock = wallClock()
    const controller = new AbortController()
    const asleep = clock.sleepUntil(clock.now() + 3_600_000, controller.signal)
    controller.abort()
    await asleep
    await clock.sleepUntil(clock.now() + 3_600_000, controller.signal)
  })
})
