import { describe, expect, it } from 'vitest'
import { applyItinerary } from '../../src/engine/apply.ts'
import { DAY, instantOf, MINUTE } from '../../src/model/instant.ts'
import type { Node } from '../../src/model/kubernetes.ts'
import type { UpgradePlan } from '../../src/model/plan.ts'
import type { Seen } from '../../src/model/seen.ts'
import type { RunPorts } from '../../src/ports/ports.ts'
import { leftOver, notAsItWas, notTarget } from '../support/as-it-was.ts'
import { driveOptions, rehearse } from '../support/rehearsal.ts'
import { launchingFrom, only, PLAN, scenario } from './self-managed.ts'
import { begin, eventsOf, goOn, heldFor, letTimePass, lookAround, outcomeOf, type Story, withStory } from './story.ts'

/** Auto Scaling groups that EKS does not manage: Serin launches ahead, gates, drains and terminates node by node. */

/** Nodes of the group that serve: Ready, not cordoned. */
function serving(seen: Seen, group: string): number {
  return (seen.groups[group]?.nodes ?? []).filter(({ ready, cordoned, deleting }) => ready === 'True' && !cordoned && !deleting).length
}

describe('a self-managed group', () => {
  it('is replaced to the last node, never with fewer nodes that serve than it has, and left as it was otherwise', async () => {
    const least: Record<string, number> = { 'asg:canary': 99, 'asg:billing': 99 }
    const { exit, start, end, prepared, ending, requests } = await rehearse({
      ...PLAN,
      watch: (seen) => {
        for (const group of Object.keys(least)) least[group] = Math.min(least[group] ?? 0, serving(seen, group))
      },
    })
    expect(exit).toBe('ok')
    expect(notTarget(start, end, prepared.itinerary, outcomeOf(ending).byHand)).toEqual([])
    expect(least).toEqual({ 'asg:canary': 2, 'asg:billing': 6 })
    expect(requests.filter(({ operation, resource }) => operation === 'delete' && resource.startsWith('pods/'))).toEqual([])
  })

  it.each([
    { title: 'new nodes hang at the IPAM check', fault: '{ fault: ipam-hang, where: { group: canary, launchedLater: true } }' },
    { title: 'new instances never join', fault: '{ fault: node-never-joins, where: { group: canary, launchedLater: true } }' },
  ])('is taken back when its $title: no old node has been drained, and everything is as it was', async ({ fault }) => {
    const { exit, start, end, ending, journal } = await rehearse({ ...PLAN, change: only(), scenarios: [scenario('bad-nodes', fault)] })
    expect(exit).toBe('rolledBack')
    const retired = eventsOf(journal, 'command-intended').flatMap(({ command: { action } }) =>
      action.kind === 'retire-node' ? [action.node] : [],
    )
    expect(retired.filter((node) => start.kubernetes.items?.some(({ metadata }) => metadata.name === node))).toEqual([])
    expect(notAsItWas(start, end, outcomeOf(ending).byHand)).toEqual([])
  })
})

/** Somebody tightens a budget while the last group waits for its new nodes, after everything was checked. */
function tightened(budget: string): ReturnType<typeof scenario> {
  return scenario('tightened', `{ fault: eviction-blocked, where: { budget: "billing/${budget}" }, when: { from: 7m } }`)
}

function budgetsAllow({ simulation }: Story): void {
  const { store } = simulation.world
  store.update('PodDisruptionBudget', 'billing', 'invoices', (current) => ({
    ...current,
    spec: { ...(current.spec as object), minAvailable: undefined, maxUnavailable: 1 },
  }))
}

