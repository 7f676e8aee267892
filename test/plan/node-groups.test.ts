import { describe, expect, it } from 'vitest'
import { assignGroups, matchNodeGroups } from '../../src/plan/node-groups.ts'
import { changed, HEALTHY, linesOf, load, withLines } from './plan-text.ts'

const GROUPS = ['data', 'canary', 'app-b', 'app-a', 'batch']
const assigned = (text: string, groups = GROUPS) => {
  const { canary, waves, excluded } = assignGroups(load(text).plan, groups)
  return {
    canary,
    waves: Object.fromEntries(waves.map(({ wave, groups: names }) => [wave.name, names])),
    excluded: excluded.map((each) => each.name),
  }
}
const mistakes = (text: string, groups = GROUPS) => linesOf(matchNodeGroups(load(text), groups))

describe('node groups', () => {
  it('belong to the canary, to a wave by name, or to `*`', () => {
    expect(assigned(HEALTHY)).toEqual({ canary: ['canary'], waves: { app: ['app-a', 'app-b'], rest: ['batch', 'data'] }, excluded: [] })
    expect(mistakes(HEALTHY)).toEqual([])
  })

  it('fall to `*` wherever it stands', () => {
    const text = changed('name: app, nodeGroups: ["app-*"]', 'name: app, nodeGroups: ["*"]').replace(
      'name: rest, nodeGroups: ["*"]',
      'name: rest, nodeGroups: ["app-*"]',
    )
    expect(assigned(text).waves).toEqual({ app: ['batch', 'data'], rest: ['app-a', 'app-b'] })
  })

  it('of the canary and of `exclude` are never caught by a wave', () => {
    const text = changed('[canary]', '[app-a]').replace('"*"', '"*"').concat('exclude: [{ nodeGroups: [app-b], reason: by hand }]\n')
    expect(assigned(text, ['app-a', 'app-b', 'app-c', 'x'])).toEqual({
      canary: ['app-a'],
      waves: { app: ['app-c'], rest: ['x'] },
      excluded: ['app-b'],
    })
  })

  it('need no entry in a plan that moves add-ons only', () => {
    const text = HEALTHY.replace(/canary:[\s\S]*$/, '').replace(/ {2}kubernetesVersion.*\n {2}images.*\n/, '')
    expect(mistakes(text)).toEqual([])
  })
})

describe('a node group', () => {
  it.each([
    {
      title: 'named by two waves',
      text: changed('["*"]', '["*", "*-a"]'),
      groups: GROUPS,
      says: [
        '16:37 waves[1].nodeGroups[1]: Node group `app-a` is already named by wave `app`. A node group belongs to one entry: narrow one of the patterns.',
      ],
    },
    {
      title: 'named by no entry',
      text: changed('["*"]', '[batch]'),
      groups: GROUPS,
      says: [
        '14:1 waves: No entry names node group `data`. Name it in a wave, add a wave with `nodeGroups: ["*"]`, or put it under `exclude` with a reason.',
      ],
    },
    {
      title: 'misspelt',
      text: changed('[canary]', '[canray]'),
      groups: GROUPS,
      says: [
        '13:24 canary.nodeGroups[0]: There is no node group `canray`. Did you mean `canary`? The cluster has app-a, app-b, batch, canary, data.',
      ],
    },
    {
      title: 'matched by no glob',
      text: HEALTHY,
      groups: ['canary', 'data'],
      says: [
        '15:31 waves[0].nodeGroups[0]: `app-*` matches no node group. The cluster has canary, data. Say `optional: true` if it may match none.',
      ],
    },
    {
      title: 'not left for `*`',
      text: HEALTHY,
      groups: ['canary', 'app-a'],
      says: [
        '16:32 waves[1].nodeGroups[0]: No node group is left for `*`. The cluster has app-a, canary. Say `optional: true` if it may match none.',
      ],
    },
    {
      title: 'of settings that match none',
      text: withLines('nodeGroups:', '  - { match: gpu, timeout: 1h }'),
      groups: GROUPS,
      says: [
        '18:14 nodeGroups[0].match: There is no node group `gpu`. The cluster has app-a, app-b, batch, canary, data. Say `optional: true` if it may match none.',
      ],
    },
    {
      title: 'of settings that may match none',
      text: withLines('nodeGroups:', '  - { match: gpu, optional: true }'),
      groups: GROUPS,
      says: [],
    },
    {
      title: 'that others are to come after and that do not exist',
      text: withLines('nodeGroups:', '  - { match: data, after: [ap-a], neverWith: ["db-*"] }'),
      groups: GROUPS,
      says: [
        '18:28 nodeGroups[0].after[0]: There is no node group `ap-a`. Did you mean `app-a`? The cluster has app-a, app-b, batch, canary, data.',
        '18:47 nodeGroups[0].neverWith[0]: `db-*` matches no node group. The cluster has app-a, app-b, batch, canary, data. Say `optional: true` if it may match none.',
      ],
    },
    {
      title: 'after one of a later wave',
      text: withLines('nodeGroups:', '  - { match: app-a, after: [data] }'),
      groups: GROUPS,
      says: [
        '18:21 nodeGroups[0].after: `app-a` is to come after `data`, but wave `app` comes before wave `rest`. Move `data` to an earlier wave, or `app-a` to a later one.',
      ],
    },
    { title: 'that may be absent', text: changed('gates: node }', 'gates: node, optional: true }'), groups: ['canary', 'data'], says: [] },
  ])('$title', ({ text, groups, says }) => {
    expect(mistakes(text, groups)).toEqual(says)
  })
})
