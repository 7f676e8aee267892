import { readFileSync } from 'node:fs'
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling'
import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2'
import { DescribeClusterCommand, EKSClient } from '@aws-sdk/client-eks'
import { request } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import type { StoredObject } from '../../../src/sandbox/contract.ts'
import { openWorld } from '../../../src/sandbox/world/open.ts'
import { eksToken } from './token.ts'
import type { Connection } from './transports.ts'
import { ask, IN_PROCESS, loopbackAt, openWatch, TRANSPORTS } from './transports.ts'

/** What the real clients see of each request fault, on both transports. */

const SMALL = readFileSync(new URL('../../../plans/worlds/small.yaml', import.meta.url), 'utf8').replace(
  'cluster: { name: small',
  'cluster: { name: shop',
)

function worldWith(...faults: readonly string[]) {
  const head = 'apiVersion: serin.dev/v1alpha1\nkind: Scenario\nmetadata: { name: t, summary: t }\nfaults:\n'
  return openWorld({ world: SMALL, scenarios: [{ name: 't', text: head + faults.map((fault) => `  - { ${fault} }\n`).join('') }] })
}

let connection: Connection
afterEach(() => connection.close())

type World = ReturnType<typeof worldWith>

/** The outcome of a call: its error, or `ok` with the milliseconds that it took. */
async function outcome(
  call: () => Promise<unknown>,
): Promise<{ readonly name: string; readonly status?: number | undefined; readonly message: string }> {
  try {
    await call()
    return { name: 'ok', message: '' }
  } catch (error) {
    const { name, message, code, $metadata } = error as Error & { code?: string; $metadata?: { httpStatusCode?: number } }
    return { name: code ?? name, status: $metadata?.httpStatusCode, message }
  }
}

function callsOf(world: World) {
  const eks = new EKSClient(connection.aws)
  const ec2 = new EC2Client(connection.aws)
  const autoScaling = new AutoScalingClient(connection.aws)
  return {
    eks: () => outcome(() => eks.send(new DescribeClusterCommand({ name: world.cluster.name }))),
    ec2: () => outcome(() => ec2.send(new DescribeSubnetsCommand({}))),
    autoscaling: () => outcome(() => autoScaling.send(new DescribeAutoScalingGroupsCommand({}))),
    kubernetes: () =>
      outcome(async () => {
        const authorization = `Bearer ${await eksToken(world.cluster.name)}`
        const { statusCode, body } = await request(`${connection.kubernetesUrl}/api/v1/nodes`, {
          dispatcher: connection.dispatcher,
          headers: { authorization },
        })
        const text = await body.text()
        if (statusCode >= 400) throw Object.assign(new Error(JSON.parse(text).message), { code: JSON.parse(text).reason })
        JSON.parse(text)
      }),
  }
}

const cordon = (world: World, name: string) =>
  world.store.update('Node', undefined, name, (current) => ({ ...current, spec: { ...(current.spec as object), unschedulable: true } }))

const USER = /User: arn:aws:sts::\d+:\S+ is not authorized to perform: /

