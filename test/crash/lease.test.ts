import { describe, expect, it } from 'vitest'
import { applyItinerary, resumeRun, UNSTOPPABLE } from '../../src/engine/apply.ts'
import type { RunEvent } from '../../src/journal/event.ts'
import type { Listener } from '../../src/journal/listener.ts'
import { MINUTE, SECOND } from '../../src/model/instant.ts'
import type { Answer } from '../../src/model/outside.ts'
import { acceptedUpdates, type Effects, endState, liveThrough, openSite, type Scenario } from '../support/crash.ts'
import { CRASH_PLAN } from '../support/crash-world.ts'

/** Who drives is decided by the Lease: a driver that lost it does nothing more, and silence is not loss. */

const drive = { by: 'tester', stop: UNSTOPPABLE, listeners: [] }
const calm = await liveThrough({ points: [] })

/** The nth effect of a kind in a run without trouble. */
function nth(name: string, which: number): number {
  const [effects = []] = calm.lives
  return effects.flatMap((effect, index) => (effect === name ? [index + 1] : []))[which - 1] ?? 0
}

describe('a driver that was suspended while another one took over', () => {
  it.each([
    { title: 'before it journalled', at: nth('journal.append', 14) },
    { title: 'before it wrote the record', at: nth('records.write', 6) },
    { title: 'right before an update was sent to EKS', at: nth('eks.updateNodegroupVersion', 1) },
    { title: 'right before settings were sent to EKS', at: nth('eks.updateNodegroupConfig', 1) },
  ])('$title ends with 50 and repeats nothing', async ({ at }) => {
    const site = await openSite()
    const [first, second]: [Effects, Effects] = [[], []]
    const old = await site.driver('a', { nth: at, moment: 'suspended' }, first)
    const fresh = await site.driver('b', undefined, second)
    const oldEnd = applyItinerary(old, site.itinerary, drive).catch((error: unknown) => error)
    while (first.length < at) await fresh.clock.sleepUntil(fresh.clock.now() + SECOND)
    const ending = await resumeRun(fresh, undefined, drive)

    expect(await oldEnd).toMatchObject({ code: 'LEASE_LOST', exit: 50 })
    expect(ending).toMatchObject({ kind: 'finished', outcome: { exit: 'ok' } })
    // The one call it was about to make carries the token of the same command, so EKS knows it; nothing follows.
    const afterwards = first.slice(at).filter((effect) => !effect.startsWith('journal.') && effect !== 'lease.release')
    expect(afterwards).toEqual([])
    expect(acceptedUpdates(site.requests)).toEqual(calm.accepted)
    expect(endState(await site.snapshot())).toEqual(calm.end)
    site.close()
  })
})

function away(fault: string, to: string): Scenario {
  const when = `when: { after: "eks:UpdateNodegroupVersion canary", from: 1m, to: ${to} }`
  const text = `apiVersion: serin.dev/v1alpha1
kind: Scenario
metadata: { name: away, summary: the API server does not answer }
faults:
  - { fault: ${fault}, where: { service: kubernetes }, ${when} }
`
  return { name: 'away', text }
}

describe('an API server that does not answer', () => {
  it.each([
    { title: 'cuts every connection for six minutes', fault: 'cut-connection', to: '7m' },
    { title: 'answers 500 for twelve minutes', fault: 'server-error', to: '13m' },
    { title: 'is replaced by a portal for three minutes', fault: 'html', to: '4m' },
  ])('$title: the Lease is unknown, not lost, and nothing is taken back', async ({ fault, to }) => {
    const site = await openSite([away(fault, to)])
    const ports = await site.driver('a', undefined, [])
    const events: RunEvent['type'][] = []
    const leases = new Set<string>()
    const listener: Listener = { onEvent: ({ event }) => events.push(event.type), onTick: (seen) => leases.add(seen.lease) }
    const ending = await applyItinerary(ports, site.itinerary, { ...drive, listeners: [listener] })
    expect(ending).toMatchObject({ kind: 'finished', outcome: { exit: 'ok' } })
    expect(leases).not.toContain('lost')
    expect(events).not.toContain('rollback-started')
    expect(acceptedUpdates(site.requests)).toEqual(calm.accepted)
    site.close()
  })

  it('ends in a hold when evidence is missing beyond its budget; a resume elsewhere ends as if nothing had been', async () => {
    const site = await openSite([away('cut-connection', '50m')])
    const ports = await site.driver('a', undefined, [])
    expect(await applyItinerary(ports, site.itinerary, drive)).toMatchObject({ kind: 'open', exit: 'held' })
    const later = await site.driver('b', undefined, [])
    await later.clock.sleepUntil(later.clock.now() + 60 * MINUTE)
    const requests = [{ id: 'r-1', kind: 'resume', by: 'tester', at: later.clock.now() }] as const
    expect(await resumeRun(later, undefined, { ...drive, requests })).toMatchObject({ kind: 'finished', outcome: { exit: 'ok' } })
    expect(acceptedUpdates(site.requests)).toEqual(calm.accepted)
    site.close()
  })
})

it('keeps the Lease while a command of a gate thinks for longer than it lasts', async () => {
  const plan = CRASH_PLAN.replace('cni: [aws-node, stuck-pods]', 'cni: [aws-node, stuck-pods, { command: { command: [./check] } }]')
  const site = await openSite([], { plan })
  const ports = await site.driver('a', undefined, [])
  const leases: string[] = []
  const ask = async (): Promise<Answer> => {
    await ports.clock.sleepUntil(ports.clock.now() + MINUTE)
    leases.push(ports.lease.status())
    return { kind: 'verdict', verdict: 'pass', says: 'well' }
  }
  expect(await applyItinerary({ ...ports, outside: { ask, reach: async () => undefined } }, site.itinerary, drive)).toMatchObject({
    kind: 'finished',
  })
  expect(new Set(leases)).toEqual(new Set(['held']))
  site.close()
})

it('leaves at once when told to, whatever is slow to answer: the record is written and the Lease given back', async () => {
  const site = await openSite()
  const ports = await site.driver('a', undefined, [])
  const leave = new AbortController()
  const describeUpdate = () => {
    leave.abort()
    return new Promise<never>(() => undefined)
  }
  const stop = { wish: () => (leave.signal.aborted ? ('leave' as const) : undefined), signal: leave.signal }
  const deaf = { ...ports, eks: { ...ports.eks, describeUpdate } }
  expect(await applyItinerary(deaf, site.itinerary, { ...drive, stop })).toMatchObject({ kind: 'open', exit: 'terminated' })
  const other = await site.driver('b', undefined, [])
  expect(await other.lease.holder()).toBeUndefined()
  expect(await resumeRun(other, undefined, drive)).toMatchObject({ kind: 'finished', outcome: { exit: 'ok' } })
  expect(acceptedUpdates(site.requests)).toEqual(calm.accepted)
  site.close()
})
