import { DescribeNodegroupCommand, EKSClient } from '@aws-sdk/client-eks'
import { Agent, request } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import type { World } from '../../src/sandbox/contract.ts'
import type { ServedWorld, ServeOptions } from '../../src/sandbox/serve.ts'
import { serveWorld } from '../../src/sandbox/serve.ts'
import { SANDBOX_CREDENTIALS } from '../../src/sandbox/wire/credentials.ts'
import { NO_FAULTS, node, START, tinyWorld } from './wire/tiny-world.ts'
import { openWatch } from './wire/transports.ts'

let served: ServedWorld
let agent: Agent

async function serve(world: World, options: ServeOptions) {
  served = await serveWorld(world, options)
  agent = new Agent({ connect: { ca: Buffer.from(served.caData, 'base64').toString() } })
}

afterEach(async () => {
  await agent.destroy()
  await served.close()
})

const eks = () => new EKSClient({ region: 'eu-west-1', maxAttempts: 1, endpoint: served.awsUrl, credentials: SANDBOX_CREDENTIALS })
const describeGroup = new DescribeNodegroupCommand({ clusterName: 'shop', nodegroupName: 'a' })

describe('a served world', () => {
  it('says that it is one, of which seed, and by which rule its clock goes', async () => {
    await serve(tinyWorld(), { speed: 60 })
    const { body } = await request(`${served.awsUrl}/.well-known/serin-sandbox`)
    expect(await body.json()).toEqual({ sandbox: 'serin', world: 'tiny', seed: 1, scenarios: [], clock: served.clock })
    expect(served.clock).toMatch(new RegExp(`^${START},\\d+,60$`))
  })

  it('tells the world where its API server is', async () => {
    const told: string[] = []
    await serve(tinyWorld({ setApiServer: (...where) => told.push(...where) }), {})
    expect(told).toEqual([served.kubernetesUrl, served.caData])
  })

  it('moves the world to the virtual now before it answers', async () => {
    const world = tinyWorld({ eks: { DescribeNodegroup: () => ({ nodegroup: { createdAt: new Date(world.timeline.now()) } }) } })
    await serve(world, { speed: 1_000_000 })
    const first = (await eks().send(describeGroup)).nodegroup?.createdAt?.getTime() ?? 0
    const second = (await eks().send(describeGroup)).nodegroup?.createdAt?.getTime() ?? 0
    expect(first).toBeGreaterThan(START)
    expect(second).toBeGreaterThan(first)
  })

  it('lets watches flow when nobody asks anything', async () => {
    const world = tinyWorld({ objects: [node('n1')] })
    await serve(world, { speed: 1000 })
    const connection = { aws: {}, kubernetesUrl: served.kubernetesUrl, dispatcher: agent, async close() {} }
    const watch = await openWatch(connection, '/api/v1/nodes?watch=true&resourceVersion=1&allowWatchBookmarks=true')
    world.timeline.after(60_000, 'cordon', () =>
      world.store.update('Node', undefined, 'n1', (current) => ({ ...current, spec: { unschedulable: true } })),
    )
    world.timeline.after(120_000, 'pod', () =>
      world.store.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'x' } }),
    )
    expect(await watch.next()).toMatchObject({ type: 'MODIFIED', object: { metadata: { name: 'n1', resourceVersion: '2' } } })
    expect(await watch.next()).toMatchObject({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '3' } } })
    watch.stop()
  })

  it('writes one line for each request it received', async () => {
    const lines: string[] = []
    await serve(tinyWorld({ eks: { DescribeNodegroup: () => ({ nodegroup: {} }) } }), { audit: (line) => lines.push(line) })
    await eks().send(describeGroup)
    await request(`${served.kubernetesUrl}/api/v1/namespaces/shop/pods/x`, { dispatcher: agent })
    const time = expect.stringMatching(/^2026-01-05T08:00:0\d\.\d{3}Z$/)
    const requestId = expect.any(String)
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { time, service: 'eks', operation: 'DescribeNodegroup', resource: 'a', status: 200, requestId },
      { time, service: 'kubernetes', operation: 'get', resource: 'pods/shop/x', status: 401, requestId },
    ])
  })

  it('cuts the connection when a fault says so', async () => {
    await serve(tinyWorld({ faults: { ...NO_FAULTS, onRequest: () => ({ kind: 'cut', when: 'before' }) } }), {})
    await expect(eks().send(describeGroup)).rejects.toMatchObject({ code: 'ECONNRESET' })
    await expect(request(`${served.kubernetesUrl}/version`, { dispatcher: agent })).rejects.toThrow()
  })

  it('answers its own defects with 500 and their words', async () => {
    await serve(
      tinyWorld({
        eks: {
          DescribeNodegroup() {
            throw new TypeError('a bug')
          },
        },
      }),
      {},
    )
    await expect(eks().send(describeGroup)).rejects.toMatchObject({
      message: expect.stringContaining('TypeError: a bug'),
      $metadata: { httpStatusCode: 500 },
    })
  })
})
