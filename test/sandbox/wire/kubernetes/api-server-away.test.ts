import { describe, expect, it } from 'vitest'
import { createWire } from '../../../../src/sandbox/wire/wire.ts'
import { node, tinyWorld } from '../tiny-world.ts'

const NO_TIMER = () => () => {}

describe('an API server that is away', () => {
  it.each([
    { service: 'kubernetes', away: true, met: { kind: 'cut', when: 'before' } },
    { service: 'kubernetes', away: false, met: undefined },
    { service: 'eks', away: true, met: undefined },
  ])('answers $service with $met when away is $away', ({ service, away, met }) => {
    const world = tinyWorld({ apiServer: { isAway: () => away, onBreak: () => () => {} } })
    const { admit } = createWire(world, { later: NO_TIMER, wait: async () => {} })
    expect(admit({ service, operation: 'get', resource: 'nodes', mutating: false, input: '' }).intervention).toEqual(met)
  })

  it('ends every open watch when it goes', () => {
    const breaks: (() => void)[] = []
    const apiServer = {
      isAway: () => false,
      onBreak(listener: () => void) {
        breaks.push(listener)
        return () => {}
      },
    }
    const { watches } = createWire(tinyWorld({ objects: [node('a')], apiServer }), { later: NO_TIMER, wait: async () => {} })
    const ended: string[] = []
    for (const kind of ['Node', 'Pod']) {
      const spec = { kind, apiVersion: 'v1', matches: undefined, initial: [], from: 1, markInitialEnd: false, bookmarks: false }
      watches.open(
        { ...spec, timeoutMilliseconds: undefined, line: () => '' },
        () => {},
        () => ended.push(kind),
      )
    }
    for (const broken of breaks) broken()
    expect(ended).toEqual(['Node', 'Pod'])
    expect(watches.count()).toBe(0)
  })
})
