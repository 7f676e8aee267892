import { describe, expect, it } from 'vitest'
import { addonHopForecast, type GroupUpdate, groupUpdateForecast } from '../../src/forecast/durations.ts'
import { MINUTE, SECOND } from '../../src/model/instant.ts'

const group: GroupUpdate = { nodes: 4, pods: 20, maxUnavailable: 1, surge: 6, updateStrategy: 'DEFAULT', zones: 3 }
// cordon 5 s + 5 evictions of 2 s + 30 s grace + 60 s wait + 30 s termination
const round = 135 * SECOND

describe('a managed node group update', () => {
  it.each<{ title: string; change: Partial<GroupUpdate>; expected: number }>([
    {
      title: 'set-up, one boot, one round per node, six steps down',
      change: {},
      expected: 60 * SECOND + 75 * SECOND + 4 * round + 90 * SECOND,
    },
    { title: 'two nodes at a time halve the rounds', change: { maxUnavailable: 2 }, expected: 225 * SECOND + 2 * round },
    { title: 'rounds are rounded up', change: { maxUnavailable: 3 }, expected: 225 * SECOND + 2 * round },
    {
      title: 'MINIMAL boots in every round',
      change: { updateStrategy: 'MINIMAL', surge: 0 },
      expected: 60 * SECOND + 4 * (round + 75 * SECOND),
    },
    { title: 'an empty group is only set up', change: { nodes: 0, pods: 0 }, expected: 60 * SECOND },
    { title: 'nodes without pods are not drained', change: { pods: 0 }, expected: 225 * SECOND + 4 * 95 * SECOND },
    {
      title: 'eviction never takes more than 15 minutes a node',
      change: { pods: 4 * 2000 },
      expected: 225 * SECOND + 4 * (15 * MINUTE + 90 * SECOND),
    },
    { title: 'a maxUnavailable of nought counts as one', change: { maxUnavailable: 0 }, expected: 225 * SECOND + 4 * round },
  ])('$title', ({ change, expected }) => {
    const forecast = groupUpdateForecast({ ...group, ...change })
    expect(forecast.expected).toBe(expected)
    expect(forecast.back).toBe(expected)
  })

  it('exposes the whole group, because EKS cannot stop it', () => {
    expect(groupUpdateForecast(group).exposed).toEqual({ nodes: 4, pods: 20, minutes: 13 })
  })
})

describe('one hop of the CNI add-on', () => {
  it.each([
    { title: 'twenty nodes, two at a time', nodes: 20, pods: 100, expected: 480, exposed: { nodes: 2, pods: 10, minutes: 7 } },
    { title: 'five nodes, one at a time', nodes: 5, pods: 10, expected: 255, exposed: { nodes: 1, pods: 2, minutes: 7 } },
    { title: 'ten per cent is rounded up', nodes: 21, pods: 21, expected: 345, exposed: { nodes: 3, pods: 3, minutes: 7 } },
    {
      title: 'seventy nodes are seven at a time, not eight',
      nodes: 70,
      pods: 70,
      expected: 480,
      exposed: { nodes: 7, pods: 7, minutes: 7 },
    },
    { title: 'a cluster without nodes', nodes: 0, pods: 0, expected: 30, exposed: { nodes: 0, pods: 0, minutes: 0 } },
  ])('$title', ({ nodes, pods, expected, exposed }) => {
    expect(addonHopForecast({ nodes, pods })).toEqual({ expected: expected * SECOND, back: expected * SECOND, exposed })
  })
})
