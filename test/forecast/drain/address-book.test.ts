import { describe, expect, it } from 'vitest'
import type { PoolSettings } from '../../../src/forecast/addresses.ts'
import { type AddressRules, type HeldInterface, openAddressBook } from '../../../src/forecast/drain/address-book.ts'
import { createAgenda } from '../../../src/forecast/drain/agenda.ts'
import type { RehearsedNode } from '../../../src/forecast/drain/nodes.ts'
import type { SubnetRoom } from '../../../src/forecast/drain/subnet-accounts.ts'

/** An m5.large has three interfaces of ten addresses each; nodes are in the subnet `nodes`, one zone. */
const M5_LARGE = { interfaces: 3, addressesPerInterface: 10, vcpus: 2 }

const node = (name: string, networkPods = 1) =>
  ({ name, group: 'app', zone: 'a', type: 'm5.large', networkPods, closed: false }) as unknown as RehearsedNode

interface Given {
  readonly settings?: PoolSettings
  readonly rooms: Readonly<Record<string, SubnetRoom>>
  readonly held?: readonly HeldInterface[]
  readonly old?: readonly RehearsedNode[]
}

function open({ settings = {}, rooms, held, old = [] }: Given) {
  const rules: AddressRules = {
    settings,
    limitsOf: () => M5_LARGE,
    rooms: new Map(Object.entries(rooms)),
    zoneOf: () => 'a',
    subnetsOf: () => ['nodes'],
    podSubnetOf: () => (settings.customNetworking === true ? 'pods' : undefined),
    heldBy: () => held,
  }
  const agenda = createAgenda()
  const book = openAddressBook(
    rules,
    agenda,
    old,
    () => 'nodes',
    () => 'now',
  )
  const join = (each: RehearsedNode) => {
    book.launched(each)
    book.grown(each)
  }
  const peaks = () => Object.fromEntries([...book.peaks()].map(([subnet, { peak }]) => [subnet, peak]))
  const dry = () => [...book.peaks()].flatMap(([subnet, { dry: stage }]) => (stage === undefined ? [] : [subnet]))
  return { agenda, book, join, peaks, dry }
}

const prefixes: PoolSettings = { prefixDelegation: true, warmPrefixes: 1 }

describe('a new node takes', () => {
  it.each([
    { title: 'two interfaces of ten by default', settings: {}, peaks: { nodes: 20 } },
    { title: 'what its targets say', settings: { warmAddresses: 2, minimumAddresses: 5 }, peaks: { nodes: 6 } },
    { title: 'two prefixes, with an address of its own', settings: prefixes, peaks: { nodes: 33 } },
    { title: 'a place for the trunk', settings: { podEni: true, warmAddresses: 2 }, peaks: { nodes: 5 } },
    { title: 'the addresses of pods from their own subnet', settings: { customNetworking: true }, peaks: { nodes: 1, pods: 20 } },
  ])('$title', ({ settings, peaks }) => {
    const { join, peaks: seen } = open({ settings, rooms: { nodes: { free: 500 }, pods: { free: 500 } } })
    join(node('new'))
    expect({ ...seen(), ...peaks }).toEqual({ pods: 0, ...peaks })
    expect(seen()).toMatchObject(peaks)
  })
})

describe('a subnet that has too little', () => {
  it.each([
    { title: 'gives no interface that does not fit whole', free: 19, networkPods: 1, peak: 10, dry: [] },
    { title: 'gives single addresses on an interface that is there', free: 5, networkPods: 4, peak: 5, dry: [] },
    { title: 'is dry for a pod that waits two minutes', free: 5, networkPods: 5, peak: 5, dry: ['nodes'] },
  ])('$title', ({ free, networkPods, peak, dry }) => {
    const { join, agenda, peaks, dry: seen } = open({ rooms: { nodes: { free } } })
    join(node('new', networkPods))
    agenda.run()
    expect(peaks()).toEqual({ nodes: peak })
    expect(seen()).toEqual(dry)
  })

  it.each([
    { title: 'of whole blocks is dry, whatever single addresses it has', blocks: { whole: 0, reserved: false }, dry: ['nodes'] },
    { title: 'whose blocks single addresses break is dry before all are taken', blocks: { whole: 1, reserved: false }, dry: ['nodes'] },
    { title: 'whose blocks are kept for prefixes gives the last one', blocks: { whole: 1, reserved: true }, dry: [] },
  ])('$title', ({ blocks, dry }) => {
    const { join, agenda, dry: seen } = open({ settings: prefixes, rooms: { nodes: { free: 20, blocks } } })
    join(node('new'))
    agenda.run()
    expect(seen()).toEqual(dry)
  })

  it('is dry in its pods alone under custom networking', () => {
    const { join, agenda, dry } = open({ settings: { customNetworking: true }, rooms: { nodes: { free: 50 }, pods: { free: 9 } } })
    join(node('new'))
    agenda.run()
    expect(dry()).toEqual(['pods'])
  })

  it('is not dry for a pod that goes before aws-node asks again', () => {
    const { join, agenda, dry } = open({ rooms: { nodes: { free: 5 } } })
    const crowded = node('new', 5)
    join(crowded)
    agenda.after(60_000, () => {
      crowded.networkPods = 4
    })
    agenda.run()
    expect(dry()).toEqual([])
  })
})

describe('an old node gives back', () => {
  const old = node('old')
  const held = [
    { subnet: 'nodes', first: true, units: 9, inPrefixes: false },
    { subnet: 'nodes', first: false, units: 9, inPrefixes: false },
    { subnet: 'nodes', first: false, units: 9, inPrefixes: false },
  ]

  it.each([
    { title: 'what its interfaces hold', held, newNodes: 2 },
    { title: 'what its pods need, where interfaces were not read', held: undefined, newNodes: 1 },
  ])('$title', ({ held: interfaces, newNodes }) => {
    const { book, join, peaks } = open({ rooms: { nodes: { free: 0 } }, old: [old], ...(interfaces && { held: interfaces }) })
    expect(book.hasRoom('app', 'a')).toBe(false)
    book.ended(old)
    expect(book.hasRoom('app', 'a')).toBe(true)
    for (let each = 0; each < newNodes; each++) join(node(`new-${each}`))
    expect(book.hasRoom('app', 'a'), 'all of it is taken again').toBe(false)
    expect(peaks()).toEqual({ nodes: 0 })
  })
})
