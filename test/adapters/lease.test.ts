import { describe, expect, it } from 'vitest'
import { createLease, LEASE_DURATION } from '../../src/adapters/lease/lease.ts'
import { MINUTE, SECOND } from '../../src/model/instant.ts'
import { RESOURCES } from '../../src/ports/kubernetes.ts'
import { fakeClock } from './support/fake-clock.ts'
import { memoryKubernetes } from './support/memory-kubernetes.ts'
import { rejection } from './support/rejection.ts'

function cluster() {
  const memory = memoryKubernetes()
  const clock = fakeClock()
  const lease = (identity: string, monotonic?: () => number) => createLease({ kubernetes: memory.kubernetes, clock, identity, monotonic })
  return { ...memory, clock, lease }
}

describe('taking', () => {
  it('makes the Lease, with times of exactly six digits', async () => {
    const { lease, only } = cluster()
    const holder = await lease('lena').acquire('run-1')
    expect(holder).toMatchObject({ identity: 'lena', run: 'run-1', transitions: 0, since: Date.parse('2026-11-23T10:00:00Z') })
    expect(only()).toMatchObject({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'serin', namespace: 'kube-system', annotations: { 'serin.dev/run': 'run-1' } },
      spec: {
        holderIdentity: 'lena',
        leaseDurationSeconds: 30,
        acquireTime: '2026-11-23T10:00:00.000000Z',
        renewTime: '2026-11-23T10:00:00.000000Z',
        leaseTransitions: 0,
      },
    })
  })

  it('is refused while another process renews, saying who, since when, which run and how to look', async () => {
    const { lease, clock } = cluster()
    const other = lease('lena (laptop, process 7, 3f2a)')
    await other.acquire('run-1')
    clock.advance(5 * MINUTE)
    clock.whileAsleep = () => other.renew()
    const error = await rejection(lease('omar').acquire('run-2'))
    expect(error).toMatchObject({ code: 'RUN_LOCKED', exit: 50 })
    expect(error.message).toBe(
      'Run run-1 is driven by lena (laptop, process 7, 3f2a) since 2026-11-23T10:00:00.000Z (5m03s); look with: serin status',
    )
    expect(other.status()).toBe('held')
  })

  it('waits out a Lease that nobody renews, for its whole duration, then counts up', async () => {
    const { lease, clock } = cluster()
    await lease('dead').acquire('run-1')
    const began = clock.now()
    const holder = await lease('lena').acquire('run-1')
    expect(clock.now() - began).toBeGreaterThanOrEqual(LEASE_DURATION)
    expect(holder).toMatchObject({ identity: 'lena', transitions: 1 })
  })

  it('believes no clock but its own: a holder whose clock is an hour behind is alive while it renews', async () => {
    const { lease, clock, kubernetes, only } = cluster()
    await lease('behind').acquire('run-1')
    clock.advance(60 * MINUTE)
    let second = 0
    clock.whileAsleep = async () => {
      second += 1
      const stored = only()
      await kubernetes.replace(RESOURCES.leases, {
        ...stored,
        spec: { ...(stored.spec as object), renewTime: `2026-11-23T10:00:0${second}.000000Z` },
      } as never)
    }
    expect(await rejection(lease('omar').acquire('run-2'))).toMatchObject({ code: 'RUN_LOCKED' })
  })
})

describe('taking what is free, or wanted by two', () => {
  it('takes a released Lease at once, and counts up', async () => {
    const { lease, clock } = cluster()
    const first = lease('lena')
    await first.acquire('run-1')
    await first.release()
    expect(await first.holder()).toBeUndefined()
    expect(await lease('omar').acquire('run-1')).toMatchObject({ identity: 'omar', transitions: 1 })
    expect(clock.slept).toEqual([])
  })

  it('goes to one of two that want it at once', async () => {
    const { lease, clock } = cluster()
    const [a, b] = [lease('a'), lease('b')]
    clock.whileAsleep = async () => {
      await a.renew()
      await b.renew()
    }
    const results = await Promise.allSettled([a.acquire('run-1'), b.acquire('run-1')])
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'RUN_LOCKED' } })
  })

  it('looks again when the answer to its own write was lost', async () => {
    const { lease, failNext } = cluster()
    failNext('create', true)
    expect(await lease('lena').acquire('run-1')).toMatchObject({ identity: 'lena' })
  })
})

