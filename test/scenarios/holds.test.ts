import { describe, expect, it } from 'vitest'
import { HOUR } from '../../src/model/instant.ts'
import type { Node } from '../../src/model/kubernetes.ts'
import { leftOver, notAsItWas, notTarget } from '../support/as-it-was.ts'
import { begin, eventsOf, goOn, heldFor, letTimePass, lookAround, outcomeOf, type Story, withStory } from './story.ts'

/** A run that holds has tidied up, names the cause, and goes on through every door. */

/** Each seed goes on elsewhere: here, and on a machine that has nothing but the record in the cluster. */
const SEEDS = [
  { seed: 1, machine: 'here' },
  { seed: 2, machine: 'another' },
]

describe('a budget that allows nothing while app-b rolls', () => {
  const settings = { plan: 'quickstart', scenarios: ['pod-eviction-failure'] }

  it.each(SEEDS)(
    'holds with the leftovers removed, and resumes to the target once the budgets allow it (seed $seed, on $machine)',
    async ({ seed, machine }) => {
      await withStory({ ...settings, seed }, async (story) => {
        const held = await begin(story)
        expect(held).toMatchObject({ kind: 'open', exit: 'held' })
        expect(eventsOf(story.journal, 'hold-entered').at(-1)).toMatchObject({ cause: 'eviction-blocked' })
        const said = (heldFor(story.journal)?.evidence ?? []).map(({ subject, says }) => `${subject} ${says}`)
        expect(said).toContainEqual(
          expect.stringMatching(/^PodDisruptionBudget\/shop\/\w+ .*holds pod shop\/[\w-]+ of Deployment\/shop\/\w+ on ip-/),
        )
        expect(marksAndCordons(leftOver(story.start, await lookAround(story), []))).toEqual([])

        budgetsAllow(story)
        const outcome = outcomeOf(await goOn(story, 'resume', { machine }))
        expect(outcome.exit).toBe('ok')
        expect(notTarget(story.start, await lookAround(story), story.prepared.itinerary, outcome.byHand)).toEqual([])
      })
    },
  )

  it('goes back when a person asks for it and the budgets allow it', async () => {
    await withStory({ ...settings, seed: 1 }, async (story) => {
      await begin(story)
      budgetsAllow(story)
      const outcome = outcomeOf(await goOn(story, 'rollback', { reason: 'not tonight' }))
      expect(outcome.exit).toBe('rolledBack')
      expect(notAsItWas(story.start, await lookAround(story), outcome.byHand)).toEqual([])
    })
  })

  it('goes back as far as it can while the budgets still allow nothing: drains no node, and says what is left', async () => {
    await withStory({ ...settings, seed: 1 }, async (story) => {
      await begin(story)
      const before = eventsOf(story.journal, 'command-intended').length
      const outcome = outcomeOf(await goOn(story, 'rollback'))
      expect(outcome).toMatchObject({ exit: 'rollbackFailed', summary: expect.stringContaining('PDB_ALLOWS_NONE') })
      const done = eventsOf(story.journal, 'command-intended').slice(before)
      expect(done.map(({ command }) => command.action.kind)).toEqual(['update-addon', 'update-addon'])
      expect(outcome.takenBack.map((step) => step.split(':')[0])).toEqual(['vpc-cni', 'vpc-cni'])
      for (const group of ['app-b', 'canary', 'app-a'])
        expect(outcome.byHand).toContainEqual(expect.stringContaining(`eks:UpdateNodegroupVersion ${group} version=1.32`))
      expect(marksAndCordons(leftOver(story.start, await lookAround(story), outcome.byHand))).toEqual([])
    })
  })

  it('holds again at the same place when it is resumed before the cause is removed', async () => {
    await withStory({ ...settings, seed: 1 }, async (story) => {
      await begin(story)
      expect(await goOn(story, 'resume')).toMatchObject({ kind: 'open', exit: 'held' })
      expect(marksAndCordons(leftOver(story.start, await lookAround(story), []))).toEqual([])
    })
  })
})

