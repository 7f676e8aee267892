import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../../../src/model/instant.ts'
import type { Node } from '../../../src/model/kubernetes.ts'
import { type OpenedWorld, openWorld } from '../../../src/sandbox/world/open.ts'
import { call, refusalOf, scenarioOf } from './world-driver.ts'

/** A cluster with one self-managed group, `workers`, whose launch template a user can launch from as well. */
const WORLD = `
apiVersion: serin.dev/v1alpha1
kind: World
metadata: { name: workers }
clock: { start: "2026-09-28T20:30:00Z" }
cluster: { name: own, region: eu-central-1, accountId: "111122223333", kubernetesVersion: "1.33" }
subnets:
  - { name: a, zone: eu-central-1a, cidr: 10.0.0.0/24 }
  - { name: b, zone: eu-central-1b, cidr: 10.0.1.0/24 }
launchTemplates:
  - name: workers
    defaultVersion: 1
    versions:
      - { instanceType: m5.large, image: { kubernetesVersion: "1.32" } }
      - { instanceType: m5.xlarge, image: { kubernetesVersion: "1.33" } }
nodeGroups:
  - name: workers
    form: self-managed
    instanceTypes: [m5.large]
    size: { min: 0, max: 9, desired: 2 }
    subnets: [a, b]
    labels: { team: shop }
    selfManaged: { launchTemplate: { name: workers, version: 1 } }
addons: [{ name: kube-proxy, version: v1.33.5-eksbuild.2 }, { name: vpc-cni, version: v1.21.2-eksbuild.2 }]
`

const open = (...faults: readonly string[]) => openWorld({ world: WORLD, scenarios: faults.length === 0 ? [] : scenarioOf(...faults) })
const wait = (world: OpenedWorld, span: number) => world.timeline.advanceTo(world.timeline.now() + span)

interface InstanceSeen {
  readonly InstanceId: string
  readonly InstanceType: string
  readonly ImageId: string
  readonly AmiLaunchIndex: number
  readonly InstanceLifecycle?: string
  readonly PrivateDnsName: string
  readonly SubnetId: string
  readonly State: { readonly Name: string }
  readonly Tags: readonly { readonly Key: string; readonly Value: string }[]
}

interface ReservationSeen {
  readonly ReservationId: string
  readonly Instances: readonly InstanceSeen[]
}

const subnets = (world: OpenedWorld) =>
  call<{ Subnets: { SubnetId: string; AvailableIpAddressCount: number }[] }>(world.ec2, 'DescribeSubnets', {}).Subnets
const freeIn = (world: OpenedWorld, subnetId: string) =>
  subnets(world).find(({ SubnetId }) => SubnetId === subnetId)?.AvailableIpAddressCount ?? Number.NaN
const firstSubnet = (world: OpenedWorld) => subnets(world)[0]?.SubnetId ?? ''
const reservations = (world: OpenedWorld, input = {}) =>
  call<{ Reservations: ReservationSeen[] }>(world.ec2, 'DescribeInstances', input).Reservations
const imageOf = (world: OpenedWorld) => reservations(world)[0]?.Instances[0]?.ImageId

/** RunInstances in the first subnet, from the template unless said otherwise. */
function run(world: OpenedWorld, input: Record<string, unknown> = {}): ReservationSeen {
  const LaunchTemplate = { LaunchTemplateName: 'workers' }
  return call(world.ec2, 'RunInstances', { MinCount: 1, MaxCount: 1, SubnetId: firstSubnet(world), LaunchTemplate, ...input })
}

const nodeOf = (world: OpenedWorld, { PrivateDnsName }: InstanceSeen) =>
  world.store.get('Node', undefined, PrivateDnsName) as unknown as Node | undefined

