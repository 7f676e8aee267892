import { addressesPerNode, type EniLimits, type PoolSettings, surgeInZone } from '../../forecast/addresses.ts'
import type { Subnet } from '../../model/aws.ts'
import type { GroupIntent } from '../../model/intent.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import { knownInterfaceLimits } from '../knowledge/instance-types.ts'
import type { CheckDefinition, CheckFinding, CheckInput } from './definition.ts'
import { groupsTogether } from './reading/batches.ts'
import { noGroupChanges } from './reading/nodes.ts'
import { awsNodeDaemonSet, poolSettings } from './reading/pool-settings.ts'
import { count } from './reading/wording.ts'

/** Every zone's subnets have addresses for the new nodes while the old ones still hold theirs. */
export const subnetAddresses: CheckDefinition = {
  code: 'SUBNET_ADDRESSES',
  title: 'Every zone has subnet addresses for the surge',
  severity: 'block',
  waivable: true,
  needs: ['ec2:DescribeSubnets', 'kubernetes:daemonsets'],
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
    const found = [...podSubnetsUnseen(settings, subject), ...judgeSubnets(input, settings)]
    if (found.length > 0) return found
    const message = `The surge of every batch fits the ${input.snapshot.aws.subnets?.length ?? 0} subnets that were read, zone by zone.`
    return [{ verdict: 'pass', subject, message }]
  },
}

function podSubnetsUnseen({ customNetworking }: PoolSettings, subject: string): readonly CheckFinding[] {
  if (!customNetworking) return []
  const message = 'Custom networking is on: pods take their addresses from the subnets of ENIConfig objects, which were not read.'
  const remedy =
    'Compare by hand: `kubectl get eniconfigs -o custom-columns=NAME:.metadata.name,SUBNET:.spec.subnet`; then waive with `verdict: unknown`.'
  return [{ verdict: 'unknown', subject, message, remedy }]
}

/** What one group wants of one zone while its update is at its widest. */
interface ZoneNeed {
  readonly group: string
  readonly zone: string
  readonly subnets: readonly Subnet[]
  readonly newNodes: number
  /** With one pod on the pod network, which a single DaemonSet brings. */
  readonly perNode: number
  /** With as many pods as the group's nodes carry now. */
  readonly perFullNode: number
}

function judgeSubnets(input: CheckInput, settings: PoolSettings): readonly CheckFinding[] {
  const batches = groupsTogether(input.plan, input.intent).map((batch) => batch.map((group) => needsOf(input.snapshot, settings, group)))
  const unseen = batches.flat().flatMap((each) => (typeof each === 'string' ? [] : each.unseen))
  const findings = batches.flatMap((batch) => judgeBatch(batch.flatMap((each) => each.needs)))
  return [...unseen, ...worstPerSubject(findings)]
}

interface GroupNeeds {
  readonly needs: readonly ZoneNeed[]
  readonly unseen: readonly CheckFinding[]
}

function needsOf(snapshot: ClusterSnapshot, settings: PoolSettings, group: GroupIntent): GroupNeeds {
  const limits = group.instanceTypes.map((type) => limitsOf(snapshot, type))
  const known = limits.filter((each) => each !== undefined)
  const unknownTypes = group.instanceTypes.filter((_, place) => limits[place] === undefined)
  const subject = `NodeGroup/${group.name}`
  if (known.length === 0) return { needs: [], unseen: [typesUnknown(subject, unknownTypes)] }
  const most = (pods: number) => Math.max(...known.map((each) => addressesPerNode(each, settings, pods).nodeSubnet))
  const podsPerNode = group.nodes === 0 ? 1 : Math.ceil(group.pods / group.nodes)
  const own = (snapshot.aws.subnets ?? []).filter((subnet) => group.subnets.includes(subnet.SubnetId ?? ''))
  const newNodes = surgeInZone(group.surge, group.zones.length)
  const zones = group.zones.map((zone) => ({ zone, subnets: own.filter((subnet) => subnet.AvailabilityZone === zone) }))
  return {
    needs: zones
      .filter(({ subnets }) => subnets.length > 0)
      .map(({ zone, subnets }) => ({
        group: group.name,
        zone,
        subnets,
        newNodes,
        perNode: most(1),
        perFullNode: most(Math.max(1, podsPerNode)),
      })),
    unseen: [
      ...(unknownTypes.length > 0 ? [typesUnknown(subject, unknownTypes)] : []),
      ...zones.filter(({ subnets }) => subnets.length === 0).map(({ zone }) => subnetUnseen(subject, zone)),
    ],
  }
}

