import { describe, expect, it } from 'vitest'
import { addonHopForecast } from '../../src/forecast/durations.ts'
import { SECOND } from '../../src/model/instant.ts'

describe('one hop of the CNI add-on', () => {
  it.each([
    { title: 'twenty nodes, two at a time', nodes: 20, pods: 100, expected: 230, exposed: { nodes: 2, pods: 10, minutes: 7 } },
    { title: 'five nodes, one at a time', nodes: 5, pods: 10, expected: 130, exposed: { nodes: 1, pods: 2, minutes: 7 } },
    { title: 'ten per cent is rounded up', nodes: 21, pods: 21, expected: 170, exposed: { nodes: 3, pods: 3, minutes: 7 } },
    {
      title: 'seventy nodes are seven at a time, not eight',
      nodes: 70,
      pods: 70,
      expected: 230,
      exposed: { nodes: 7, pods: 7, minutes: 7 },
    },
    { title: 'a cluster without nodes', nodes: 0, pods: 0, expected: 30, exposed: { nodes: 0, pods: 0, minutes: 0 } },
  ])('$title', ({ nodes, pods, expected, exposed }) => {
    expect(addonHopForecast({ nodes, pods })).toEqual({ expected: expected * SECOND, back: expected * SECOND, exposed })
  })
})