describe('RunInstances', () => {
  it.each([
    { title: 'the default version of the template', input: {}, type: 'm5.large', kubelet: 'v1.32' },
    {
      title: 'the version that is named',
      input: { LaunchTemplate: { LaunchTemplateName: 'workers', Version: '2' } },
      type: 'm5.xlarge',
      kubelet: 'v1.33',
    },
    { title: 'the type of the request over that of the template', input: { InstanceType: 'c5.large' }, type: 'c5.large', kubelet: 'v1.32' },
  ])('launches $title, as a node like those of the group that launches from it', ({ input, type, kubelet }) => {
    const world = open()
    const [instance] = run(world, input).Instances
    if (instance === undefined) throw new Error('nothing was launched')
    expect(instance).toMatchObject({ InstanceType: type, State: { Name: 'pending' }, SubnetId: firstSubnet(world) })
    expect(nodeOf(world, instance)).toBeUndefined()
    wait(world, 4 * MINUTE)
    expect(nodeOf(world, instance)?.metadata.labels).toMatchObject({ team: 'shop', 'node.kubernetes.io/instance-type': type })
    expect(nodeOf(world, instance)?.status?.nodeInfo?.kubeletVersion).toMatch(new RegExp(`^${kubelet}`))
    const groups = call<{ AutoScalingGroups: { Instances: unknown[] }[] }>(world.autoScaling, 'DescribeAutoScalingGroups', {})
    expect(groups.AutoScalingGroups[0]?.Instances).toHaveLength(2)
  })

  it('launches without a template what joins nothing', () => {
    const world = open()
    const [instance] = run(world, { LaunchTemplate: undefined, ImageId: imageOf(world), InstanceType: 'm5.large' }).Instances
    wait(world, 4 * MINUTE)
    expect(instance && nodeOf(world, instance)).toBeUndefined()
    expect(reservations(world, { InstanceIds: [instance?.InstanceId] })[0]?.Instances[0]?.State.Name).toBe('running')
  })

  it('carries tags of template and request, and says what it was launched from', () => {
    const world = open()
    const TagSpecifications = [
      { ResourceType: 'instance', Tags: [{ Key: 'team', Value: 'shop' }] },
      { ResourceType: 'volume', Tags: [{ Key: 'disk', Value: 'x' }] },
    ]
    const tags = Object.fromEntries(run(world, { TagSpecifications }).Instances[0]?.Tags.map(({ Key, Value }) => [Key, Value]) ?? [])
    expect(tags).toEqual({ team: 'shop', 'aws:ec2launchtemplate:id': expect.stringMatching(/^lt-/), 'aws:ec2launchtemplate:version': '1' })
  })

  it('puts what is launched together into one reservation, with one address each', () => {
    const world = open()
    const before = freeIn(world, firstSubnet(world))
    const made = run(world, { MinCount: 3, MaxCount: 3, InstanceMarketOptions: { MarketType: 'spot' } })
    expect(made.Instances.map(({ AmiLaunchIndex, InstanceLifecycle }) => [AmiLaunchIndex, InstanceLifecycle])).toEqual([
      [0, 'spot'],
      [1, 'spot'],
      [2, 'spot'],
    ])
    expect(before - freeIn(world, firstSubnet(world))).toBe(3)
    expect(reservations(world).find(({ ReservationId }) => ReservationId === made.ReservationId)?.Instances).toHaveLength(3)
  })

  it('gives the node and every address back when the instance is terminated', () => {
    const world = open()
    const before = freeIn(world, firstSubnet(world))
    const [instance] = run(world).Instances
    if (instance === undefined) throw new Error('nothing was launched')
    wait(world, 4 * MINUTE)
    expect(nodeOf(world, instance)).toBeDefined()
    call(world.ec2, 'TerminateInstances', { InstanceIds: [instance.InstanceId] })
    wait(world, 2 * MINUTE)
    expect(nodeOf(world, instance)).toBeUndefined()
    expect(freeIn(world, firstSubnet(world))).toBe(before)
    // Nobody launches another.
    wait(world, 10 * MINUTE)
    expect(
      reservations(world)
        .flatMap(({ Instances }) => Instances)
        .filter(({ State }) => State.Name === 'running'),
    ).toHaveLength(2)
  })

  it('takes a node away while its instance is stopped', () => {
    const world = open()
    const [instance] = run(world).Instances
    if (instance === undefined) throw new Error('nothing was launched')
    wait(world, 4 * MINUTE)
    call(world.ec2, 'StopInstances', { InstanceIds: [instance.InstanceId] })
    wait(world, MINUTE)
    expect(nodeOf(world, instance)).toBeUndefined()
    call(world.ec2, 'StartInstances', { InstanceIds: [instance.InstanceId] })
    wait(world, 4 * MINUTE)
    expect(nodeOf(world, instance)).toBeDefined()
  })
})

describe('how many RunInstances launches', () => {
  /** m5.large has two vCPUs: with two of the group there are six left of ten, enough for three. */
  it.each([
    { title: 'as many as the quota allows between minimum and maximum', MinCount: 1, MaxCount: 9, launched: 3 },
    { title: 'all that are wanted when they fit', MinCount: 2, MaxCount: 2, launched: 2 },
    { title: 'none when fewer than the minimum fit, and takes no address for them', MinCount: 4, MaxCount: 9, launched: 0 },
  ])('$title', ({ launched, MinCount, MaxCount }) => {
    const counts = { MinCount, MaxCount }
    const world = open('{ fault: vcpu-quota, vcpus: 10 }')
    const before = freeIn(world, firstSubnet(world))
    if (launched === 0) expect(refusalOf(() => run(world, counts))).toMatchObject({ status: 400, code: 'VcpuLimitExceeded' })
    else expect(run(world, counts).Instances).toHaveLength(launched)
    expect(before - freeIn(world, firstSubnet(world))).toBe(launched)
    expect(reservations(world).flatMap(({ Instances }) => Instances)).toHaveLength(2 + launched)
  })
})

const PARAMETER = 'resolve:ssm:/aws/service/eks/optimized-ami/1.33/amazon-linux-2023/x86_64/standard/recommended/image_id'

