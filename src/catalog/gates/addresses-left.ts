import { z } from 'zod'
import type { AddressNeed } from '../../model/forecast.ts'
import type { SubnetFacts } from '../../model/seen.ts'
import type { Evidence, Judgement } from '../../model/verdict.ts'
import type { GateDefinition, GateInput } from './definition.ts'
import { gapIn, gapJudgement } from './judging/differential.ts'
import { count } from './judging/words.ts'

const NEEDS = ['ec2:DescribeSubnets']

export const addressesLeft: GateDefinition = {
  kind: 'addresses-left',
  summary: 'Subnets have the addresses that every batch still to come takes while it is at its widest.',
  rule: {
    pass: 'In each zone a subnet has as many free addresses as the new nodes of any later batch take, old nodes still holding theirs; or no batch is left.',
    fail: 'Never: going back takes addresses too.',
    unknown: 'A later batch would not fit, with the arithmetic; or subnets cannot be read. It holds when it lasts 10 min.',
  },
  options: z.strictObject({}),
  appliesTo: ['addon', 'nodes'],
  cause: 'addon-or-networking',
  lasting: ({ seen }) => (gapIn(seen, NEEDS) === undefined ? 'no-capacity' : undefined),
  readsSubnets: true,
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html',
  judge,
}

function judge({ seen, ahead, settledAt, batch }: GateInput<unknown>): Judgement {
  const gap = gapJudgement(seen, NEEDS)
  if (gap !== undefined) return gap
  if (ahead === undefined)
    return { verdict: 'unknown', reason: 'what later batches take of subnets is not known: there is no aws-node', evidence: [] }
  const { subnets } = seen
  if (settledAt === undefined)
    return { verdict: 'pending', reason: `${batch.title} still holds addresses for old and new nodes`, evidence: [] }
  const needs = ahead.flatMap((later) => later.needs.map((need) => ({ ...need, batch: later.title })))
  if (needs.length === 0) return { verdict: 'pass', reason: 'no batch is left that takes addresses', evidence: [] }
  if (subnets === undefined) return { verdict: 'pending', reason: 'free addresses of subnets have not been read yet', evidence: [] }
  const places = ahead.flatMap(({ title, needs: wanted }) => placesOf(title, wanted, subnets))
  const short = places.filter(({ left, relief }) => left < 0 && !relief)
  const [tightest] = places.toSorted((a, b) => a.left - b.left)
  const [first, ...others] = short.toSorted((a, b) => a.left - b.left)
  if (first === undefined)
    return { verdict: 'pass', reason: `every later batch fits its subnets; least room: ${tightest?.says}`, evidence: evidenceOf(places) }
  const more = others.length === 0 ? '' : `, and ${count(others.length, 'place')} more`
  return { verdict: 'unknown', reason: `a later batch would not fit: ${first.says}${more}; ${REMEDY}`, evidence: evidenceOf(short) }
}

const REMEDY = 'free addresses there, set updateStrategy MINIMAL for the group, or lower WARM_IP_TARGET of aws-node'

interface Place {
  readonly subnet: string
  /** Free addresses that are left over; less than none: so many are missing. */
  readonly left: number
  /** Whether another subnet of the zone would do; Auto Scaling chooses. */
  readonly relief: boolean
  readonly says: string
}

/** All new nodes of a zone may come up in any one of its subnets. */
function placesOf(title: string, needs: readonly AddressNeed[], subnets: Readonly<Record<string, SubnetFacts>>): readonly Place[] {
  return [...new Set(needs.flatMap((need) => need.subnets))].flatMap((subnet): readonly Place[] => {
    const free = subnets[subnet]?.free
    if (free === undefined) return []
    const here = needs.filter((need) => need.subnets.includes(subnet))
    const taken = here.reduce((sum, { newNodes, perNode }) => sum + newNodes * perNode, 0)
    const relief = here.flatMap((need) => need.subnets).some((other) => other !== subnet && (subnets[other]?.free ?? 0) >= taken)
    const left = free - taken
    const sum = here.map(({ group, newNodes, perNode }) => `${group}: ${count(newNodes, 'new node')} x ${perNode} addresses`).join(' + ')
    const end = left < 0 ? `${-left} too few` : `${left} left`
    return [{ subnet, left, relief, says: `${title} in ${here[0]?.zone} (${subnet}): ${sum} = ${taken} needed, ${free} free, ${end}` }]
  })
}

function evidenceOf(places: readonly Place[]): readonly Evidence[] {
  return places.map(({ subnet, says }) => ({ subject: `Subnet/${subnet}`, says }))
}
