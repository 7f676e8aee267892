import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/journal/event.ts'
import { MINUTE } from '../../src/model/instant.ts'
import { KEEP_FROM_AUTOSCALER, type Node, RETIRED } from '../../src/model/kubernetes.ts'
import type { UpgradePlan } from '../../src/model/plan.ts'
import { AUTOSCALER_TAG } from '../../src/model/replacement.ts'
import type { Seen } from '../../src/model/seen.ts'
import { type ClusterSnapshot, objectsOf } from '../../src/model/snapshot.ts'
import { loadPlan } from '../../src/plan/load.ts'
import { itineraryText } from '../../src/report/itinerary-text.ts'
import { PLAIN } from '../../src/report/style.ts'
import { notAsItWas } from '../support/as-it-was.ts'
import { type RehearsalSettings, rehearse } from '../support/rehearsal.ts'
import { REPLACEMENT_WORLD, replacementPlan } from '../support/replacement-world.ts'
import { begin, eventsOf, goOn, heldFor, letTimePass, lookAround, outcomeOf, type Story, withStory } from './story.ts'

/** A new group beside the old one, which is kept, empty, until somebody says yes to its deletion. */

const CASES = [
  { group: 'web', made: 'fresh' },
  { group: 'asg:batch', made: 'asg:fresh' },
] as const

function settings(group: 'web' | 'asg:batch', ...faults: readonly string[]): RehearsalSettings {
  const { plan } = loadPlan({ read: () => replacementPlan(group) }, 'plan.yaml')
  const lines = faults.map((fault) => `  - ${fault}`).join('\n')
  const text = `apiVersion: serin.dev/v1alpha1\nkind: Scenario\nmetadata: { name: told, summary: for a test }\nfaults:\n${lines}\n`
  return { plan: { plan, world: REPLACEMENT_WORLD }, ...(faults.length > 0 && { scenarios: [{ name: 'told', text }] }) }
}

/** Groups with how many of their nodes take pods, and how many do not. */
function groupsOf(snapshot: ClusterSnapshot): Readonly<Record<string, string>> {
  const nodes = objectsOf<Node>(snapshot, 'Node')
  const managed = (snapshot.aws.nodegroups ?? []).map(({ nodegroupName = '' }) => {
    const own = nodes.filter(({ metadata }) => metadata.labels?.['eks.amazonaws.com/nodegroup'] === nodegroupName)
    return [nodegroupName, own] as const
  })
  return Object.fromEntries(
    managed.map(([name, own]) => {
      const closed = own.filter(({ spec }) => spec?.unschedulable === true).length
      return [name, `${own.length - closed} open, ${closed} closed`]
    }),
  )
}

function nodesThatServe(seen: Seen, groups: readonly string[]): number {
  const nodes = groups.flatMap((group) => seen.groups[group]?.nodes ?? [])
  return nodes.filter(({ ready, cordoned, deleting }) => ready === 'True' && !cordoned && !deleting).length
}

function uidsOf(snapshot: ClusterSnapshot): ReadonlySet<string | undefined> {
  return new Set(objectsOf<Node>(snapshot, 'Node').map(({ metadata }) => metadata.uid))
}

