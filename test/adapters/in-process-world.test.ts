import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { connectCluster } from '../../src/adapters/connect.ts'
import { captureSnapshot } from '../../src/engine/capture.ts'
import { HOUR } from '../../src/model/instant.ts'
import { objectsOf } from '../../src/model/snapshot.ts'
import { RESOURCES } from '../../src/ports/kubernetes.ts'
import type { RunPorts } from '../../src/ports/ports.ts'
import { connectInProcess } from '../../src/sandbox/in-process.ts'
import { openWorld } from '../../src/sandbox/world/open.ts'

const WORLD = readFileSync(new URL('../../plans/worlds/quickstart.yaml', import.meta.url), 'utf8')

let folder: string | undefined
let ports: RunPorts | undefined
afterEach(async () => {
  await ports?.caches.stop()
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
})

async function connected() {
  const world = openWorld({ world: WORLD, scenarios: [] })
  const { transport, clock, settle } = connectInProcess(world)
  folder = mkdtempSync(join(tmpdir(), 'serin-world-'))
  ports = await connectCluster({
    cluster: world.cluster.name,
    region: world.cluster.region,
    identity: 'rehearsal',
    runFolder: folder,
    transport,
    clock,
  })
  return { world, ports, settle }
}

it('a simulated cluster is read whole through the real clients', async () => {
  const { world, ports } = await connected()
  const snapshot = await captureSnapshot(ports, world.cluster.name)
  expect(snapshot.unavailable).toEqual([])
  expect(snapshot.aws.callerIdentity?.Account).toBe(world.cluster.accountId)
  expect(snapshot.aws.nodegroups?.length).toBeGreaterThan(1)
  expect(snapshot.aws.autoScalingGroups).toHaveLength(snapshot.aws.nodegroups?.length ?? 0)
  expect(objectsOf(snapshot, 'Node')).toHaveLength(world.store.list('Node').length)
  expect(snapshot.kubernetes.server?.version).toMatch(/^v1\.\d+/)
})

it('caches follow it through hours of virtual time without ever being in doubt', async () => {
  const { world, ports, settle } = await connected()
  await ports.caches.start()
  const release = settle(ports.caches)
  for (let hour = 0; hour < 5; hour += 1) {
    await ports.clock.sleepUntil(ports.clock.now() + HOUR)
    expect(ports.caches.unavailable()).toEqual([])
  }
  world.deletePod(
    'kube-system',
    world.store.list('Pod').find(({ metadata }) => metadata.name.startsWith('aws-node'))?.metadata.name ?? '',
    0,
  )
  await ports.clock.sleepUntil(ports.clock.now() + HOUR)
  const versions = (objects: readonly { metadata: { name: string; resourceVersion?: string } }[]) =>
    objects.map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`).sort()
  expect(versions(ports.caches.items(RESOURCES.pods))).toEqual(versions(world.store.list('Pod')))
  release()
})

it('its API server keeps the Lease and the open-run record as a real one does', async () => {
  const { ports } = await connected()
  expect(await ports.lease.acquire('run-1')).toMatchObject({ identity: 'rehearsal', run: 'run-1' })
  await ports.clock.sleepUntil(ports.clock.now() + HOUR)
  expect(ports.lease.status()).toBe('unknown')
  await ports.lease.renew()
  expect(ports.lease.status()).toBe('held')
  const at = ports.clock.now()
  const record = {
    run: 'run-1',
    status: 'open' as const,
    plan: 'p',
    digest: 'd',
    openedAt: at,
    updatedAt: at,
    openedBy: 'lena',
    sequence: 1,
    itinerary: '{}',
    state: '{}',
    requests: [],
  }
  await ports.records.write(record)
  await ports.records.request({ id: 'r1', kind: 'hold', by: 'omar', at })
  await ports.records.write({ ...record, sequence: 2 })
  expect(await ports.records.read()).toMatchObject({ sequence: 2, requests: [{ id: 'r1' }] })
  await ports.lease.release()
  expect(await ports.lease.holder()).toBeUndefined()
})
