import { conditionOf } from '../../../src/model/kubernetes.ts'
import { type EventObject, isReady, type NodeObject, type PodObject } from '../../../src/sandbox/world/kubernetes/objects.ts'
import { call } from '../aws/world-driver.ts'
import type { Stage } from './stage.ts'

const POD_INTERFACE = 'vpc.amazonaws.com/pod-eni'

/**
 * Everything found wrong with the addresses of pods: pods without one and the subnet of their node, what the controller said of nodes,
 * interfaces that belong to nobody, launches that failed. The same thing of several is found once. Empty in a healthy world.
 */
export function networkFindings(stage: Stage): readonly unknown[] {
  return distinct([
    ...stage.pods('signature').flatMap((pod) => (isReady(pod) ? [] : [podFacts(stage, pod)])),
    ...stage.nodes().flatMap((node) => nodeFindings(stage, node)),
    ...interfaceFindings(stage),
    ...launchFindings(stage),
  ])
}

function distinct(findings: readonly unknown[]): readonly unknown[] {
  return [...new Map(findings.map((each) => [JSON.stringify(each), each])).entries()].toSorted().map(([, each]) => each)
}

/** A pod that is not ready, and the node it stands on. */
function podFacts(stage: Stage, pod: PodObject) {
  const node = stage.nodes().find(({ metadata }) => metadata.name === pod.spec?.nodeName)
  const why = conditionOf(pod.status?.conditions, 'PodScheduled')
  return {
    pod: pod.metadata.name.replace(/(-[a-z0-9]+)?-[a-z0-9]+$/, ''),
    phase: pod.status?.phase,
    asksForInterface: pod.spec?.containers?.[0]?.resources?.limits?.[POD_INTERFACE] ?? 'no',
    annotated: pod.metadata.annotations?.[POD_INTERFACE] !== undefined,
    ...(node === undefined
      ? { unschedulable: why?.message, nodes: distinct(stage.nodes().map((each) => typeFacts(stage, each))) }
      : {
          node: {
            cordoned: node.spec?.unschedulable ?? false,
            interfaces: roomOf(node),
            elsewhere: distinct(stage.nodes().map(roomOf)),
            subnet: subnetFacts(stage, node),
          },
        }),
    events: eventFacts(stage.events(pod)),
  }
}

function eventFacts(events: readonly EventObject[]): readonly string[] {
  const told = events.filter(({ reason }) => !['Scheduled', 'Pulled', 'Created', 'Started'].includes(reason ?? ''))
  const words = ({ type, reason, message = '' }: EventObject) =>
    reason === 'FailedScheduling' ? `${type} ${reason}` : `${type} ${reason}: ${plain(message)}`
  return [...new Set(told.map(words))].toSorted()
}

/** Words without what is drawn. */
function plain(message: string): string {
  return message
    .replace(/sandbox "[0-9a-f]{64}"/, 'sandbox ID')
    .replace(/RequestID: [0-9a-f-]{36}/, 'RequestID: ID')
    .replace(/subnet-[0-9a-f]{17}/, 'SUBNET')
    .replace(/ip-[0-9-]+\.[a-z0-9-]+\.compute\.internal/g, 'NODE')
}

/** Branches that a node has room for. */
function roomOf({ status }: NodeObject): string {
  return status?.allocatable?.[POD_INTERFACE] ?? 'none'
}

/** What the controller said of a node, but that all is well. */
function controllerWords(stage: Stage, node: NodeObject): readonly string[] {
  const told = stage.events(node).filter(({ source }) => source?.component === 'vpc-resource-controller')
  return eventFacts(told).filter((text) => !text.includes('NodeTrunkInitiated'))
}

function typeFacts(stage: Stage, node: NodeObject) {
  return {
    type: node.metadata.labels?.['node.kubernetes.io/instance-type'],
    interfaces: roomOf(node),
    events: controllerWords(stage, node),
  }
}

/** A node that should have a trunk and has not. A type without trunks is no finding by itself. */
function nodeFindings(stage: Stage, node: NodeObject): readonly unknown[] {
  const facts = typeFacts(stage, node)
  return facts.events.some((text) => !text.includes('Unsupported')) ? [facts] : []
}

