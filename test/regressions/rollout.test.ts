import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/journal/event.ts'
import type { Action } from '../../src/model/command.ts'
import { HOUR, SECOND } from '../../src/model/instant.ts'
import { canaryOnly, PLAN, scenario } from '../scenarios/self-managed.ts'
import { Run } from '../support/group-run.ts'
import type { GroupChoice } from '../support/group-world.ts'
import { rehearse } from '../support/rehearsal.ts'
import { aTale } from '../support/tale.ts'

/** What tools before this one got wrong while they replaced nodes, and after it. Each title names where it was seen. */

const CALM: GroupChoice = {
  ...{ seed: 1, nodes: 3, spare: 1, zones: 3, pods: 6, budget: 1, maxUnavailable: 0, surge: 1, rebalances: true },
  ...{ grace: 5 * SECOND, lost: 0, others: [] },
}

async function play(over: Partial<GroupChoice> = {}, deaths: readonly number[] = []) {
  const run = new Run({ ...CALM, ...over }, deaths)
  const { world, exit } = await run.driven()
  const actions = run.events.flatMap((event): Action[] => (event.type === 'command-intended' ? [event.command.action] : []))
  const of = <K extends Action['kind']>(kind: K) => actions.filter((action): action is Extract<Action, { kind: K }> => action.kind === kind)
  return { world, exit, of }
}

const marksOf = ({ machines }: Run['world']) =>
  [...machines.values()].flatMap(({ marks, cordoned }) => [...marks, ...(cordoned ? ['cordon'] : [])])

describe('a rollout', () => {
  it('evicts every pod of a node, not only the first (eksupgrade)', async () => {
    const { of, world } = await play()
    expect(new Set(of('evict-pod').map(({ pod }) => pod)).size).toBeGreaterThanOrEqual(6)
    expect(world.wrongs).toEqual([])
  })

  it('does not wait for a number of nodes that an autoscaler changes meanwhile (hellofresh/eks-rolling-update#94)', async () => {
    const { exit, world } = await play({ spare: 3, others: [{ at: 70 * SECOND, does: 'grow' }] })
    expect(exit).toBe('ok')
    expect(world.desired).toBe(4)
  })

  it('never has all old nodes out of service at once, which takes them out of load balancers (hellofresh/eks-rolling-update#91)', async () => {
    const { of, world } = await play({ nodes: 4 })
    const order = of('retire-node').map(({ node }) => node)
    expect(new Set(order).size).toBe(4)
    expect(world.wrongs).toEqual([])
  })

  it('comes to an end though somebody uncordons a node in the middle of its drain (TwiN/aws-eks-asg-rolling-update-handler#97)', async () => {
    const { exit, world } = await play({ grace: 30 * SECOND, others: [{ at: 60 * SECOND, does: 'uncordon' }] })
    expect({ exit, wrongs: world.wrongs }).toEqual({ exit: 'ok', wrongs: [] })
  })

  it('goes on with the nodes it had begun after a restart, and disturbs no others (keikoproj/upgrade-manager#37)', async () => {
    const calm = await play()
    for (const death of [3, 5, 8, 12]) {
      const { exit, of } = await play({}, [death])
      expect(exit).toBe('ok')
      const ended = of('terminate-instance').map(({ instanceId }) => instanceId)
      expect(new Set(ended), `after the death at ${death}`).toEqual(
        new Set(calm.of('terminate-instance').map(({ instanceId }) => instanceId)),
      )
    }
  })

  it('leaves no counters, suspended processes, cordons or marks, also when answers get lost (hellofresh/eks-rolling-update#29, #126)', async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const { exit, world } = await play({ seed, lost: 0.2 })
      expect(exit).toBe('ok')
      expect({ desired: world.desired, max: world.max, suspended: [...world.suspended], marks: marksOf(world) }).toEqual({
        ...{ desired: 3, max: 4, suspended: [], marks: [] },
      })
    }
  })

  it('leaves no node cordoned for ever after a driver died in the middle, and waits for no lock of the dead (kubereboot/kured#137, #63; rancher/system-upgrade-controller#71)', async () => {
    for (const death of [4, 6, 9]) {
      const { exit, world } = await play({ grace: 30 * SECOND }, [death])
      expect({ exit, marks: marksOf(world) }, `after the death at ${death}`).toEqual({ exit: 'ok', marks: [] })
    }
  })

  it('waits for a budget that closes for a while, and asks again by itself (keikoproj/upgrade-manager#122)', async () => {
    const { exit, world } = await play({ others: [{ at: 50 * SECOND, does: 'freeze-budget' }] })
    expect({ exit, wrongs: world.wrongs }).toEqual({ exit: 'ok', wrongs: [] })
  })

  it('launches and ends no nodes for ever to balance zones that it has left uneven', async () => {
    const { exit, of } = await play({ nodes: 4, spare: 0, zones: 2, pods: 4, surge: 2 })
    expect(exit).toBe('ok')
    expect(of('terminate-instance').length).toBeLessThanOrEqual(6)
  })

  it('takes a node whose Ready is not True for one that serves nobody, wherever the condition stands (TwiN, hellofresh)', async () => {
    const { exit, world } = await play({ others: [{ at: 45 * SECOND, does: 'not-ready' }] })
    expect({ exit, wrongs: world.wrongs }).toEqual({ exit: 'ok', wrongs: [] })
  })
})