describe('holding', () => {
  it.each([
    [0, 'held'],
    [15 * SECOND, 'held'],
    [15 * SECOND + 1, 'unknown'],
    [10 * MINUTE, 'unknown'],
  ])('%i ms after the last renewal the Lease is %s', async (span, status) => {
    const { lease, clock } = cluster()
    const mine = lease('lena')
    await mine.acquire('run-1')
    clock.advance(span)
    expect(mine.status()).toBe(status)
  })

  it('is nobody before it was taken', () => {
    expect(cluster().lease('lena').status()).toBe('unknown')
  })

  it('goes by the longer of two clocks, so that a wall clock set back does not lengthen it', async () => {
    const { lease, clock } = cluster()
    let ticks = 0
    const mine = lease('lena', () => ticks)
    await mine.acquire('run-1')
    clock.advance(-10 * MINUTE)
    ticks += 16 * SECOND
    expect(mine.status()).toBe('unknown')
  })

  it('is renewed when due, and every renewal changes the object', async () => {
    const { lease, clock, only } = cluster()
    const mine = lease('lena')
    await mine.acquire('run-1')
    const first = only().metadata.resourceVersion
    await mine.renew()
    expect(only().metadata.resourceVersion).toBe(first)
    clock.advance(10 * SECOND)
    await mine.renew()
    expect(only()).toMatchObject({
      spec: { renewTime: '2026-11-23T10:00:10.000000Z', acquireTime: '2026-11-23T10:00:00.000000Z', leaseTransitions: 0 },
    })
    expect(only().metadata.resourceVersion).not.toBe(first)
  })
})

describe('renewing', () => {
  it('is unknown, not lost, while the API server is away, and held again when it is back', async () => {
    const { lease, clock, failNext } = cluster()
    const mine = lease('lena')
    await mine.acquire('run-1')
    clock.advance(20 * SECOND)
    failNext('replace')
    await mine.renew()
    expect(mine.status()).toBe('unknown')
    await mine.renew()
    expect(mine.status()).toBe('held')
  })

  it('survives a renewal whose answer was lost', async () => {
    const { lease, clock, failNext } = cluster()
    const mine = lease('lena')
    await mine.acquire('run-1')
    clock.advance(10 * SECOND)
    failNext('replace', true)
    await mine.renew()
    await mine.renew()
    expect(mine.status()).toBe('held')
  })

  it('is lost for good when another identity holds it', async () => {
    const { lease, clock } = cluster()
    const mine = lease('lena')
    await mine.acquire('run-1')
    const other = lease('omar')
    await other.acquire('run-1')
    await mine.renew()
    expect(mine.status()).toBe('lost')
    await mine.release()
    expect(await mine.holder()).toMatchObject({ identity: 'omar', transitions: 1 })
    clock.advance(MINUTE)
    expect(mine.status()).toBe('lost')
  })

  it('is made anew with the same number when somebody deleted it', async () => {
    const { lease, clock, kubernetes } = cluster()
    await lease('dead').acquire('run-1')
    const mine = lease('lena')
    await mine.acquire('run-1')
    await kubernetes.remove(RESOURCES.leases, 'kube-system', 'serin')
    clock.advance(10 * SECOND)
    await mine.renew()
    expect(mine.status()).toBe('held')
    expect(await mine.holder()).toMatchObject({ identity: 'lena', transitions: 1, run: 'run-1' })
  })
})

it('a release that fails says nothing: the Lease runs out by itself', async () => {
  const { lease, failNext } = cluster()
  const mine = lease('lena')
  await mine.acquire('run-1')
  failNext('replace')
  await mine.release()
  expect(mine.status()).toBe('unknown')
})