describe.each(TRANSPORTS)('$title', ({ connect }) => {
  it.each([
    {
      fault: 'fault: throttling',
      eks: { name: 'ThrottlingException', status: 429 },
      ec2: { name: 'RequestLimitExceeded', status: 503 },
      autoscaling: { name: 'Throttling', status: 400 },
      kubernetes: { name: 'TooManyRequests' },
    },
    {
      fault: 'fault: expired-token',
      eks: { name: 'ExpiredTokenException', status: 403 },
      ec2: { name: 'RequestExpired', status: 400 },
      autoscaling: { name: 'ExpiredToken', status: 403 },
      kubernetes: { name: 'Unauthorized' },
    },
    {
      fault: 'fault: forbidden',
      eks: { name: 'AccessDeniedException', status: 403, message: expect.stringMatching(USER) },
      ec2: { name: 'UnauthorizedOperation', status: 403 },
      autoscaling: { name: 'AccessDenied', status: 403 },
      kubernetes: {
        name: 'Forbidden',
        message: expect.stringMatching(/^nodes is forbidden: User "\S+" cannot list resource "nodes" .* at the cluster scope$/),
      },
    },
    {
      fault: 'fault: truncated',
      eks: { name: 'ECONNRESET' },
      ec2: { name: 'ECONNRESET' },
      autoscaling: { name: 'ECONNRESET' },
      kubernetes: { name: 'UND_ERR_SOCKET' },
    },
    {
      fault: 'fault: clock-skew, by: 20m',
      eks: {
        name: 'InvalidSignatureException',
        status: 403,
        message: expect.stringMatching(/^Signature expired: \d{8}T\d{6}Z is now earlier than .* - 5 min\.\)$/),
      },
      ec2: { name: 'RequestExpired', status: 400 },
      autoscaling: { name: 'SignatureDoesNotMatch', status: 403 },
      kubernetes: { name: 'Unauthorized' },
    },
    {
      fault: 'fault: conflict-storm',
      eks: { name: 'ok' },
      ec2: { name: 'ok' },
      autoscaling: { name: 'ok' },
      kubernetes: { name: 'ok' },
    },
  ])('$fault', async ({ fault, ...wanted }) => {
    const world = worldWith(fault)
    connection = await connect(world)
    const calls = callsOf(world)
    const seen = {
      eks: await calls.eks(),
      ec2: await calls.ec2(),
      autoscaling: await calls.autoscaling(),
      kubernetes: await calls.kubernetes(),
    }
    expect(seen).toMatchObject(wanted)
  })

  it('clock-skew: the second signature of a client is right, since it learns the time', async () => {
    const world = worldWith('fault: clock-skew, by: 10m, server: behind')
    connection = await connect(world)
    const { eks, kubernetes } = callsOf(world)
    expect([await eks(), await eks(), await kubernetes()].map(({ name }) => name)).toEqual(['InvalidSignatureException', 'ok', 'ok'])
  })

  it('conflict-storm: a patch is refused in the words of the API server', async () => {
    connection = await connect(worldWith('fault: conflict-storm'))
    const node = (await ask(connection, '/api/v1/nodes?limit=1')).body.items?.[0]?.metadata?.name
    const headers = { 'content-type': 'application/merge-patch+json' }
    expect(await ask(connection, `/api/v1/nodes/${node}`, { method: 'PATCH', body: {}, headers })).toMatchObject({
      status: 409,
      body: {
        reason: 'Conflict',
        message: expect.stringMatching(/^Operation cannot be fulfilled on nodes "\S+": the object has been modified;/),
      },
    })
  })

  it.each([
    { title: 'breaks off after its lines', fate: 'cut', halves: 0 },
    { title: 'breaks off within the line after them', fate: 'cut-within', halves: 1 },
  ])('cut-watch: $title, and what arrived before is read', async ({ fate, halves }) => {
    const world = worldWith(`fault: cut-watch, lines: 4, fate: ${fate}`)
    connection = await connect(world)
    const watch = await openWatch(connection, `/api/v1/nodes?watch=true&resourceVersion=${world.store.version()}`)
    for (const { metadata } of world.store.list('Node')) cordon(world, metadata.name)
    for (const _line of [1, 2, 3, 4]) expect((await watch.next())?.type).toBe('MODIFIED')
    await expect(watch.next()).rejects.toThrow()
    expect(watch.rest()).toMatch(halves === 1 ? /^\{"type":"MODIFIED","object":.*[^}\n]$/ : /^$/)
  })

  it('latency: the answer comes after the delay, and time passes meanwhile', async () => {
    const world = worldWith('fault: latency, delay: 250ms')
    connection = await connect(world)
    const before = world.timeline.now()
    const { eks, kubernetes } = callsOf(world)
    expect([await eks(), await kubernetes()].map(({ name }) => name)).toEqual(['ok', 'ok'])
    expect(world.timeline.now() - before).toBeGreaterThanOrEqual(450)
  })
})

