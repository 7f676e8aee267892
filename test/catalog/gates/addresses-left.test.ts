import { describe, expect, it } from 'vitest'
import type { GateInput } from '../../../src/catalog/gates/definition.ts'
import type { AddressNeed } from '../../../src/model/forecast.ts'
import { SECOND } from '../../../src/model/instant.ts'
import type { Seen } from '../../../src/model/seen.ts'
import type { Verdict } from '../../../src/model/verdict.ts'
import { anInput, gate } from '../../support/gate-input.ts'
import { aSeen, NOW } from '../../support/seen-builder.ts'

/** Two new nodes of 20 addresses each in the only subnet of zone a. */
const need = (over: Partial<AddressNeed> = {}): AddressNeed => ({
  group: 'app-b',
  zone: 'eu-central-1a',
  subnets: ['subnet-a'],
  newNodes: 2,
  perNode: 20,
  ...over,
})
const free = (addresses: Readonly<Record<string, number>>): Pick<Seen, 'subnets'> => ({
  subnets: Object.fromEntries(Object.entries(addresses).map(([id, count]) => [id, { zone: 'eu-central-1a', free: count }])),
})

interface Row {
  readonly title: string
  readonly ahead?: GateInput<unknown>['ahead']
  readonly seen?: Partial<Pick<Seen, 'subnets' | 'unavailable'>>
  readonly settled?: false
  readonly verdict: Verdict
  readonly words: RegExp
}

const one = [{ title: 'rest', needs: [need()] }]

const rows: readonly Row[] = [
  {
    title: 'as many are free as are needed',
    seen: free({ 'subnet-a': 40 }),
    verdict: 'pass',
    words: /least room: rest in eu-central-1a \(subnet-a\): app-b: 2 new nodes x 20 addresses = 40 needed, 40 free, 0 left/,
  },
  {
    title: 'one is missing',
    seen: free({ 'subnet-a': 39 }),
    verdict: 'unknown',
    words: /would not fit: rest in .*= 40 needed, 39 free, 1 too few; free addresses there, set updateStrategy MINIMAL/,
  },
  {
    title: 'groups of one batch need them together',
    ahead: [{ title: 'rest', needs: [need(), need({ group: 'app-c', newNodes: 1 })] }],
    seen: free({ 'subnet-a': 50 }),
    verdict: 'unknown',
    words: /app-b: 2 new nodes x 20 addresses \+ app-c: 1 new node x 20 addresses = 60 needed, 50 free, 10 too few/,
  },
  {
    title: 'batches need them one after the other',
    ahead: [...one, { title: 'last', needs: [need({ group: 'app-c' })] }],
    seen: free({ 'subnet-a': 50 }),
    verdict: 'pass',
    words: /every later batch fits/,
  },
  {
    title: 'another subnet of the zone would do',
    ahead: [{ title: 'rest', needs: [need({ subnets: ['subnet-a', 'subnet-b'] })] }],
    seen: free({ 'subnet-a': 0, 'subnet-b': 100 }),
    verdict: 'pass',
    words: /40 too few/,
  },
  { title: 'nothing follows', ahead: [], seen: free({ 'subnet-a': 0 }), verdict: 'pass', words: /no batch is left/ },
  { title: 'EKS still replaces nodes', seen: free({ 'subnet-a': 0 }), settled: false, verdict: 'pending', words: /still holds addresses/ },
  { title: 'subnets were not read yet', verdict: 'pending', words: /have not been read yet/ },
  {
    title: 'subnets cannot be read',
    seen: { unavailable: [{ source: 'ec2:DescribeSubnets', reason: 'UnauthorizedOperation', since: NOW - SECOND }] },
    verdict: 'unknown',
    words: /ec2:DescribeSubnets cannot be read since 09:59 UTC \(UnauthorizedOperation\)/,
  },
]

describe('addresses-left', () => {
  it.each(rows)('$title: $verdict', ({ ahead = one, seen = {}, settled, verdict, words }) => {
    const input = anInput({ ahead, seen: aSeen(seen), ...(settled === false && { settledAt: undefined }) })
    const judgement = gate('addresses-left').judge(input)
    expect(judgement.reason).toMatch(words)
    expect(judgement.verdict).toBe(verdict)
  })

  it('does not know what nobody has worked out', () => {
    const { ahead: _, ...input } = anInput({})
    expect(gate('addresses-left').judge(input)).toMatchObject({ verdict: 'unknown', reason: expect.stringContaining('no aws-node') })
  })

  it('holds for want of addresses, and of evidence where subnets cannot be read', () => {
    expect(gate('addresses-left').lasting(anInput({}))).toBe('no-capacity')
    const unavailable = [{ source: 'ec2:DescribeSubnets', reason: 'UnauthorizedOperation', since: NOW }]
    expect(gate('addresses-left').lasting(anInput({ seen: aSeen({ unavailable }) }))).toBeUndefined()
  })
})
