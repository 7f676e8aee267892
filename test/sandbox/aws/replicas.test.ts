import { expect, it } from 'vitest'
import { SECOND } from '../../../src/model/instant.ts'
import { createReplicas, type Replica } from '../../../src/sandbox/world/aws/replicas.ts'

interface Thing {
  readonly name: string
  size: number
}

const LAG = 10 * SECOND

/** A service of things with sizes, whose readers lag by up to ten seconds. */
function service(things: Thing[], settings: { newIsFound?: boolean; lag?: number } = {}) {
  const world = { now: 0 }
  const { newIsFound = false, lag = LAG } = settings
  const replicas = createReplicas(() => world.now, 1, { ec2: lag, autoScaling: 0, eks: 0 })
  const replica: Replica<Thing> = replicas.of({
    service: 'ec2',
    kind: 'thing',
    all: () => things,
    idOf: ({ name }) => name,
    copy: (thing) => ({ ...thing }),
    newIsFound,
  })
  const operations = replica.heardLater(
    {
      Create: ({ name }) => ({ made: things.push({ name: String(name), size: 1 }) }),
      Resize({ name, size }) {
        const thing = things.find((each) => each.name === name)
        if (thing === undefined) throw new Error('no such thing')
        thing.size = Number(size)
        return {}
      },
      Delete: ({ name }) => ({ gone: things.splice(things.findIndex((each) => each.name === name)) }),
    },
    ({ name }) => [String(name)],
  )
  const change = (operation: string, input: Record<string, unknown>) => replicas.asReadersSee(0, () => operations[operation]?.(input))
  const read = <R>(ask: (from: Replica<Thing>) => R, age = 0): R => replicas.asReadersSee(age, () => ask(replica))
  const sizes = (age = 0) => read((from) => Object.fromEntries(from.all().map(({ name, size }) => [name, size])), age)
  return { world, change, read, sizes }
}

it.each([
  { title: 'a new thing is not there yet', operation: 'Create', input: { name: 'b' }, before: { a: 1 }, after: { a: 1, b: 1 } },
  { title: 'a changed one is what it was', operation: 'Resize', input: { name: 'a', size: 5 }, before: { a: 1 }, after: { a: 5 } },
  { title: 'one that was taken away is still there', operation: 'Delete', input: { name: 'a' }, before: { a: 1 }, after: {} },
])('$title, until readers hear of it', ({ operation, input, before, after }) => {
  const { world, change, sizes } = service([{ name: 'a', size: 1 }])
  change(operation, input)
  expect(sizes()).toEqual(before)
  world.now = LAG
  expect(sizes()).toEqual(after)
})

it('readers hear of several changes in their order, and never of a part', () => {
  const { world, change, sizes } = service([{ name: 'a', size: 1 }])
  for (let size = 2; size < 12; size++) {
    change('Resize', { name: 'a', size })
    world.now += SECOND
  }
  const told: number[] = []
  for (let second = 0; second < 20; second++) {
    told.push(sizes().a ?? 0)
    world.now += SECOND
  }
  expect(told).toEqual(told.toSorted((one, other) => one - other))
  expect(told.at(-1)).toBe(11)
})

it('a request that is refused changes nothing for readers', () => {
  const { change, sizes } = service([{ name: 'a', size: 1 }])
  expect(() => change('Resize', { name: 'b', size: 5 })).toThrow('no such thing')
  expect(sizes()).toEqual({ a: 1 })
})

it('who asks for a new one by its name finds it, where clients rely on that, but in no list, and not behind a fault', () => {
  const { change, read, sizes } = service([], { newIsFound: true })
  change('Create', { name: 'b' })
  expect(read((from) => from.get('b'))).toEqual({ name: 'b', size: 1 })
  expect(sizes()).toEqual({})
  expect(read((from) => from.get('b'), LAG)).toBeUndefined()
})

it('readers of a server that lags are shown what was so long ago, without a lag of its own too', () => {
  const { world, change, sizes } = service([{ name: 'a', size: 1 }], { lag: 0 })
  change('Resize', { name: 'a', size: 2 })
  world.now = 30 * SECOND
  change('Resize', { name: 'a', size: 3 })
  world.now = 40 * SECOND
  expect([0, 5 * SECOND, 20 * SECOND, 60 * SECOND].map((age) => sizes(age).a)).toEqual([3, 3, 2, 1])
})
