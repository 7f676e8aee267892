import { DescribeNodegroupCommand, EKSClient } from '@aws-sdk/client-eks'
import { request } from 'undici'
import { describe, expect, it } from 'vitest'
import { connectInProcess } from '../../../src/sandbox/in-process.ts'
import { node, pod, START, tinyWorld } from './tiny-world.ts'
import { eksToken } from './token.ts'

const objects = [node('n1'), node('n2'), pod('web-0', 'n1'), pod('web-1', 'n2')]

describe('a world in the same process', () => {
  it('answers an SDK client', async () => {
    const world = tinyWorld({
      eks: { DescribeNodegroup: (input) => ({ nodegroup: { nodegroupName: String(input.nodegroupName), createdAt: new Date(START) } }) },
    })
    const { transport } = connectInProcess(world, { strict: true })
    const client = new EKSClient({
      region: 'eu-west-1',
      endpoint: transport.awsEndpoint,
      credentials: transport.awsCredentials,
      requestHandler: transport.awsRequestHandler,
      maxAttempts: 1,
    })
    const answer = await client.send(new DescribeNodegroupCommand({ clusterName: 'shop', nodegroupName: 'ng a/b' }))
    expect(answer.nodegroup).toEqual({ nodegroupName: 'ng a/b', createdAt: new Date(START) })
    expect(answer.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('lists, watches and sleeps', async () => {
    const world = tinyWorld({ objects })
    const { transport, clock, settle } = connectInProcess(world)
    const headers = { authorization: `Bearer ${await eksToken('shop')}` }
    const list = await request('https://kubernetes.sandbox.invalid/api/v1/pods?fieldSelector=spec.nodeName%3Dn1', {
      dispatcher: transport.dispatcher,
      headers,
    })
    const body = (await list.body.json()) as { items: { metadata: { name: string } }[]; metadata: { resourceVersion: string } }
    expect(body.items.map((item) => item.metadata.name)).toEqual(['web-0'])

    const watch = await request(
      `https://kubernetes.sandbox.invalid/api/v1/nodes?watch=true&allowWatchBookmarks=true&resourceVersion=${body.metadata.resourceVersion}`,
      { dispatcher: transport.dispatcher, headers },
    )
    const seen: string[] = []
    let reachedVersion = 0
    const reading = (async () => {
      for await (const chunk of watch.body) {
        for (const line of String(chunk).trim().split('\n')) {
          const event = JSON.parse(line)
          seen.push(`${event.type} ${event.object.metadata.name ?? ''}`)
          reachedVersion = Number(event.object.metadata.resourceVersion)
        }
      }
    })()
    settle({
      async reached(version) {
        while (reachedVersion < version) await new Promise((resolve) => setImmediate(resolve))
      },
    })
    world.timeline.at(START + 30_000, 'cordon', () => {
      world.store.update('Node', undefined, 'n2', (current) => ({ ...current, spec: { unschedulable: true } }))
      world.store.remove('Pod', 'shop', 'web-1')
    })
    await clock.sleepUntil(START + 60_000)
    expect(clock.now()).toBe(START + 60_000)
    expect(seen).toEqual(['MODIFIED n2', 'BOOKMARK '])
    watch.body.destroy()
    await reading.catch(() => {})
  })
})