describe('what comes after a failure', () => {
  it('a node that never joins ends the wait for it, and everything goes back (keikoproj/upgrade-manager#309)', async () => {
    const never = scenario('never', '{ fault: node-never-joins, where: { group: canary, launchedLater: true } }')
    const { exit, journal } = await rehearse({ ...PLAN, change: canaryOnly(), scenarios: [never] })
    expect(exit).toBe('rolledBack')
    expect((journal.at(-1)?.at ?? 0) - (journal[0]?.at ?? 0)).toBeLessThan(HOUR)
  })

  it('what has passed its gates can be taken back too, not only what failed (GKE)', () => {
    const tale = aTale()
    const [canary, app] = tale.itinerary.batches.filter(({ phase }) => phase !== 'addon')
    for (const { id, steps } of [canary, app].flatMap((batch) => batch ?? [])) tale.happens(...passed(id, steps[0]?.id ?? ''))
    const requests = [{ id: 'q1', kind: 'rollback' as const, by: 'lena', at: tale.now }]
    tale.decide({ requests })
    const back = tale.events.find((event) => event.type === 'rollback-started')
    const groups = [canary, app].map((batch) => `back/${batch?.steps[0]?.id}`)
    expect(back?.type === 'rollback-started' && back.batches.map(({ id }) => id)).toEqual(expect.arrayContaining(groups))
  })

  it('a run that was left on hold for a month is looked at anew before anything moves (OpenShift: paused pools)', () => {
    const tale = aTale()
    tale.happens({ type: 'hold-entered', because: 'lena asked', resumeWith: 'serin resume', cause: 'asked' })
    tale.passes(30 * 24 * 60)
    expect(tale.decide()).toMatchObject({ kind: 'hold' })
    const requests = [{ id: 'q1', kind: 'resume' as const, by: 'lena', at: tale.now }]
    expect(tale.decide({ requests })).toMatchObject({ kind: 'inspect', what: 'preflight' })
  })
})

function passed(batch: string, step: string): readonly RunEvent[] {
  return [
    { type: 'batch-started', batch, baseline: { takenAt: 0, nodes: {}, workloads: {} } },
    { type: 'command-intended', command: { id: step, step, action: { kind: 'uncordon', node: 'any' } } },
    { type: 'command-answered', command: step, result: { kind: 'accepted' } },
    { type: 'step-done', step },
    { type: 'batch-passed', batch },
  ]
}
