import { expect, it } from 'vitest'
import { MINUTE } from '../../../../src/model/instant.ts'
import type { PodObject } from '../../../../src/sandbox/world/kubernetes/objects.ts'
import { openShipped, scenarioOf } from '../../aws/world-driver.ts'
import { ask, type Connection, IN_PROCESS } from '../transports.ts'

/** The quickstart's world, whose cluster the tests' token is for. */
async function open(...faults: readonly string[]) {
  const world = openShipped('quickstart', { scenarios: faults.length === 0 ? [] : scenarioOf(...faults) })
  const connection = await IN_PROCESS.connect(world)
  const pods = () => world.store.list('Pod') as readonly PodObject[]
  const awsNode = () => pods().find(({ metadata }) => metadata.name.startsWith('aws-node')) as PodObject
  return { world, connection, pods, awsNode }
}

const path = (pod: string, port = 61678, rest = 'metrics') => `/api/v1/namespaces/kube-system/pods/${pod}:${port}/proxy/${rest}`

async function metrics(connection: Connection, pod: string): Promise<Readonly<Record<string, number>>> {
  const { status, text } = await ask(connection, path(pod))
  expect(status).toBe(200)
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(lines.map((line) => [line.split(' ')[0], Number(line.split(' ')[1])]))
}

it('ipamd counts its addresses and interfaces', async () => {
  const { connection, awsNode, pods } = await open()
  const onPodNetwork = pods().filter(({ spec }) => spec?.nodeName === awsNode().spec?.nodeName && !spec?.hostNetwork)
  const seen = await metrics(connection, awsNode().metadata.name)
  expect(seen).toEqual({
    awscni_assigned_ip_addresses: onPodNetwork.length,
    awscni_ec2api_req_count: 0,
    awscni_eni_allocated: 2,
    awscni_eni_max: 3,
    awscni_force_removed_enis: 0,
    awscni_force_removed_ips: 0,
    awscni_ip_max: 27,
    awscni_no_available_ip_addresses: 0,
    awscni_total_ip_addresses: 18,
    awscni_total_ipv4_prefixes: 0,
  })
})

it('is refused where ipamd does not serve, and a port that nobody knows is not simulated', async () => {
  const { world, connection, awsNode } = await open('{ fault: ipam-hang }')
  world.deletePod('kube-system', awsNode().metadata.name, undefined)
  world.timeline.advanceTo(world.timeline.now() + MINUTE)
  const hanging = (world.store.list('Pod') as readonly PodObject[]).find(
    ({ metadata, status }) => metadata.name.startsWith('aws-node') && status?.containerStatuses?.some(({ ready }) => !ready),
  ) as PodObject
  expect(await ask(connection, path(hanging.metadata.name))).toMatchObject({
    status: 503,
    body: {
      reason: 'ServiceUnavailable',
      message: expect.stringMatching(/^error trying to reach service: dial tcp .*:61678: connect: connection refused$/),
    },
  })
  expect((await ask(connection, path(hanging.metadata.name, 8080))).status).toBe(501)
  expect((await ask(connection, path('nonesuch'))).status).toBe(404)
})