describe('a budget that comes to allow nothing', () => {
  const settings = { ...PLAN, scenarios: [tightened('invoices')], change: only({ drainTimeout: 5 * MINUTE }) }

  it('holds, names pod, budget and owner, leaves no node out of service, and resumes once the budget allows it', async () => {
    await withStory(settings, async (story) => {
      expect(await begin(story)).toMatchObject({ kind: 'open', exit: 'held' })
      expect(heldFor(story.journal)).toMatchObject({ cause: 'eviction-blocked' })
      expect(heldFor(story.journal)?.message).toMatch(
        /^ip-\S+ of asg:billing could not be drained in 5m: pod billing\/invoices-\S+ of ReplicaSet\/billing\/invoices-\S+ on ip-\S+: .*invoices/,
      )
      expect(exceptSizes(leftOver(story.start, await lookAround(story), []))).toEqual([])

      budgetsAllow(story)
      const outcome = outcomeOf(await goOn(story, 'resume', { machine: 'another' }))
      expect(outcome.exit).toBe('ok')
      expect(notTarget(story.start, await lookAround(story), story.prepared.itinerary, outcome.byHand)).toEqual([])
    })
  })

  it('goes back when a person asks for it: the nodes launched ahead go, and the size is what it was', async () => {
    await withStory(settings, async (story) => {
      await begin(story)
      budgetsAllow(story)
      const outcome = outcomeOf(await goOn(story, 'rollback'))
      expect(outcome.exit).toBe('rolledBack')
      expect(notAsItWas(story.start, await lookAround(story), outcome.byHand)).toEqual([])
    })
  })

  it('is passed over within what the plan lets stay as it is, and those nodes are named at the end', async () => {
    const skip = only({ drainTimeout: 5 * MINUTE, evictionBlocked: { skip: 3 } })
    const { exit, start, end, ending, journal } = await rehearse({ ...settings, scenarios: [tightened('ledger')], change: skip })
    expect(exit).toBe('ok')
    const skipped = eventsOf(journal, 'node-skipped').map(({ node }) => node)
    expect(skipped).toHaveLength(3)
    const { byHand } = outcomeOf(ending)
    for (const node of skipped)
      expect(byHand).toContainEqual(expect.stringMatching(new RegExp(`^${node} stays as it was: pod billing/ledger`)))
    expect(leftOver(start, end, byHand)).toEqual([])
  })

  it('holds when more nodes cannot be drained than may stay as they are', async () => {
    const { exit, journal } = await rehearse({ ...settings, change: only({ drainTimeout: 5 * MINUTE, evictionBlocked: { skip: 1 } }) })
    expect(exit).toBe('held')
    expect(heldFor(journal)?.message).toContain('1 of 1 that may stay as they are have been given up already')
  })

  it('is overruled after the time that the plan says, and only then', async () => {
    const force = only({ drainTimeout: 5 * MINUTE, evictionBlocked: { forceAfter: 10 * MINUTE } })
    const { exit, start, end, prepared, ending, journal } = await rehearse({ ...settings, change: force })
    expect(exit).toBe('ok')
    expect(notTarget(start, end, prepared.itinerary, outcomeOf(ending).byHand)).toEqual([])
    const began = new Map<string, number>()
    for (const { at, event } of journal) {
      if (event.type !== 'command-intended') continue
      const { action } = event.command
      if (action.kind === 'retire-node') began.set(action.node, at)
      if (action.kind === 'delete-pod') expect(at - (began.get(action.node) ?? at)).toBeGreaterThanOrEqual(10 * MINUTE)
    }
    expect(eventsOf(journal, 'command-intended').some(({ command }) => command.action.kind === 'delete-pod')).toBe(true)
  })
})

/** Of a run on hold the nodes launched ahead stay for the next try. */
function exceptSizes(differences: readonly string[]): readonly string[] {
  return differences.filter((difference) => !difference.startsWith('settings of billing'))
}

describe('what a group launches from', () => {
  it('a mixed-instances policy is changed as a whole, and taken back as a whole', async () => {
    const mixed = launchingFrom('{ launchTemplate: { name: workers, version: 1 }, mixed: { onDemandBase: 1 } }')
    const fault = '{ fault: ipam-hang, where: { group: billing, launchedLater: true, kubeletMinor: "1.33" } }'
    const { exit, start, end, ending } = await rehearse({ ...mixed, change: only(), scenarios: [scenario('bad-nodes', fault)] })
    expect(exit).toBe('rolledBack')
    expect(notAsItWas(start, end, outcomeOf(ending).byHand)).toEqual([])
  })

  it('`$Latest` is a point of no return, unless the plan pins it to the number that the nodes run', async () => {
    const latest = launchingFrom('{ launchTemplate: { name: workers, version: $Latest } }')
    const follows = await rehearse({ ...latest, change: (given) => ({ ...given, nodeGroups: [] }) })
    const said = follows.prepared.intent.groups.filter(({ form }) => form === 'self-managed').map(({ wayBack }) => wayBack.acceptToken)
    expect(said).toEqual(['no-way-back/asg:canary', 'no-way-back/asg:billing'])
    const pinned = await rehearse({
      ...latest,
      change: (given) => ({ ...given, nodeGroups: [{ match: 'asg:*', launchTemplateVersion: '1' }] }),
    })
    const backs = pinned.prepared.intent.groups.filter(({ form }) => form === 'self-managed').map(({ wayBack }) => wayBack.exists)
    expect(backs).toEqual(['yes', 'yes'])
  })
})

