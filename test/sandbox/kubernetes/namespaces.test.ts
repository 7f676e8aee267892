import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { MINUTE } from '../../../src/model/instant.ts'
import { openWorld } from '../../../src/sandbox/world/open.ts'

const ME = { username: 'arn:aws:iam::111122223333:user/me', groups: ['system:masters'] }

describe('a namespace that is deleted', () => {
  it.each(['shop', 'batch'])('takes workloads, budgets and pods along: %s of the quickstart', (name) => {
    const world = openWorld({ world: readFileSync('plans/worlds/quickstart.yaml', 'utf8'), scenarios: [] })
    const inside = () =>
      ['Pod', 'Deployment', 'StatefulSet', 'ReplicaSet', 'PodDisruptionBudget'].flatMap((kind) =>
        world.store.list(kind).filter(({ metadata }) => metadata.namespace === name),
      )
    expect(inside().length).toBeGreaterThan(2)
    world.api.remove({ user: ME }, 'Namespace', undefined, name)
    world.timeline.advanceTo(world.timeline.now() + 5 * MINUTE)
    expect(inside()).toEqual([])
    expect(world.store.get('Namespace', undefined, name)).toBeUndefined()
  })
})
