import { describe, expect, it } from 'vitest'
import { batchSize, groupBatches } from '../../src/catalog/batches.ts'
import { canonicalJson } from '../../src/model/canonical-json.ts'
import { resolveIntent } from '../../src/plan/resolve.ts'
import { compile } from '../../src/rollout/compile.ts'
import { differences } from '../../src/rollout/decision-facts.ts'
import { healthyIntent, healthyPlan, healthySnapshot } from '../support/snapshot-builder.ts'

const itinerary = compile(healthyPlan(), healthyIntent(), healthySnapshot())

describe('an itinerary', () => {
  it('takes the add-on hop by hop, then the canary, then the waves', () => {
    expect(itinerary.batches.map(({ id }) => id)).toEqual([
      'addon/vpc-cni/1',
      'addon/vpc-cni/2',
      'canary/1',
      'wave/app/1',
      'wave/app/2',
      'wave/rest/1',
      'wave/rest/2',
    ])
  })

  it('sends every hop with the role and the configuration that were there', () => {
    const [first] = itinerary.batches[0]?.steps ?? []
    expect(first).toMatchObject({
      kind: 'addon-update',
      before: { version: 'v1.20.4-eksbuild.2' },
      after: { version: 'v1.21.2-eksbuild.2', serviceAccountRoleArn: expect.stringContaining('role/') },
    })
  })

  it('is byte for byte the same for the same plan and snapshot', () => {
    expect(canonicalJson(compile(healthyPlan(), healthyIntent(), healthySnapshot()))).toBe(canonicalJson(itinerary))
  })

  it('puts the soak behind the last batch of a wave and the approval before its first', () => {
    const approved = compile(
      healthyPlan({ waves: healthyPlan().waves.map((wave) => ({ ...wave, approval: {} })) }),
      healthyIntent(),
      healthySnapshot(),
    )
    const app = approved.batches.filter(({ id }) => id.startsWith('wave/app/'))
    expect(app.map(({ approval }) => approval !== false)).toEqual([true, false])
    expect(app.map(({ soak }) => soak > 0)).toEqual([false, true])
  })

  it('rolls the first group of a class that no canary represents alone', () => {
    const intent = healthyIntent()
    const arm = { ...intent, groups: intent.groups.map((group) => (group.name === 'app-b' ? { ...group, nodeClass: 'arm64' } : group)) }
    const plan = healthyPlan({ waves: [{ ...healthyPlan().waves[0], name: 'app', nodeGroups: ['app-*'], batch: 2 } as never] })
    const waves = compile(plan, arm, healthySnapshot()).batches.filter(({ phase }) => phase === 'wave')
    expect(waves.map(({ steps }) => steps.length)).toEqual([1, 1])
  })

  it('changes and restores update settings only where the plan asks for others', () => {
    const plan = healthyPlan({ nodeGroups: [{ match: 'canary', maxUnavailable: 2 }] })
    const intent = healthyIntent({
      groups: healthyIntent().groups.map((group) => (group.name === 'canary' ? { ...group, maxUnavailable: 2 } : group)),
    })
    const canary = compile(plan, intent, healthySnapshot()).batches.find(({ id }) => id === 'canary/1')
    expect(canary?.steps.map(({ kind }) => kind)).toEqual(['nodegroup-settings', 'nodegroup-update', 'nodegroup-settings'])
  })

  it.each([
    { batch: 1 as const, groups: 7, size: 1 },
    { batch: '10%' as const, groups: 3, size: 1 },
    { batch: '50%' as const, groups: 7, size: 4 },
    { batch: 3 as const, groups: 2, size: 3 },
    { batch: 'growing' as const, groups: 7, size: 1 },
  ])('a batch of $batch in $groups groups is $size', ({ batch, groups, size }) => {
    expect(batchSize(batch, groups)).toBe(size)
  })
})