describe.each(CASES)('$group', ({ group, made }) => {
  it('is replaced, never with fewer nodes that serve than it had, and kept until somebody agrees to its deletion', async () => {
    let least = 99
    const watched: RehearsalSettings = { ...settings(group) }
    await withStory(watched, async (story) => {
      const ending = await begin(story)
      expect(ending).toMatchObject({ kind: 'open', exit: 'held' })
      expect(story.journal.at(-1)?.event).toMatchObject({ type: 'approval-requested', batch: `delete/${group}` })
      const kept = await lookAround(story)
      expect([...uidsOf(story.start)].every((uid) => uidsOf(kept).has(uid))).toBe(true)

      const outcome = outcomeOf(await goOn(story, 'approve'))
      expect(outcome).toMatchObject({ exit: 'ok', byHand: [] })
      const end = await lookAround(story)
      const left = [...(end.aws.nodegroups ?? []).map(({ nodegroupName }) => nodegroupName)].sort()
      expect(left).toEqual(group === 'web' ? ['fresh', 'system'] : ['system', 'web'])
      for (const { metadata, spec } of objectsOf<Node>(end, 'Node')) {
        expect([metadata.annotations?.[RETIRED], metadata.annotations?.[KEEP_FROM_AUTOSCALER]]).toEqual([undefined, undefined])
        expect([spec?.unschedulable, spec?.taints?.filter(({ key }) => key.startsWith('serin.dev/')) ?? []]).toEqual([undefined, []])
      }
    })
    await rehearse({
      ...watched,
      watch: (seen) => {
        least = Math.min(least, nodesThatServe(seen, [group, made]))
      },
    })
    expect(least).toBe(group === 'web' ? 3 : 2)
  })

  it('has its deletion asked for only when everything else has passed, and a no leaves both groups as they stand', async () => {
    await withStory(settings(group), async (story) => {
      await begin(story)
      expect(eventsOf(story.journal, 'batch-passed').map(({ batch }) => batch)).toEqual(['wave/moved/1', 'wave/moved/1/rest'])
      const again = await goOn(story, 'resume')
      expect(again).toMatchObject({ kind: 'open', exit: 'held' })
      const abandoned = outcomeOf(await goOn(story, 'abandon', { reason: 'not yet' }))
      expect(abandoned.exit).toBe('failed')
      expect(abandoned.byHand).toContainEqual(expect.stringContaining(`${group} stands beside ${made}`))
    })
  })

  it('comes back from its old nodes when a person asks for it, without a launch, even when all of it had moved', async () => {
    await withStory(settings(group), async (story) => {
      await begin(story)
      const outcome = outcomeOf(await goOn(story, 'rollback', { machine: 'another' }))
      expect(outcome).toMatchObject({ exit: 'rolledBack' })
      const end = await lookAround(story)
      expect(notAsItWas(story.start, end, outcome.byHand)).toEqual([])
      expect(uidsOf(end)).toEqual(uidsOf(story.start))
    })
  })

  it.each([
    { door: 'rollback', exit: 'rolledBack', deleted: 0 },
    { door: 'resume', exit: 'ok', deleted: 1 },
  ] as const)('its deletion intended and never sent, $door ends $exit: it is not sent as it stood', async ({ door, exit, deleted }) => {
    await withStory(settings(group), async (story) => {
      await begin(story)
      const isDeletion = (event: RunEvent) => event.type === 'command-intended' && event.command.action.kind === 'delete-group'
      expect(await goOn(story, 'approve', {}, undefined, isDeletion)).toMatchObject({ kind: 'open', exit: 'terminated' })
      letTimePass(story, 3 * 60 * MINUTE)

      expect(outcomeOf(await goOn(story, door, { machine: 'another' })).exit).toBe(exit)
      const deletions = eventsOf(story.journal, 'command-intended')
        .filter(isDeletion)
        .map(({ command }) => command)
      const [first = { id: '' }, ...more] = deletions.filter(({ action }) => action.kind === 'delete-group' && action.group === group)
      expect(eventsOf(story.journal, 'command-answered').find(({ command }) => command === first.id)?.result).toEqual({
        kind: 'moot',
        unbegun: true,
      })
      expect(more).toHaveLength(deleted)
      if (deleted === 0) expect(uidsOf(await lookAround(story))).toEqual(uidsOf(story.start))
    })
  })

  it.each([
    { title: 'hang at the IPAM check', fault: '{ fault: ipam-hang, where: { launchedLater: true } }' },
    { title: 'never join', fault: '{ fault: node-never-joins, where: { launchedLater: true } }' },
  ])('stays as it was when the first new nodes $title: no old node has been drained', async ({ fault }) => {
    const { exit, start, end, ending, journal } = await rehearse(settings(group, fault))
    expect(exit).toBe('rolledBack')
    const old = new Set(objectsOf<Node>(start, 'Node').map(({ metadata }) => metadata.name))
    const retired = eventsOf(journal, 'command-intended').flatMap(({ command: { action } }) =>
      action.kind === 'retire-node' && old.has(action.node) ? [action.node] : [],
    )
    expect(retired).toEqual([])
    expect(notAsItWas(start, end, outcomeOf(ending).byHand)).toEqual([])
  })
})