function limitsOf(snapshot: ClusterSnapshot, type: string): EniLimits | undefined {
  const info = snapshot.aws.instanceTypes?.find((each) => each.InstanceType === type)
  const { MaximumNetworkInterfaces: interfaces, Ipv4AddressesPerInterface: addressesPerInterface } = info?.NetworkInfo ?? {}
  if (interfaces === undefined || addressesPerInterface === undefined) return knownInterfaceLimits(type)
  return { interfaces, addressesPerInterface, vcpus: info?.VCpuInfo?.DefaultVCpus }
}

function typesUnknown(subject: string, types: readonly string[]): CheckFinding {
  const message = `How many addresses ${types.join(', ') || 'its instance type'} takes is not known: DescribeInstanceTypes was not read and the table here lacks it.`
  return {
    verdict: 'unknown',
    subject,
    message,
    remedy: 'Allow ec2:DescribeInstanceTypes (`serin permissions --read`) and take the snapshot again.',
  }
}

function subnetUnseen(subject: string, zone: string): CheckFinding {
  return { verdict: 'unknown', subject, message: `No subnet of the group in ${zone} was read.` }
}

/**
 * Auto Scaling may put all new nodes of a zone into any one of its subnets. A subnet too small for them blocks when
 * no other one of the zone would do, and is a warning otherwise.
 */
function judgeBatch(needs: readonly ZoneNeed[]): readonly CheckFinding[] {
  const subnets = new Map(needs.flatMap((need) => need.subnets).map((subnet) => [subnet.SubnetId ?? '', subnet]))
  return [...subnets.values()].flatMap((subnet) => {
    const here = needs.filter((need) => need.subnets.includes(subnet))
    const neighbours = here.flatMap((need) => need.subnets).filter((each) => each !== subnet)
    return judgeSubnet(subnet, here, neighbours)
  })
}

function judgeSubnet(subnet: Subnet, needs: readonly ZoneNeed[], neighbours: readonly Subnet[]): readonly CheckFinding[] {
  const subject = `Subnet/${subnet.SubnetId}`
  const free = subnet.AvailableIpAddressCount
  if (free === undefined)
    return [{ verdict: 'unknown', subject, message: `DescribeSubnets did not say how many addresses of ${subnet.SubnetId} are free.` }]
  const usual = total(needs, (need) => need.perNode)
  const full = total(needs, (need) => need.perFullNode)
  if (free >= full) return []
  const remedy = `Look: \`aws ec2 describe-subnets --subnet-ids ${subnet.SubnetId} --query "Subnets[].AvailableIpAddressCount"\`. Free addresses, set updateStrategy MINIMAL for the group, or lower WARM_IP_TARGET of aws-node.`
  const place = `${subnet.SubnetId} (${subnet.AvailabilityZone}, ${subnet.CidrBlock})`
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

function total(needs: readonly ZoneNeed[], perNode: (need: ZoneNeed) => number): number {
  return needs.reduce((addresses, need) => addresses + need.newNodes * perNode(need), 0)
}

/** `app-a: 2 new nodes x 20 addresses + app-b: 2 new nodes x 20 addresses = 80 needed`. */
function sum(needs: readonly ZoneNeed[], per: 'perNode' | 'perFullNode'): string {
  const parts = needs.map((need) => `${need.group}: ${count(need.newNodes, 'new node')} x ${need[per]} addresses`)
  return `${parts.join(' + ')} = ${total(needs, (need) => need[per])} needed`
}

/** Several batches may want the same subnet, one after the other: its worst moment is what counts. */
function worstPerSubject(findings: readonly CheckFinding[]): readonly CheckFinding[] {
  const groups = Map.groupBy(findings, (finding) => finding.subject)
  return [...groups.values()].flatMap((all) => {
    const worst = all.find((each) => each.verdict === 'block') ?? all.find((each) => each.verdict === 'unknown') ?? all[0]
    return worst ? [worst] : []
  })
}