interface InterfaceSeen {
  readonly NetworkInterfaceId: string
  readonly SubnetId: string
  readonly Status: string
  readonly InterfaceType: string
  readonly Description: string
  readonly PrivateIpAddresses: readonly { readonly PrivateIpAddress: string }[]
  readonly Ipv4Prefixes: readonly { readonly Ipv4Prefix: string }[]
  readonly TagSet: readonly { readonly Key: string }[]
}

function interfacesOf({ world }: Stage): readonly InterfaceSeen[] {
  return call<{ NetworkInterfaces: InterfaceSeen[] }>(world.ec2, 'DescribeNetworkInterfaces', {}).NetworkInterfaces
}

/** What the subnet of a node, found by its zone, has to give: addresses, and whole blocks of sixteen. */
function subnetFacts(stage: Stage, { metadata }: NodeObject) {
  const answer = call<{ Subnets: readonly SubnetSeen[] }>(stage.world.ec2, 'DescribeSubnets', {})
  const subnet = answer.Subnets.find(({ AvailabilityZone }) => AvailabilityZone === metadata.labels?.['topology.kubernetes.io/zone'])
  const held = interfacesOf(stage).filter(({ SubnetId }) => SubnetId === subnet?.SubnetId)
  const free = subnet?.AvailableIpAddressCount ?? 0
  return { free: free > 16 ? 'many' : free, blocks: wholeBlocks(subnet?.CidrBlock ?? '', held) > 0 ? 'some' : 'none' }
}

interface SubnetSeen {
  readonly SubnetId: string
  readonly AvailabilityZone: string
  readonly CidrBlock: string
  readonly AvailableIpAddressCount: number
}

/** Of a /24. */
function wholeBlocks(cidr: string, held: readonly InterfaceSeen[]): number {
  const blockOf = (address: string) => Math.floor(Number(address.split('/')[0]?.split('.')[3]) / 16)
  const singles = held.flatMap(({ PrivateIpAddresses }) => PrivateIpAddresses.map(({ PrivateIpAddress }) => PrivateIpAddress))
  const prefixes = held.flatMap(({ Ipv4Prefixes }) => Ipv4Prefixes.map(({ Ipv4Prefix }) => Ipv4Prefix))
  expectWhole(cidr)
  return 16 - new Set([0, 15, ...[...singles, ...prefixes].map(blockOf)]).size
}

function expectWhole(cidr: string): void {
  if (!cidr.endsWith('.0/24')) throw new Error(`This reads whole /24s only, not ${cidr}.`)
}

/** Interfaces that nothing uses, and branches in use that no pod has. */
function interfaceFindings(stage: Stage): readonly unknown[] {
  const annotations = stage.pods('signature').map(({ metadata }) => metadata.annotations?.[POD_INTERFACE] ?? '')
  const all = interfacesOf(stage)
  const left = all.filter(({ Status }) => Status === 'available')
  const orphans = all.filter(
    ({ InterfaceType, Status, NetworkInterfaceId }) =>
      InterfaceType === 'branch' && Status === 'in-use' && !annotations.some((text) => text.includes(NetworkInterfaceId)),
  )
  return [
    ...left.map(({ Description, PrivateIpAddresses, TagSet }) => ({
      left: Description.replace(/i-[0-9a-f]{17}/, 'INSTANCE'),
      addresses: PrivateIpAddresses.length,
      tags: TagSet.map(({ Key }) => Key).toSorted(),
    })),
    ...(orphans.length === 0 ? [] : [{ branchesWithoutPod: orphans.length }]),
  ]
}

function launchFindings({ world }: Stage): readonly unknown[] {
  const { Activities } = call<{ Activities: { StatusCode: string; StatusMessage?: string }[] }>(
    world.autoScaling,
    'DescribeScalingActivities',
    {},
  )
  return Activities.filter(({ StatusCode }) => StatusCode === 'Failed').map(({ StatusMessage = '' }) => ({ launch: plain(StatusMessage) }))
}