describe('a group that is replaced', () => {
  it('is told in the plan as it will go: what is made, what moves first, what leads back and where nothing does', async () => {
    const text = await withStory(asked(), async ({ prepared }) => itineraryText(prepared.itinerary, { ...PLAIN, columns: 200 }))
    for (const words of TOLD) expect(text).toMatch(words)
  })

  it.each([
    { group: 'web', made: 'fresh', remedy: 'aws eks delete-nodegroup --cluster-name attic --nodegroup-name fresh' },
    { group: 'asg:batch', made: 'asg:fresh', remedy: 'aws autoscaling delete-auto-scaling-group --auto-scaling-group-name fresh' },
  ] as const)(
    '$group is left alone where somebody has a group of the name that the new one is to have',
    async ({ group, made, remedy }) => {
      const form = group === 'web' ? '' : ', form: self-managed, selfManaged: { launchTemplate: { name: workers, version: 1 } }'
      const foreign = `  - { name: fresh, instanceTypes: [m5.large], size: { min: 1, max: 2, desired: 1 }, subnets: [nodes-a]${form} }\n`
      const { plan } = settings(group).plan as { plan: UpgradePlan }
      const others = group === 'web' ? [{ nodeGroups: ['fresh'], optional: false, reason: 'another team' }] : []
      const world = REPLACEMENT_WORLD.replace('addons:', `${foreign}addons:`)
      const { exit, prepared, requests } = await rehearse({ plan: { plan: { ...plan, exclude: [...plan.exclude, ...others] }, world } })
      expect(exit).toBe('blocked')
      const found = prepared.preflight.findings.find(({ code, verdict }) => code === 'PLAN_RESOLVED' && verdict === 'block')
      expect(found?.message).toContain(`The group that is to take over, ${made}, is there already, and was not made by Serin`)
      expect(found?.remedy).toContain(remedy)
      expect(requests.filter(({ operation }) => /^(Create|Delete)/.test(operation))).toEqual([])
    },
  )

  it('is not deleted on the word of whoever opened the run where the consent is somebody else’s', async () => {
    await withStory(asked(), async (story) => {
      await begin(story)
      const [opened] = eventsOf(story.journal, 'run-opened')
      expect(await goOn(story, 'approve', { by: opened?.by ?? '' })).toMatchObject({ kind: 'open', exit: 'held' })
      expect(eventsOf(story.journal, 'request-taken').at(-1)?.refused).toContain('somebody else has to say yes')
      expect(groupsOf(await lookAround(story))).toMatchObject({ web: '0 open, 3 closed' })
      expect(outcomeOf(await goOn(story, 'approve', { by: 'max' })).exit).toBe('ok')
    })
  })

  it('goes back as a whole where only the failed batch does: the share that had passed is not judged without its nodes', async () => {
    const fault = '{ fault: node-never-joins, where: { launchedLater: true }, when: { from: 5m } }'
    const change: RehearsalSettings['change'] = (plan) => ({ ...plan, rollback: { ...plan.rollback, waves: 'failed-batch' } })
    const { exit, start, end, ending, journal } = await rehearse({ ...settings('web', fault), change })
    expect(eventsOf(journal, 'batch-passed').map(({ batch }) => batch)).toContain('wave/moved/1')
    expect(exit).toBe('partlyDone')
    expect(notAsItWas(start, end, outcomeOf(ending).byHand)).toEqual([])
  })

  it('is like the old one in everything but its image', async () => {
    await withStory(settings('web'), async (story) => {
      await begin(story)
      const { aws } = await lookAround(story)
      const [old, fresh] = ['web', 'fresh'].map((name) => aws.nodegroups?.find(({ nodegroupName }) => nodegroupName === name))
      expect(fresh).toMatchObject({
        amiType: 'AL2023_x86_64_STANDARD',
        version: old?.version,
        instanceTypes: old?.instanceTypes,
        subnets: old?.subnets,
        labels: old?.labels,
        taints: [{ key: 'team', value: 'shop', effect: 'PREFER_NO_SCHEDULE' }],
        nodeRole: old?.nodeRole,
        scalingConfig: old?.scalingConfig,
        updateConfig: old?.updateConfig,
        tags: { owner: 'shop', 'serin.dev/replaces': 'web' },
      })
    })
  })

  it('is hidden from the autoscaler while it is emptied and kept, and found again when it comes back', async () => {
    const tagged = ({ aws }: ClusterSnapshot, name: string) => {
      const behind = aws.nodegroups?.find(({ nodegroupName }) => nodegroupName === name)?.resources?.autoScalingGroups?.[0]?.name
      const group = aws.autoScalingGroups?.find(({ AutoScalingGroupName }) => AutoScalingGroupName === behind)
      return group?.Tags?.some(({ Key }) => Key === AUTOSCALER_TAG)
    }
    await withStory(settings('web'), async (story) => {
      expect(tagged(story.start, 'web')).toBe(true)
      await begin(story)
      const kept = await lookAround(story)
      expect([tagged(kept, 'web'), tagged(kept, 'fresh')]).toEqual([false, true])
      await goOn(story, 'rollback')
      expect(tagged(await lookAround(story), 'web')).toBe(true)
    })
  })

  it('holds when a budget comes to allow nothing, leaves no node half drained, and goes on once it allows it', async () => {
    const blocked = '{ fault: eviction-blocked, where: { budget: "shop/web" }, when: { from: 7m } }'
    const base = settings('web', blocked)
    const change: RehearsalSettings['change'] = (plan) => ({
      ...plan,
      nodeGroups: plan.nodeGroups.map((each) => ({ ...each, drainTimeout: 5 * MINUTE })),
    })
    await withStory({ ...base, change }, async (story) => {
      expect(await begin(story)).toMatchObject({ kind: 'open', exit: 'held' })
      expect(heldFor(story.journal)).toMatchObject({ cause: 'eviction-blocked' })
      expect(heldFor(story.journal)?.message).toMatch(/^ip-\S+ of web could not be drained in 5m: pod shop\/web-\S+ of ReplicaSet/)
      expect(groupsOf(await lookAround(story)).web).toMatch(/^[23] open, [01] closed$/)
      allow(story)
      const ending = await goOn(story, 'resume', { machine: 'another' })
      expect(ending).toMatchObject({ kind: 'open', exit: 'held' })
      expect(groupsOf(await lookAround(story))).toMatchObject({ web: '0 open, 3 closed', fresh: '3 open, 0 closed' })
    })
  })
})

/** With the consent of a role. */
function asked(): RehearsalSettings {
  const change: RehearsalSettings['change'] = (plan) => ({
    ...plan,
    nodeGroups: plan.nodeGroups.map((each) => ({ ...each, replacement: { ...each.replacement, consent: { role: 'platform' } } })),
  })
  return { ...settings('web'), change }
}

const TOLD = [
  /fresh: made beside web/,
  /node group web → fresh/,
  /1 node first/,
  /can be taken back: the nodes of web are still there/,
  /web deleted, fresh has taken over/,
  /POINT OF NO RETURN/,
  /a yes of platform before it starts/,
]

function allow({ simulation: { world } }: Story): void {
  world.store.update('PodDisruptionBudget', 'shop', 'web', (current) => ({
    ...current,
    spec: { ...(current.spec as object), minAvailable: undefined, maxUnavailable: 1 },
  }))
}
