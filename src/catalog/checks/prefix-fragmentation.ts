import type { PoolSettings } from '../../forecast/addresses.ts'
import type { Subnet } from '../../model/aws.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { groupsBeside } from './reading/batches.ts'
import { unlessUsed, withAwsNode } from './reading/pool-settings.ts'
import { foundOr } from './reading/verdicts.ts'
import { wholeBlocks } from './reading/whole-blocks.ts'
import { count } from './reading/wording.ts'
import { bySubnet, needsOf, type ZoneNeed } from './reading/zone-needs.ts'

/** Where nodes take prefixes, their subnets have whole blocks to give. */
export const prefixFragmentation: CheckDefinition = {
  code: 'PREFIX_FRAGMENTATION',
  title: 'Every zone has whole blocks of 16 addresses for the prefixes of the surge',
  severity: 'block',
  waivable: true,
  needs: [
    'ec2:DescribeSubnets',
    'ec2:DescribeNetworkInterfaces',
    'ec2:GetSubnetCidrReservations',
    'kubernetes:daemonsets',
    'kubernetes:nodes',
    'kubernetes:pods',
    'kubernetes:eniconfigs',
  ],
  notApplicable: unlessUsed(unused),
  prevents:
    'InsufficientCidrBlocks on new nodes of a subnet that counts hundreds of free addresses: a prefix needs 16 of them in one aligned block, and single addresses of others lie in every one.',
  remedy:
    'Reserve a range for prefixes with `aws ec2 create-subnet-cidr-reservation --reservation-type prefix`, or use a subnet of its own.',
  source: 'https://docs.aws.amazon.com/eks/latest/best-practices/prefix-mode-linux.html',
  evaluate: (input) =>
    withAwsNode(input, (daemonSet, settings) => {
      const { snapshot, plan, intent } = input
      const batches = groupsBeside(plan, intent).map((batch) =>
        batch.flatMap((group) => needsOf(snapshot, settings, daemonSet, group).needs.filter(({ perNode }) => perNode.prefixes > 0)),
      )
      const places = batches.flatMap(bySubnet).map(({ subnet, here }) => ({ subnet, here, free: wholeBlocks(snapshot, subnet) }))
      const found = places.flatMap(({ subnet, here, free }) => judge(subnet, here, free))
      const least = places.toSorted((a, b) => (a.free ?? 0) - (b.free ?? 0))[0]
      const most = least && `${least.subnet.SubnetId} has the fewest: ${least.free} whole blocks for ${total(least.here, 'perFullNode')}`
      return foundOr(worstPerSubnet(found), plan, `Prefixes of the surge fit every subnet; ${most ?? 'none asks for any'}.`)
    }),
}

function unused({ ipFamily, prefixDelegation }: PoolSettings): string | undefined {
  if (ipFamily === 'ipv6') return 'Nodes of an IPv6 cluster take one prefix of their own /80, which never runs out.'
  return prefixDelegation ? undefined : 'Nodes take single addresses: ENABLE_PREFIX_DELEGATION is not "true".'
}

function total(needs: readonly ZoneNeed[], per: 'perNode' | 'perFullNode'): number {
  return needs.reduce((sum, need) => sum + need.newNodes * need[per].prefixes, 0)
}

function judge(subnet: Subnet, needs: readonly ZoneNeed[], free: number | undefined): readonly CheckFinding[] {
  const subject = `Subnet/${subnet.SubnetId}`
  if (free === undefined)
    return [{ verdict: 'unknown', subject, message: `The CIDR block of ${subnet.SubnetId} cannot be read: ${subnet.CidrBlock}.` }]
  const [usual, full] = [total(needs, 'perNode'), total(needs, 'perFullNode')]
  if (free >= full) return []
  const blocked = free < usual
  const per = blocked ? 'perNode' : 'perFullNode'
  const parts = needs.map(
    (need) => `${need.group}: ${count(need.newNodes, 'new node')} x ${count(need[per].prefixes, 'prefix').replace('prefixs', 'prefixes')}`,
  )
  const message =
    `${subnet.SubnetId} (${subnet.AvailabilityZone}, ${subnet.CidrBlock}): ${parts.join(' + ')} = ${blocked ? usual : full} needed; ` +
    `${free} whole blocks of 16 are free, although ${subnet.AvailableIpAddressCount ?? '?'} single addresses are. ` +
    (blocked ? 'New pods there would get no address.' : `It fits with one pod a node (${usual}).`)
  const remedy = `Keep a range of it for prefixes: \`aws ec2 create-subnet-cidr-reservation --subnet-id ${subnet.SubnetId} --reservation-type prefix --cidr …\`; what already lies in it moves only when its owner is made anew.`
  return [{ verdict: blocked ? 'block' : 'warn', subject, message, remedy }]
}

function worstPerSubnet(findings: readonly CheckFinding[]): readonly CheckFinding[] {
  return [...Map.groupBy(findings, ({ subject }) => subject).values()].flatMap((all) => {
    const worst = all.find(({ verdict }) => verdict === 'block') ?? all[0]
    return worst ?? []
  })
}
