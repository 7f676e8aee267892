import { describe, expect, it } from 'vitest'
import type { SubnetFacts, WaitingPod } from '../../src/model/seen.ts'
import { fullSubnetsOf } from '../../src/rollout/full-subnets.ts'
import { aGroup, aNode, anAwsNode, aSeen, NOW } from '../support/seen-builder.ts'

const WAITING: WaitingPod = { namespace: 'shop', name: 'web-1', boundAt: NOW - 300_000, cause: 'cni' }

function blamed(node: Parameters<typeof aNode>[0], subnets: Readonly<Record<string, SubnetFacts>>, names = ['sick']) {
  const group = aGroup({ name: 'app-a', nodes: [aNode({ name: 'sick', zone: 'z-b', ...node })], subnets: ['s-a', 's-b'] })
  return fullSubnetsOf(names, aSeen({ groups: [group], subnets })).map(({ subject }) => subject)
}

describe('full subnets', () => {
  it.each<{ title: string; pods?: number; subnets: Readonly<Record<string, SubnetFacts>>; full: readonly string[] }>([
    { title: 'none is left in the zone of the node', subnets: { 's-b': { zone: 'z-b', free: 0 } }, full: ['Subnet/s-b'] },
    { title: 'fewer are left than pods wait', pods: 2, subnets: { 's-b': { zone: 'z-b', free: 1 } }, full: ['Subnet/s-b'] },
    {
      title: 'another zone is full, not this one',
      subnets: { 's-a': { zone: 'z-a', free: 0 }, 's-b': { zone: 'z-b', free: 9 } },
      full: [],
    },
    {
      title: 'another subnet of the zone has room',
      subnets: { 's-a': { zone: 'z-b', free: 9 }, 's-b': { zone: 'z-b', free: 0 } },
      full: [],
    },
    { title: 'the subnets could not be read', subnets: {}, full: [] },
    { title: 'no pod waits for an address', pods: 0, subnets: { 's-b': { zone: 'z-b', free: 0 } }, full: [] },
  ])('$title: $full', ({ pods = 1, subnets, full }) => {
    expect(blamed({ waitingPods: Array.from({ length: pods }, () => WAITING) }, subnets)).toEqual(full)
  })

  it('are blamed for probes too, which are gone by the time that they have told', () => {
    const seen = aSeen({
      groups: [aGroup({ name: 'app-a', nodes: [aNode({ name: 'sick', zone: 'z-b' })], subnets: ['s-b'] })],
      subnets: { 's-b': { zone: 'z-b', free: 0 } },
    })
    expect(fullSubnetsOf(['sick'], seen, 1)).toHaveLength(1)
  })

  it('need not be full where EC2 told ipamd that they lack what it asked for: a block for a prefix', () => {
    const counts = (times: number) => ({ refusals: { 'AssignPrivateIpAddresses InsufficientCidrBlocks': times } })
    const told = anAwsNode({ metrics: { at: NOW, counts: counts(1), before: { at: NOW - 120_000, counts: counts(0) } } })
    expect(blamed({ awsNode: told }, { 's-b': { zone: 'z-b', free: 200 } })).toEqual(['ipamd on sick'])
  })

  it('explain nothing when one of the failing nodes stands elsewhere', () => {
    const subnets = { 's-b': { zone: 'z-b', free: 0 } }
    expect(blamed({ waitingPods: [WAITING] }, subnets, ['sick', 'elsewhere'])).toEqual([])
  })
})
