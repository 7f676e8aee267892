import { type AddressUse, addressesPerNode, type EniLimits, type PoolSettings, surgeInZone } from '../../../forecast/addresses.ts'
import type { Subnet } from '../../../model/aws.ts'
import type { GroupIntent } from '../../../model/intent.ts'
import type { Pod, Workload } from '../../../model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from '../../../model/snapshot.ts'
import type { CheckFinding } from '../definition.ts'
import { podSubnets } from './eni-configs.ts'
import { groupNameOf, nodesOf } from './nodes.ts'
import { hasBranch, isAlive } from './pod-network.ts'
import { limitsOf, typesUnknown } from './type-limits.ts'

/** What a new node takes from one subnet. */
export interface Take {
  readonly addresses: number
  /** Aligned blocks of 16 among them. */
  readonly prefixes: number
}

/** What one group wants of one zone's subnets while its update is at its widest. */
export interface ZoneNeed {
  readonly group: string
  readonly zone: string
  /** Auto Scaling chooses among them; under custom networking the pods' subnet is always one. */
  readonly subnets: readonly Subnet[]
  readonly newNodes: number
  /** With one pod on the pod network, which a single DaemonSet brings. */
  readonly perNode: Take
  /** With as many pods as the group's nodes carry now. */
  readonly perFullNode: Take
}

export interface GroupNeeds {
  readonly needs: readonly ZoneNeed[]
  /** Where the needs of a zone are not known, and why. */
  readonly unseen: readonly CheckFinding[]
}

/** What the surge of a group takes in each zone, from the subnets of the nodes and from those of the pods. */
export function needsOf(snapshot: ClusterSnapshot, settings: PoolSettings, daemonSet: Workload, group: GroupIntent): GroupNeeds {
  const subject = `NodeGroup/${group.name}`
  const limits = group.instanceTypes.map((type) => limitsOf(snapshot, type))
  const known = limits.filter((each) => each !== undefined)
  const unknownTypes = group.instanceTypes.filter((_, place) => limits[place] === undefined)
  if (known.length === 0) return { needs: [], unseen: [typesUnknown(subject, unknownTypes)] }
  const branches = settings.podEni ? branchesPerNode(snapshot, group) : 0
  const pods = Math.max(1, group.nodes === 0 ? 1 : Math.ceil(group.pods / group.nodes) - branches)
  const needs: NeedMaker = { settings, known, pods, branches, group }
  const unseen = unknownTypes.length > 0 ? [typesUnknown(subject, unknownTypes)] : []
  const nodes = nodeNeeds(snapshot, needs)
  if (!settings.customNetworking) return { needs: nodes.needs, unseen: [...unseen, ...nodes.unseen] }
  const forPods = podNeeds(snapshot, daemonSet, needs)
  return { needs: [...nodes.needs, ...forPods.needs], unseen: [...unseen, ...nodes.unseen, ...forPods.unseen] }
}

interface NeedMaker {
  readonly settings: PoolSettings
  readonly known: readonly EniLimits[]
  readonly pods: number
  readonly branches: number
  readonly group: GroupIntent
}

function nodeNeeds(snapshot: ClusterSnapshot, maker: NeedMaker): GroupNeeds {
  const { group } = maker
  const own = (snapshot.aws.subnets ?? []).filter((subnet) => group.subnets.includes(subnet.SubnetId ?? ''))
  const zones = group.zones.map((zone) => ({ zone, subnets: own.filter((subnet) => subnet.AvailabilityZone === zone) }))
  return {
    needs: zones.filter(({ subnets }) => subnets.length > 0).map(({ zone, subnets }) => need(maker, zone, subnets, 'nodeSubnet')),
    unseen: zones
      .filter(({ subnets }) => subnets.length === 0)
      .map(({ zone }) => unknown(group, `No subnet of the group in ${zone} was read.`)),
  }
}

function podNeeds(snapshot: ClusterSnapshot, daemonSet: Workload, maker: NeedMaker): GroupNeeds {
  const found = podSubnets(snapshot, daemonSet, maker.group)
  return {
    needs: found.flatMap(({ zone, subnet }) => (subnet === undefined ? [] : [need(maker, zone, [subnet], 'podSubnet')])),
    unseen: found
      .filter(({ subnet }) => subnet === undefined)
      .map(({ zone, name, config }) =>
        unknown(
          maker.group,
          config === undefined
            ? `Which subnet its pods would use in ${zone} is not known: there is no ENIConfig ${name}.`
            : `The subnet ${config.spec?.subnet} of ENIConfig ${name}, which its pods use in ${zone}, was not read.`,
        ),
      ),
  }
}

function unknown({ name }: GroupIntent, message: string): CheckFinding {
  return { verdict: 'unknown', subject: `NodeGroup/${name}`, message }
}

/** Of several types the hungriest counts. Branch interfaces are made where the other interfaces of pods are. */
function need(maker: NeedMaker, zone: string, subnets: readonly Subnet[], from: 'nodeSubnet' | 'podSubnet'): ZoneNeed {
  const { settings, known, group } = maker
  const holdsPods = (from === 'podSubnet') === (settings.customNetworking === true)
  const take = (pods: number, branches: number): Take => {
    const uses = known.map((limits) => addressesPerNode(limits, settings, pods))
    const prefixes = settings.prefixDelegation && holdsPods ? Math.max(...uses.map(blocks)) : 0
    return { addresses: Math.max(...uses.map((use) => use[from])) + (holdsPods ? branches : 0), prefixes }
  }
  const newNodes = surgeInZone(group.surge, group.zones.length)
  return { group: group.name, zone, subnets, newNodes, perNode: take(1, 0), perFullNode: take(maker.pods, maker.branches) }
}

function blocks({ interfaces }: AddressUse): number {
  return interfaces.reduce((sum, prefixes) => sum + prefixes, 0)
}

/** Each subnet with those who want something of it. */
export function bySubnet(needs: readonly ZoneNeed[]): readonly { readonly subnet: Subnet; readonly here: readonly ZoneNeed[] }[] {
  const subnets = new Map(needs.flatMap((need) => need.subnets).map((subnet) => [subnet.SubnetId ?? '', subnet]))
  return [...subnets.values()].map((subnet) => ({ subnet, here: needs.filter((need) => need.subnets.includes(subnet)) }))
}

/** Pods with a branch interface on the group's nodes, on average and rounded up. */
export function branchesPerNode(snapshot: ClusterSnapshot, group: GroupIntent): number {
  const nodes = new Set(
    nodesOf(snapshot)
      .filter((node) => groupNameOf(node) === group.name)
      .map(({ metadata }) => metadata.name),
  )
  const pods = objectsOf<Pod>(snapshot, 'Pod').filter((pod) => nodes.has(pod.spec?.nodeName ?? '') && hasBranch(pod) && isAlive(pod))
  return nodes.size === 0 ? 0 : Math.ceil(pods.length / nodes.size)
}
