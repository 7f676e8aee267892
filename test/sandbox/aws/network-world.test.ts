import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { MINUTE } from '../../../src/model/instant.ts'
import { type OpenedWorld, openWorld } from '../../../src/sandbox/world/open.ts'
import { call, eks, scalingGroup, untilEnded } from './world-driver.ts'

const SMALL = readFileSync(join(import.meta.dirname, '../../../plans/worlds/small.yaml'), 'utf8')

function openSmall(network: string, edit: (text: string) => string = (text) => text): OpenedWorld {
  return openWorld({ world: `${edit(SMALL)}\nnetwork: ${network}\n`, scenarios: [] })
}

interface Seen {
  readonly NetworkInterfaceId: string
  readonly Status: string
  readonly InterfaceType: string
  readonly Description: string
  readonly PrivateIpAddress: string
  readonly PrivateIpAddresses: readonly { readonly PrivateIpAddress: string; readonly Primary: boolean }[]
  readonly Ipv4Prefixes: readonly { readonly Ipv4Prefix: string }[]
  readonly Ipv6Prefixes: readonly { readonly Ipv6Prefix: string }[]
  readonly Attachment?: { readonly InstanceId: string; readonly DeviceIndex: number }
  readonly TagSet: readonly { readonly Key: string; readonly Value: string }[]
  readonly SubnetId: string
}

function interfacesOf(world: OpenedWorld, filters: Record<string, string> = {}): readonly Seen[] {
  const Filters = Object.entries(filters).map(([Name, value]) => ({ Name, Values: [value] }))
  return call<{ NetworkInterfaces: Seen[] }>(world.ec2, 'DescribeNetworkInterfaces', { Filters }).NetworkInterfaces
}

interface SubnetSeen {
  readonly SubnetId: string
  readonly CidrBlock: string
  readonly AvailableIpAddressCount: number
}

function subnetsOf(world: OpenedWorld): readonly SubnetSeen[] {
  return call<{ Subnets: SubnetSeen[] }>(world.ec2, 'DescribeSubnets', {}).Subnets
}