describe('a zone without free addresses', () => {
  const FULL_AT_LAUNCH = {
    name: 'full-at-launch',
    text: `
apiVersion: serin.dev/v1alpha1
kind: Scenario
metadata: { name: full-at-launch, summary: the subnets of zone b are full from the moment app-a is updated until five hours later }
faults:
  - { fault: subnet-exhausted, where: { zone: "*b" }, when: { after: "eks:UpdateNodegroupVersion app-a", to: 5h } }
`,
  }

  it.each(SEEDS)(
    'holds when EKS finds no room for new nodes, and resumes to the target once there is room (seed $seed, on $machine)',
    async ({ seed, machine }) => {
      await withStory({ plan: 'quickstart', scenarios: [FULL_AT_LAUNCH], seed }, async (story) => {
        expect(await begin(story)).toMatchObject({ kind: 'open', exit: 'held' })
        expect(heldFor(story.journal)).toMatchObject({ cause: 'no-capacity' })
        expect(marksAndCordons(leftOver(story.start, await lookAround(story), []))).toEqual([])
        letTimePass(story, 5 * HOUR)
        const outcome = outcomeOf(await goOn(story, 'resume', { machine }))
        expect(outcome.exit).toBe('ok')
        expect(notTarget(story.start, await lookAround(story), story.prepared.itinerary, outcome.byHand)).toEqual([])
      })
    },
  )
})

/** Somebody gives the budgets room again. */
function budgetsAllow({ simulation }: Story): void {
  const { store } = simulation.world
  for (const { metadata } of store.list('PodDisruptionBudget')) {
    store.update('PodDisruptionBudget', metadata.namespace, metadata.name, (current) => {
      const { minAvailable: _, ...rest } = current.spec as Record<string, unknown>
      return { ...current, spec: { ...rest, maxUnavailable: 1 } }
    })
  }
}

/** Of a run on hold a size may still be inflated: EKS lowers it when the update succeeds. */
function marksAndCordons(differences: readonly string[]): readonly string[] {
  return differences.filter((difference) => !/^(desired size|ready nodes|nodes|maximum) of /.test(difference))
}

/** ipamd takes no address on a node that is unschedulable (P09): its pods wait, and nothing that was changed is to blame. */
describe('somebody who cordons every new node', () => {
  const cordoned = (story: Story) => story.simulation.world.store.list('Node').filter((node) => (node as Node).spec?.unschedulable === true)
  const FAULT = { fault: 'nodes-cordoned', where: { group: 'canary', launchedLater: true } }
  const everywhere = { workloads: [{ kind: 'DaemonSet', namespace: 'shop', name: 'everywhere' }] }
  const metadata = { name: 'cordoned', summary: 'cordoned' }
  const text = JSON.stringify({ apiVersion: 'serin.dev/v1alpha1', kind: 'Scenario', metadata, world: everywhere, faults: [FAULT] })
  const settings = { plan: 'quickstart', scenarios: [{ name: 'cordoned', text }] }

  it('holds the run, which says so and undoes no cordon; uncordoned by hand, it goes on to its target', async () => {
    await withStory(settings, async (story) => {
      expect(await begin(story)).toMatchObject({ kind: 'open', exit: 'held' })
      const [hold] = eventsOf(story.journal, 'hold-entered')
      expect(hold).toMatchObject({ cause: 'nodes-cordoned', because: expect.stringContaining('P09, certain') })
      const [cause] = hold?.failure?.diagnosis ?? []
      expect(cause?.remedy).toMatchObject({
        disposition: 'person',
        commands: expect.arrayContaining([expect.stringMatching(/^kubectl uncordon ip-/)]),
      })
      expect(cause?.evidence[0]?.says).toContain('is cordoned (not by Serin, nor by EKS for an update)')
      expect(eventsOf(story.journal, 'rollback-started')).toEqual([])
      expect(cordoned(story).length).toBeGreaterThan(0)

      const { store } = story.simulation.world
      for (const { metadata } of cordoned(story))
        store.update('Node', undefined, metadata.name, (node) => ({ ...node, spec: { ...(node as Node).spec, unschedulable: false } }))
      expect(outcomeOf(await goOn(story, 'resume')).exit).toBe('ok')
    })
  })
})