describe('a wave that grows', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
  const sizes = (alone: readonly string[]) => {
    const [like] = healthyIntent().groups
    const groups = names.map((name) => ({
      ...like,
      name,
      phase: 'wave',
      wave: 'app',
      nodeClass: 'm5',
      ...(alone.includes(name) && { alone: true }),
    }))
    const canary = { ...like, name: 'z', phase: 'canary', wave: 'canary', nodeClass: 'm5' }
    const [wave] = healthyPlan().waves
    const plan = healthyPlan({ waves: [{ ...wave, name: 'app', nodeGroups: names, batch: 'growing' } as never] })
    const batches = groupBatches(plan, healthyIntent({ groups: [canary, ...groups] as never }))
    return batches.filter(({ phase }) => phase === 'wave').map(({ groups: portion }) => portion.map(({ name }) => name).join(''))
  }
  it('takes one group, then two, then four', () => expect(sizes([])).toEqual(['a', 'bc', 'defg']))
  it('never puts two groups together that the plan wants alone', () => expect(sizes(['b', 'c'])).toEqual(['a', 'b', 'c', 'defg']))
})

describe('groups that depend on each other', () => {
  const portions = (settings: readonly object[], batch: number, groups: readonly string[] = ['db-a', 'db-b', 'ingress', 'web']) => {
    const [like] = healthySnapshot().aws.nodegroups ?? []
    const nodegroups = ['canary', ...groups].map((nodegroupName) => ({ ...like, nodegroupName }))
    const snapshot = healthySnapshot((each) => ({ ...each, aws: { ...each.aws, nodegroups } }))
    const [wave] = healthyPlan().waves
    const plan = healthyPlan({
      waves: [{ ...wave, name: 'all', nodeGroups: ['*'], batch } as never],
      nodeGroups: settings as never,
    })
    const intent = resolveIntent(plan, snapshot)
    // As if they had nodes of a class that the canary has: empty groups go alone.
    const moving = intent.groups.map((group) => ({ ...group, changes: true, nodes: 2, nodeClass: 'm5' }))
    return groupBatches(plan, { ...intent, groups: moving })
      .filter(({ phase }) => phase === 'wave')
      .map((each) => each.groups.map(({ name }) => name).join(' '))
  }

  it.each([
    { title: 'nothing said', settings: [], batches: ['db-a db-b ingress web'] },
    {
      title: 'ingress first, databases last, never two of them together',
      settings: [
        { match: 'db-*', after: ['ingress', 'web'], neverWith: ['db-*'] },
        { match: 'web', after: ['ingress'] },
      ],
      batches: ['ingress', 'web', 'db-a', 'db-b'],
    },
    {
      title: 'databases apart from each other only',
      settings: [{ match: 'db-*', neverWith: ['db-*'] }],
      batches: ['db-a', 'db-b ingress web'],
    },
    { title: 'a group after one of an earlier wave', settings: [{ match: 'web', after: ['canary'] }], batches: ['db-a db-b ingress web'] },
  ])('$title: $batches', ({ settings, batches }) => {
    expect(portions(settings, 4)).toEqual(batches)
  })
})

describe('the digest', () => {
  it.each([
    { title: 'another target release', change: { target: { version: '1.33', releaseVersion: 'other' } }, moves: true },
    { title: 'another way of updating', change: { maxUnavailable: 3 }, moves: true },
    { title: 'more nodes in a group', change: { nodes: 40, pods: 900 }, moves: false },
    { title: 'other sizes', change: { sizes: { min: 1, max: 99, desired: 40 } }, moves: false },
  ])('$title: moves $moves', ({ change, moves }) => {
    const intent = healthyIntent()
    const other = compile(
      healthyPlan(),
      { ...intent, groups: intent.groups.map((group, index) => (index === 1 ? { ...group, ...change } : group)) },
      healthySnapshot(),
    )
    expect(other.digest !== itinerary.digest).toBe(moves)
    expect(differences(itinerary.decisionFacts, other.decisionFacts).length > 0).toBe(moves)
  })
})