describe('the network of a world', () => {
  it('counts as free what no interface holds', () => {
    const world = openSmall('{}')
    for (const subnet of subnetsOf(world)) {
      const held = interfacesOf(world, { 'subnet-id': subnet.SubnetId }).flatMap(({ PrivateIpAddresses }) => PrivateIpAddresses)
      const size = 2 ** (32 - Number(subnet.CidrBlock.split('/')[1]))
      expect(subnet.AvailableIpAddressCount).toBe(size - 5 - held.length)
    }
  })

  it('has interfaces that dead instances left behind, with their tags', () => {
    const world = openSmall('{ leaked: [{ subnet: nodes-a, count: 3, secondary: 2 }] }')
    const [before, after] = [openSmall('{}'), world].map((each) => subnetsOf(each)[0]?.AvailableIpAddressCount ?? 0)
    expect((before ?? 0) - (after ?? 0)).toBe(9)
    const leaked = interfacesOf(world, { status: 'available' })
    expect(leaked).toHaveLength(3)
    for (const each of leaked) {
      expect(each).toMatchObject({ Status: 'available', InterfaceType: 'interface', Description: expect.stringMatching(/^aws-K8S-i-/) })
      expect(each.Attachment).toBeUndefined()
      expect(each.TagSet.map(({ Key }) => Key).sort()).toEqual([
        'cluster.k8s.amazonaws.com/name',
        'eks:eni:owner',
        'node.k8s.amazonaws.com/createdAt',
        'node.k8s.amazonaws.com/instance_id',
      ])
    }
  })

  it('has reservations and stray addresses of others', () => {
    const [first] = subnetsOf(openSmall('{}'))
    const base = first?.CidrBlock.split('/')[0]?.replace(/\.\d+$/, '') ?? ''
    const world = openSmall(
      `{ strays: [{ subnet: nodes-a, addresses: [${base}.77, ${base}.93] }], reservations: [{ subnet: nodes-a, cidr: ${base}.128/28, type: prefix }] }`,
    )
    expect(interfacesOf(world, { 'private-ip-address': `${base}.77` })).toHaveLength(1)
    const answer = call<{ SubnetIpv4CidrReservations: { Cidr: string; ReservationType: string }[] }>(
      world.ec2,
      'GetSubnetCidrReservations',
      { SubnetId: first?.SubnetId },
    )
    expect(answer.SubnetIpv4CidrReservations).toMatchObject([{ Cidr: `${base}.128/28`, ReservationType: 'prefix' }])
  })

  it.each([
    { key: 'leaked', value: '[{ subnet: nowhere, count: 1 }]' },
    { key: 'strays', value: '[{ subnet: nowhere, addresses: [10.0.0.9] }]' },
    { key: 'reservations', value: '[{ subnet: nowhere, cidr: 10.0.0.0/28, type: prefix }]' },
    { key: 'eniConfigs', value: '[{ name: a, subnet: nowhere }]' },
  ])('names no subnet in $key that there is not', ({ key, value }) => {
    expect(() => openSmall(`{ ${key}: ${value} }`)).toThrow(`network.${key}: there is no subnet nowhere`)
  })

  it('goes over to prefixes when the add-on is configured so, as aws-node starts anew node by node', () => {
    const world = openSmall('{}')
    const configurationValues = '{"env":{"ENABLE_PREFIX_DELEGATION":"true"}}'
    const { update } = eks(world, 'UpdateAddon', { addonName: 'vpc-cni', configurationValues })
    expect(untilEnded(world, update.id, { addonName: 'vpc-cni' }).update.status).toBe('Successful')
    world.timeline.advanceTo(world.timeline.now() + 10 * MINUTE)
    const nodes = world.store.list('Node').length
    const withPrefix = new Set(
      interfacesOf(world)
        .filter(({ Ipv4Prefixes }) => Ipv4Prefixes.length > 0)
        .map(({ Attachment }) => Attachment?.InstanceId),
    )
    expect(withPrefix.size).toBe(nodes)
  })

  it('says max-pods as the mode of the CNI has it', () => {
    const capacity = (world: OpenedWorld) =>
      world.store.list('Node').map((node) => (node as unknown as { status: { capacity: { pods: string } } }).status.capacity.pods)
    const env = (text: string) =>
      text.replace(/(name: vpc-cni, version: \S+) }/, '$1, configuration: { env: { ENABLE_PREFIX_DELEGATION: "true" } } }')
    expect(new Set(capacity(openSmall('{}')))).toEqual(new Set(['35']))
    expect(new Set(capacity(openSmall('{}', env)))).toEqual(new Set(['110']))
  })

  const zonal = (text: string) =>
    text
      .replace(
        /(name: vpc-cni, version: \S+) }/,
        '$1, configuration: { env: { AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "true", ENI_CONFIG_LABEL_DEF: topology.kubernetes.io/zone } } }',
      )
      .replace(
        '\nnodeGroups:',
        '\n  - { name: pods-a, zone: eu-west-1a, cidr: 100.64.0.0/24 }\n  - { name: pods-b, zone: eu-west-1b, cidr: 100.64.1.0/24 }\n\nnodeGroups:',
      )

  it('gives pods addresses of the ENIConfig of their zone with custom networking', () => {
    const configs = '[{ name: eu-west-1a, subnet: pods-a, securityGroups: [sg-1] }, { name: eu-west-1b, subnet: pods-b }]'
    const world = openSmall(`{ eniConfigs: ${configs} }`, zonal)
    const pods = world.store.list('Pod') as unknown as readonly { spec: { hostNetwork?: boolean }; status: { podIP: string } }[]
    const addresses = pods.filter(({ spec }) => !spec.hostNetwork).map(({ status }) => status.podIP)
    expect(addresses.length).toBeGreaterThan(0)
    for (const address of addresses) expect(address).toMatch(/^100\.64\.[01]\./)
    expect(world.store.get('ENIConfig', undefined, 'eu-west-1a')).toMatchObject({ spec: { securityGroups: ['sg-1'] } })
  })

  it('keeps new nodes from Ready where no ENIConfig fits them', () => {
    const world = openSmall('{ eniConfigs: [{ name: eu-west-1a, subnet: pods-a }, { name: eu-west-1b, subnet: pods-b }] }', zonal)
    for (const name of ['eu-west-1a', 'eu-west-1b']) world.store.remove('ENIConfig', undefined, name)
    const { AutoScalingGroupName, DesiredCapacity = 0 } = scalingGroup(world, 'web')
    call(world.autoScaling, 'SetDesiredCapacity', { AutoScalingGroupName, DesiredCapacity: DesiredCapacity + 1 })
    world.timeline.advanceTo(world.timeline.now() + 10 * MINUTE)
    const nodes = world.store.list('Node') as unknown as readonly { status: { conditions: { type: string; status: string }[] } }[]
    const ready = nodes.filter(({ status }) => status.conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True'))
    expect([nodes.length, ready.length]).toEqual([7, 6])
  })
})