/** The driver dies: with the nth writing of the record, or right after the nth termination has got through. */
type Death = 'record' | 'termination'

function dying(ports: RunPorts, death: Death, nth: number): RunPorts {
  let count = 0
  const die = () => {
    count += 1
    if (count === nth) throw new Error('the process died')
  }
  if (death === 'record') {
    const write: RunPorts['records']['write'] = async (record) => {
      die()
      await ports.records.write(record)
    }
    return { ...ports, records: { ...ports.records, write } }
  }
  const terminateInstance: RunPorts['autoScaling']['terminateInstance'] = async (id, decrement) => {
    await ports.autoScaling.terminateInstance(id, decrement)
    die()
  }
  return { ...ports, autoScaling: { ...ports.autoScaling, terminateInstance } }
}

describe('a driver that dies while nodes are replaced', () => {
  it.each<{ death: Death; nth: number }>([
    { death: 'termination', nth: 1 },
    { death: 'termination', nth: 8 },
    { death: 'record', nth: 17 },
    { death: 'record', nth: 33 },
  ])('at $death $nth: another machine goes on, and no instance is terminated twice', async ({ death, nth }) => {
    await withStory({ ...PLAN, change: only() }, async (story) => {
      const ports = dying(await story.simulation.connect(), death, nth)
      await expect(applyItinerary(ports, story.prepared.itinerary, driveOptions())).rejects.toThrow('the process died')
      const outcome = outcomeOf(await goOn(story, 'resume', { machine: 'another' }))
      expect(outcome.exit).toBe('ok')
      expect(notTarget(story.start, await lookAround(story), story.prepared.itinerary, outcome.byHand)).toEqual([])
      const ended = story.simulation.requests.filter(
        ({ operation, status }) => operation === 'TerminateInstanceInAutoScalingGroup' && status === 200,
      )
      expect(ended).toHaveLength(8)
    })
  })
})

describe('a window that closes while nodes are replaced', () => {
  const window = { timeZone: 'UTC', open: ['Tue 19:00-19:45', 'Wed 19:00-23:00'], freezes: [], atClose: 'hold' } as const
  const inWindow = { ...PLAN, change: (plan: UpgradePlan) => ({ ...(only()?.(plan) ?? plan), window }) }

  it('lets drains come to their end and begins no other; the rest follows in the next window', async () => {
    await withStory(inWindow, async (story) => {
      const ending = await begin(story)
      expect(ending).toMatchObject({ kind: 'open', exit: 'deadline' })
      const closes = instantOf('2026-09-29T19:45:00Z') ?? 0
      const begun = (from: number) =>
        story.journal.filter(
          ({ at, event }) => at >= from && event.type === 'command-intended' && event.command.action.kind === 'retire-node',
        )
      expect(begun(0).length).toBeGreaterThan(0)
      expect(begun(closes)).toEqual([])
      // Instances that were told to go have gone by then.
      letTimePass(story, 5 * MINUTE)
      const standing = await lookAround(story)
      const nodes = (standing.kubernetes.items ?? []).filter(({ kind }) => kind === 'Node') as readonly Node[]
      expect(nodes.filter(({ spec }) => spec?.unschedulable === true)).toEqual([])
      const old = nodes.filter(({ status }) => status?.nodeInfo?.kubeletVersion?.startsWith('v1.32'))
      expect(old.length).toBeGreaterThan(0)

      letTimePass(story, DAY)
      const outcome = outcomeOf(await goOn(story, 'resume'))
      expect(outcome).toMatchObject({ exit: 'ok' })
      expect(notTarget(story.start, await lookAround(story), story.prepared.itinerary, outcome.byHand)).toEqual([])
    })
  })
})
