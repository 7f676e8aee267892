import { describe, expect, it } from 'vitest'
import { MINUTE } from '../../../src/model/instant.ts'
import { type NetworkOptions, podNetwork } from './pod-network.ts'

/** An m5.large: nine addresses on each of three interfaces, in prefixes sixteen each. */
function nodeWith(pods: number, options: NetworkOptions = {}) {
  const kit = podNetwork(options)
  const instance = kit.launch('m5.large')
  if (instance === undefined) throw new Error('The subnet is full.')
  kit.start(instance)
  const held = new Map<string, string>()
  const { network } = kit
  const add = (name: string): string | undefined => {
    const address = network.assign(instance.id, name)
    if (address !== undefined) held.set(name, address)
    return address
  }
  for (let nth = 0; nth < pods; nth++) add(`pod-${nth}`)
  return {
    add,
    held,
    drop(name: string) {
      held.delete(name)
      network.release(instance.id, name)
    },
    reconcile: (isStale: boolean) => network.reconcile(instance.id, isStale),
    figures: () => network.figures(instance.id),
    cutOff: () => [...held.keys()].filter((name) => network.isCutOff(instance.id, name)),
    attached: () => kit.attached(instance).map(({ id }) => id),
    restart: () => kit.start(instance),
    pass: (span: number) => kit.timeline.advanceTo(kit.timeline.now() + span),
  }
}

describe('metadata that lacks an attached interface', () => {
  it.each([
    { title: 'pods on the second interface', pods: 12, options: {}, cut: 3 },
    { title: 'more pods on it than on the third', pods: 20, options: {}, cut: 9 },
    { title: 'no pods but on the first interface', pods: 5, options: {}, cut: 0 },
    { title: 'one interface', pods: 12, options: { env: { ENABLE_PREFIX_DELEGATION: 'true' } }, cut: 0 },
  ])('$title: $cut are cut off, and EC2 is not asked', ({ pods, options, cut }) => {
    const node = nodeWith(pods, options)
    const before = { attached: node.attached(), figures: node.figures() }
    const line = node.reconcile(true)
    expect(line).toEqual(
      cut === 0 ? undefined : expect.stringMatching(new RegExp(`^Force removing eni eni-[0-9a-f]{17} with ${cut} assigned pods$`)),
    )
    expect(node.cutOff()).toHaveLength(cut)
    expect(node.figures()).toMatchObject({
      assigned: (before.figures?.assigned ?? 0) - cut,
      forcedOut: { interfaces: Math.sign(cut), addresses: cut },
    })
    expect(node.attached()).toEqual(expect.arrayContaining(before.attached))
    expect(node.reconcile(true)).toBe(undefined)
  })

  it('gives new pods addresses of other interfaces meanwhile, and none twice', () => {
    const node = nodeWith(12)
    node.reconcile(true)
    for (let nth = 0; nth < 12; nth++) node.add(`later-${nth}`)
    expect(new Set(node.held.values()).size).toBe(node.held.size)
    expect(node.cutOff()).toEqual(['pod-9', 'pod-10', 'pod-11'])
    node.pass(10 * MINUTE)
    expect(node.attached()).toHaveLength(3)
  })

  it('brings the interface back when it is whole; its pods stay cut off until they are made anew', () => {
    const node = nodeWith(12)
    const total = node.figures()?.total
    node.reconcile(true)
    node.drop('pod-9')
    node.reconcile(false)
    expect(node.cutOff()).toEqual(['pod-10', 'pod-11'])
    expect(node.figures()).toMatchObject({ total, assigned: 11, interfaces: 3 })
    node.drop('pod-10')
    node.drop('pod-11')
    node.pass(MINUTE)
    for (let nth = 0; node.add(`later-${nth}`) !== undefined; nth++);
    expect(node.cutOff()).toEqual([])
    expect(new Set(node.held.values()).size).toBe(27)
  })

  it('counts from nothing after a restart of ipamd', () => {
    const node = nodeWith(12)
    node.reconcile(true)
    node.restart()
    expect(node.figures()?.forcedOut).toEqual({ interfaces: 0, addresses: 0 })
  })
})
