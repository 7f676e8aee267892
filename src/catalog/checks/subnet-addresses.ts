import type { Subnet } from '../../model/aws.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { groupsBeside } from './reading/batches.ts'
import { noGroupChanges } from './reading/nodes.ts'
import { awsNodeDaemonSet, poolSettings } from './reading/pool-settings.ts'
import { count } from './reading/wording.ts'
import { bySubnet, needsOf, type ZoneNeed } from './reading/zone-needs.ts'

/** Every zone's subnets have addresses for the new nodes while the old ones still hold theirs. */
export const subnetAddresses: CheckDefinition = {
  code: 'SUBNET_ADDRESSES',
  title: 'Every zone has subnet addresses for the surge',
  severity: 'block',
  waivable: true,
  needs: ['ec2:DescribeSubnets', 'kubernetes:daemonsets', 'kubernetes:nodes', 'kubernetes:pods', 'kubernetes:eniconfigs'],
  notApplicable: noGroupChanges,
  prevents:
    'A subnet that runs dry in the middle of the roll: new nodes come up, their pods get no address, and going back needs the same addresses.',
  remedy: 'Free addresses, set updateStrategy MINIMAL for the group, or lower WARM_IP_TARGET of aws-node.',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html',
  evaluate: (input) => {
    const subject = `Cluster/${input.plan.cluster.name}`
    const daemonSet = awsNodeDaemonSet(input.snapshot)
    if (!daemonSet)
      return [{ verdict: 'unknown', subject, message: 'There is no aws-node DaemonSet, so how nodes take addresses is not known.' }]
    const settings = poolSettings(input.snapshot, daemonSet)
    const batches = groupsBeside(input.plan, input.intent).map((batch) =>
      batch.map((group) => needsOf(input.snapshot, settings, daemonSet, group)),
    )
    const unseen = batches.flat().flatMap((each) => each.unseen)
    const judged = batches.map((batch) => batch.flatMap((each) => each.needs))
    const found = [...unseen, ...worstPerSubject(judged.flatMap(judgeBatch))]
    return found.length > 0 ? found : [{ verdict: 'pass', subject, message: roomiest(judged) }]
  },
}

/** What passes is told by its tightest place, with the arithmetic. */
function roomiest(batches: readonly (readonly ZoneNeed[])[]): string {
  const places = batches.flatMap((needs) => bySubnet(needs).map(({ subnet, here }) => ({ subnet, here, left: leftIn(subnet, here) })))
  const [tightest] = places.toSorted((a, b) => a.left - b.left)
  if (tightest === undefined) return 'No subnet has to give addresses.'
  const { subnet, here, left } = tightest
  return `The surge of every batch fits its subnets, zone by zone. Least room: ${placeOf(subnet)}: ${sum(here, 'perFullNode')}, ${subnet.AvailableIpAddressCount} free, ${left} left.`
}

function leftIn(subnet: Subnet, needs: readonly ZoneNeed[]): number {
  return (subnet.AvailableIpAddressCount ?? 0) - total(needs, 'perFullNode')
}

/**
 * Auto Scaling may put all new nodes of a zone into any one of its subnets. A subnet too small for them blocks when
 * no other one of the zone would do, and is a warning otherwise.
 */
function judgeBatch(needs: readonly ZoneNeed[]): readonly CheckFinding[] {
  return bySubnet(needs).flatMap(({ subnet, here }) => {
    const neighbours = here.flatMap((need) => need.subnets).filter((each) => each !== subnet)
    return judgeSubnet(subnet, here, neighbours)
  })
}

function judgeSubnet(subnet: Subnet, needs: readonly ZoneNeed[], neighbours: readonly Subnet[]): readonly CheckFinding[] {
  const subject = `Subnet/${subnet.SubnetId}`
  const free = subnet.AvailableIpAddressCount
  if (free === undefined)
    return [{ verdict: 'unknown', subject, message: `DescribeSubnets did not say how many addresses of ${subnet.SubnetId} are free.` }]
  const usual = total(needs, 'perNode')
  const full = total(needs, 'perFullNode')
  if (free >= full) return []
  const remedy = `Look: \`aws ec2 describe-subnets --subnet-ids ${subnet.SubnetId} --query "Subnets[].AvailableIpAddressCount"\`. Free addresses, set updateStrategy MINIMAL for the group, or lower WARM_IP_TARGET of aws-node.`
  const place = placeOf(subnet)
  if (free >= usual) {
    const message = `${place}: ${sum(needs, 'perFullNode')} when the new nodes are as full as the old ones; ${free} are free, ${full - free} too few. It fits with one pod a node (${usual}).`
    return [{ verdict: 'warn', subject, message, remedy }]
  }
  const other = neighbours.find((each) => (each.AvailableIpAddressCount ?? 0) >= usual)
  const message =
    `${place}: ${sum(needs, 'perNode')}; ${free} are free, ${usual - free} too few. ` +
    (other
      ? `${other.SubnetId} of the same zone would do, but Auto Scaling chooses.`
      : 'New pods there would get no address, and the way back needs as many.')
  return [{ verdict: other ? 'warn' : 'block', subject, message, remedy }]
}

function placeOf({ SubnetId, AvailabilityZone, CidrBlock }: Subnet): string {
  return `${SubnetId} (${AvailabilityZone}, ${CidrBlock})`
}

function total(needs: readonly ZoneNeed[], per: 'perNode' | 'perFullNode'): number {
  return needs.reduce((addresses, need) => addresses + need.newNodes * need[per].addresses, 0)
}

/** `app-a: 2 new nodes x 20 addresses + app-b: 2 new nodes x 20 addresses = 80 needed`. */
function sum(needs: readonly ZoneNeed[], per: 'perNode' | 'perFullNode'): string {
  const parts = needs.map((need) => `${need.group}: ${count(need.newNodes, 'new node')} x ${need[per].addresses} addresses`)
  return `${parts.join(' + ')} = ${total(needs, per)} needed`
}

/** Several batches may want the same subnet, one after the other: its worst moment is what counts. */
function worstPerSubject(findings: readonly CheckFinding[]): readonly CheckFinding[] {
  const groups = Map.groupBy(findings, (finding) => finding.subject)
  return [...groups.values()].flatMap((all) => {
    const worst = all.find((each) => each.verdict === 'block') ?? all.find((each) => each.verdict === 'unknown') ?? all[0]
    return worst ? [worst] : []
  })
}