describe('RunInstances is refused', () => {
  const NONE = { LaunchTemplate: undefined }

  it.each([
    {
      title: 'in a zone without capacity',
      faults: ['{ fault: capacity-shortage, where: { zone: "*a" } }'],
      input: {},
      status: 500,
      code: 'InsufficientInstanceCapacity',
    },
    { title: 'above the vCPU quota', faults: ['{ fault: vcpu-quota, vcpus: 4 }'], input: {}, status: 400, code: 'VcpuLimitExceeded' },
    {
      title: 'in a subnet without addresses',
      faults: ['{ fault: subnet-exhausted, where: { zone: "*a" } }'],
      input: {},
      status: 400,
      code: 'InsufficientFreeAddressesInSubnet',
    },
    { title: 'with an AMI that is gone', faults: ['{ fault: image-gone }'], input: {}, status: 400, code: 'InvalidAMIID.NotFound' },
    { title: 'without an AMI', input: NONE, status: 400, code: 'MissingParameter' },
    { title: 'on a type that EC2 does not have', input: { InstanceType: 'm5.tiny' }, status: 400, code: 'InvalidParameterValue' },
    {
      title: 'on another architecture than the AMI has',
      input: { InstanceType: 'm6g.large', ImageId: PARAMETER },
      status: 400,
      code: 'InvalidParameterValue',
    },
    {
      title: 'from a template that is not there',
      input: { LaunchTemplate: { LaunchTemplateName: 'nope' } },
      status: 400,
      code: 'InvalidLaunchTemplateName.NotFoundException',
    },
    {
      title: 'from a version that is not there',
      input: { LaunchTemplate: { LaunchTemplateName: 'workers', Version: '7' } },
      status: 400,
      code: 'InvalidLaunchTemplateId.VersionNotFound',
    },
    { title: 'without a subnet', input: { SubnetId: undefined }, status: 400, code: 'VPCIdNotSpecified' },
    {
      title: 'in a subnet that is not there',
      input: { SubnetId: 'subnet-00000000000000000' },
      status: 400,
      code: 'InvalidSubnetID.NotFound',
    },
    {
      title: 'in a zone that is not the subnet’s',
      input: { Placement: { AvailabilityZone: 'eu-central-1b' } },
      status: 400,
      code: 'InvalidParameterValue',
    },
    {
      title: 'with a security group that is not there',
      input: { SecurityGroupIds: ['sg-00000000000000000'] },
      status: 400,
      code: 'InvalidGroup.NotFound',
    },
    {
      title: 'with the subnet in two places',
      input: { NetworkInterfaces: [{ DeviceIndex: 0 }] },
      status: 400,
      code: 'InvalidParameterCombination',
    },
    { title: 'with more wanted than at most', input: { MinCount: 2 }, status: 400, code: 'InvalidParameterValue' },
    { title: 'as a dry run', input: { DryRun: true }, status: 412, code: 'DryRunOperation' },
    { title: 'with what the sandbox does not simulate', input: { ElasticGpuSpecification: [] }, status: 501, code: 'NotImplemented' },
  ])('$title: $code', ({ faults = [], input, status, code }) => {
    const world = open(...faults)
    expect(refusalOf(() => run(world, input))).toMatchObject({ status, code })
    expect(reservations(world)).toHaveLength(2)
  })
})

describe('RunInstances with a ClientToken', () => {
  it('launches once, and tells how those instances are when it is asked again', () => {
    const world = open()
    const first = run(world, { ClientToken: 't' })
    wait(world, MINUTE)
    const again = run(world, { ClientToken: 't' })
    const ids = ({ Instances }: ReservationSeen) => Instances.map(({ InstanceId }) => InstanceId)
    expect([again.ReservationId, ids(again)]).toEqual([first.ReservationId, ids(first)])
    expect([first, again].map(({ Instances }) => Instances[0]?.State.Name)).toEqual(['pending', 'running'])
    expect(reservations(world)).toHaveLength(3)
  })

  it('is refused when the token comes with another request', () => {
    const world = open()
    run(world, { ClientToken: 't' })
    expect(refusalOf(() => run(world, { ClientToken: 't', MaxCount: 2 }))).toMatchObject({ code: 'IdempotentParameterMismatch' })
  })

  it('draws ids by what is asked, not by the token', () => {
    const ids = ['t', 'u'].map((ClientToken) => run(open(), { ClientToken }).Instances[0]?.InstanceId)
    expect(ids[0]).toBe(ids[1])
  })
})

describe('the buckets of RunInstances', () => {
  it('let five requests through at once, then two a second', () => {
    const world = open()
    const passes = () => {
      for (let nth = 0; ; nth++) {
        try {
          run(world)
        } catch (error) {
          expect(error).toMatchObject({ status: 503, code: 'RequestLimitExceeded' })
          return nth
        }
      }
    }
    expect(passes()).toBe(5)
    wait(world, SECOND)
    expect(passes()).toBe(2)
  })

  it('let a thousand instances through, whatever the number of requests', () => {
    const world = open()
    expect(refusalOf(() => run(world, { MinCount: 1001, MaxCount: 1001 }))).toMatchObject({ code: 'RequestLimitExceeded' })
    expect(refusalOf(() => run(world, { MinCount: 1000, MaxCount: 1000 }))).toMatchObject({ code: 'InsufficientFreeAddressesInSubnet' })
  })
})