describe('in process', () => {
  it('stale-read: lists and reads show what was, writes meet what is', async () => {
    const world = worldWith('fault: stale-read, lag: 30s')
    connection = await IN_PROCESS.connect(world)
    const [first, second] = world.store.list('Node').map(({ metadata }) => metadata.name)
    world.timeline.advanceTo(world.timeline.now() + 60_000)
    const version = String(world.store.version())
    cordon(world, first ?? '')
    world.store.remove('Node', undefined, second ?? '')
    const seen = async () => {
      const { body } = await ask(connection, '/api/v1/nodes?fieldSelector=spec.unschedulable%3Dfalse')
      return { names: body.items?.map(({ metadata }) => metadata?.name), version: body.metadata?.resourceVersion }
    }
    const stale = await seen()
    expect(stale).toMatchObject({ names: expect.arrayContaining([first, second]), version })
    expect((await ask(connection, `/api/v1/nodes/${second}`)).status).toBe(200)
    expect((await ask(connection, `/api/v1/nodes?resourceVersion=${world.store.version()}`)).status).toBe(504)
    world.timeline.advanceTo(world.timeline.now() + 31_000)
    expect((await seen()).names).not.toEqual(expect.arrayContaining([first]))
    expect((await ask(connection, `/api/v1/nodes/${second}`)).status).toBe(404)
  })

  it('stale-read: a watch tells each change so much later', async () => {
    const world = worldWith('fault: stale-read, lag: 30s')
    connection = await IN_PROCESS.connect(world)
    const [name] = world.store.list('Node').map(({ metadata }) => metadata.name)
    const watch = await openWatch(connection, `/api/v1/nodes?watch=true&resourceVersion=${world.store.version()}`)
    let told = false
    const next = watch.next().then(() => {
      told = true
    })
    cordon(world, name ?? '')
    world.timeline.advanceTo(world.timeline.now() + 29_000)
    await new Promise((resolve) => setImmediate(resolve))
    expect(told).toBe(false)
    world.timeline.advanceTo(world.timeline.now() + 2_000)
    await next
    watch.stop()
  })

  it('stale-read: a watch tells the changes of one instant in their order', async () => {
    const world = worldWith('fault: stale-read, lag: 30s')
    connection = await IN_PROCESS.connect(world)
    const [name = ''] = world.store.list('Node').map(({ metadata }) => metadata.name)
    const path = `/api/v1/nodes?watch=true&fieldSelector=metadata.name%3D${name}&resourceVersion=${world.store.version()}`
    const watch = await openWatch(connection, path)
    const label = (n: number) => (current: StoredObject) => ({ ...current, metadata: { ...current.metadata, labels: { n: `${n}` } } })
    const made = Array.from({ length: 15 }, (_, n) => world.store.update('Node', undefined, name, label(n)).metadata.resourceVersion)
    world.timeline.advanceTo(world.timeline.now() + 30_000)
    const told: (string | undefined)[] = []
    for (const _ of made) told.push((await watch.next())?.object.metadata?.resourceVersion)
    expect(told).toEqual(made)
    watch.stop()
  })

  it('cut-watch: one that falls silent says nothing more and stays open', async () => {
    const world = worldWith('fault: cut-watch, lines: 0, fate: silent')
    connection = await IN_PROCESS.connect(world)
    const watch = await openWatch(connection, '/api/v1/nodes?watch=true&timeoutSeconds=5')
    let heard = false
    void watch.next().then(
      () => {
        heard = true
      },
      () => {
        heard = true
      },
    )
    world.timeline.advanceTo(world.timeline.now() + 60_000)
    await new Promise((resolve) => setImmediate(resolve))
    expect(heard).toBe(false)
    watch.stop()
  })
})

describe('served faster than real time', () => {
  it('stale-read: a watch lags in the seconds of the world, as lists do', async () => {
    const world = worldWith('fault: stale-read, lag: 30s')
    connection = await loopbackAt(100).connect(world)
    const [name = ''] = world.store.list('Node').map(({ metadata }) => metadata.name)
    const path = `/api/v1/nodes?watch=true&fieldSelector=metadata.name%3D${name}&resourceVersion=${world.store.version()}`
    const watch = await openWatch(connection, path)
    const before = world.timeline.now()
    cordon(world, name)
    expect(await watch.next()).toMatchObject({ object: { spec: { unschedulable: true } } })
    expect(world.timeline.now() - before).toBeGreaterThanOrEqual(30_000)
    watch.stop()
  })
})
