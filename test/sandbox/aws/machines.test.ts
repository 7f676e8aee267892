import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../../../src/model/instant.ts'
import type { Node, Pod } from '../../../src/model/kubernetes.ts'
import { conditionOf } from '../../../src/model/kubernetes.ts'
import { type OpenedWorld, openWorld } from '../../../src/sandbox/world/open.ts'
import { call, eks, groupSeen, nodesOf, openShipped, refusalOf, scenarioOf, untilEnded } from './world-driver.ts'

/** The quickstart world with more in it, and add-on values or objects where a test needs them. */
const open = (patch: string, faults: readonly string[] = []): OpenedWorld => {
  const [scenario] = scenarioOf(...faults)
  return openShipped('quickstart', {
    scenarios: [{ name: 'test.yaml', text: `${(scenario?.text ?? '').replace(/faults:\n$/, 'faults: []\n')}world:\n${patch}` }],
  })
}

const IPAM = '  addons: { vpc-cni: { configuration: { enableWindowsIpam: "true" } } }'
const PREFIXES =
  '  objects: [{ apiVersion: v1, kind: ConfigMap, metadata: { name: amazon-vpc-cni, namespace: kube-system }, data: { enable-windows-prefix-delegation: "true" } }]'

function createWindows(world: OpenedWorld): void {
  const [subnet] = call<{ Subnets: { SubnetId: string }[] }>(world.ec2, 'DescribeSubnets', {}).Subnets
  eks(world, 'CreateNodegroup', {
    nodegroupName: 'windows',
    nodeRole: 'arn:aws:iam::111122223333:role/node',
    amiType: 'WINDOWS_CORE_2022_x86_64',
    instanceTypes: ['m5.large'],
    subnets: [subnet?.SubnetId],
    scalingConfig: { minSize: 1, maxSize: 3, desiredSize: 2 },
    labels: { app: 'iis' },
  })
}

/** Pods that stand on the nodes of Windows only. */
function deploy(world: OpenedWorld, replicas: number): void {
  const labels = { app: 'iis' }
  const spec = {
    nodeSelector: { 'kubernetes.io/os': 'windows' },
    containers: [{ name: 'iis', image: 'mcr.microsoft.com/windows/servercore/iis' }],
  }
  world.store.create({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'iis', namespace: 'default' },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  } as never)
}

const wait = (world: OpenedWorld, span: number) => world.timeline.advanceTo(world.timeline.now() + span)
const podsNamed = (world: OpenedWorld, name: string) =>
  (world.store.list('Pod') as unknown as readonly Pod[]).filter(({ metadata }) => metadata.name.startsWith(name))
const running = (world: OpenedWorld, name: string) => podsNamed(world, name).filter(({ status }) => status?.phase === 'Running').length
const events = (world: OpenedWorld, reason: string) =>
  (world.store.list('Event') as unknown as readonly { reason: string; message: string; involvedObject: { kind: string } }[]).filter(
    (event) => event.reason === reason,
  )

describe('a managed group of Windows nodes', () => {
  it('comes up slowly and without aws-node, and its pods get addresses of the primary interface', () => {
    const world = open(IPAM)
    createWindows(world)
    wait(world, 3 * MINUTE)
    expect(groupSeen(world, 'windows').ready).toBe(0)
    wait(world, 8 * MINUTE)
    expect(eks(world, 'DescribeNodegroup', { nodegroupName: 'windows' }).nodegroup).toMatchObject({ status: 'ACTIVE' })
    const [node] = nodesOf(world, 'windows')
    expect(node?.metadata.labels).toMatchObject({ 'kubernetes.io/os': 'windows', 'node.kubernetes.io/windows-build': '10.0.20348' })
    expect(node?.status?.nodeInfo).toMatchObject({ operatingSystem: 'windows', osImage: 'Windows Server 2022 Datacenter' })
    const onWindows = (world.store.podsOnNode(node?.metadata.name ?? '') as unknown as readonly Pod[]).map(({ metadata }) => metadata.name)
    expect(onWindows.filter((name) => /^(aws-node|kube-proxy|coredns)/.test(name))).toEqual([])
    deploy(world, 4)
    wait(world, MINUTE)
    expect(running(world, 'iis')).toBe(4)
  })

  it('is updated as any other, release by release', () => {
    const world = open(IPAM)
    createWindows(world)
    wait(world, 12 * MINUTE)
    deploy(world, 2)
    wait(world, MINUTE)
    const { releaseVersion } = eks(world, 'DescribeNodegroup', { nodegroupName: 'windows' }).nodegroup
    expect(releaseVersion).toMatch(/^1\.\d+-\d{4}\.\d{2}\.\d{2}$/)
    const { update } = eks(world, 'UpdateNodegroupVersion', { nodegroupName: 'windows', releaseVersion })
    expect(untilEnded(world, update.id, { nodegroupName: 'windows' }).update.status).toBe('Successful')
    expect(running(world, 'iis')).toBe(2)
  })

  it.each([
    { title: 'the VPC resource controller is not told to', patch: '  addons: {}', prefixes: false },
    {
      title: 'the subnet has no block for a prefix',
      patch: `${IPAM}\n${PREFIXES}\n  network: { fragmented: [{ subnet: "*" }] }`,
      prefixes: true,
    },
  ])('has pods without addresses when $title', ({ patch, prefixes }) => {
    const world = open(patch)
    createWindows(world)
    wait(world, 12 * MINUTE)
    deploy(world, 2)
    wait(world, 3 * MINUTE)
    expect(running(world, 'iis')).toBe(0)
    expect(events(world, 'FailedCreatePodSandBox').map(({ message }) => message)).toContainEqual(
      expect.stringContaining('pod does not have label vpc.amazonaws.com/PrivateIPv4Address'),
    )
    expect(events(world, 'InsufficientCidrBlocks').map(({ involvedObject }) => involvedObject.kind)[0]).toBe(prefixes ? 'Node' : undefined)
  })

  it('is refused on a type of another architecture', () => {
    const world = open('  addons: {}')
    const attempt = () =>
      eks(world, 'CreateNodegroup', {
        nodegroupName: 'arm',
        nodeRole: 'arn:aws:iam::111122223333:role/node',
        amiType: 'WINDOWS_FULL_2025_x86_64',
        instanceTypes: ['m6g.large'],
        subnets: [call<{ Subnets: { SubnetId: string }[] }>(world.ec2, 'DescribeSubnets', {}).Subnets[0]?.SubnetId],
      })
    expect(refusalOf(attempt).message).toContain('is not a valid instance type for requested amiType WINDOWS_FULL_2025_x86_64')
  })
})

const OTHERS = `
apiVersion: serin.dev/v1alpha1
kind: World
metadata: { name: others }
clock: { start: "2026-09-28T20:30:00Z" }
cluster: { name: mixed, region: eu-central-1, accountId: "111122223333", kubernetesVersion: "1.33" }
subnets: [{ name: a, zone: eu-central-1a, cidr: 10.0.0.0/24 }]
nodeGroups: [{ name: base, instanceTypes: [m5.large], size: { min: 1, max: 3, desired: 2 }, subnets: [a] }]
otherNodes:
  - { name: default, kind: karpenter, count: 2, instanceType: m6g.large, subnets: [a], kubernetesVersion: "1.32" }
  - { name: general-purpose, kind: auto, instanceType: c6g.large, subnets: [a] }
  - { name: dc1, kind: hybrid, kubernetesVersion: "1.32" }
addons: [{ name: vpc-cni, version: v1.20.4-eksbuild.2 }]
workloads:
  - { kind: Deployment, namespace: jobs, name: report, replicas: 2 }
  - { kind: Deployment, namespace: dc, name: edge, replicas: 2, nodeSelector: { eks.amazonaws.com/compute-type: hybrid } }
  - { kind: Deployment, namespace: auto, name: api, replicas: 2, nodeSelector: { eks.amazonaws.com/compute-type: auto } }
controlPlane: { fargateProfiles: [{ name: jobs, namespace: jobs }] }
`

describe('nodes of no group', () => {
  const world = openWorld({ world: OTHERS, scenarios: [] })
  const nodes = world.store.list('Node') as unknown as readonly (Node & { spec?: { providerID?: string } })[]
  const of = (label: string, value: string) => nodes.filter(({ metadata }) => metadata.labels?.[label] === value)

  it.each([
    {
      kind: 'karpenter',
      label: 'karpenter.sh/nodepool',
      value: 'default',
      name: /^ip-10-/,
      id: /^aws:\/\/\/eu-central-1a\/i-\w{17}$/,
      minor: 'v1.32',
      awsNode: true,
    },
    {
      kind: 'Auto Mode',
      label: 'eks.amazonaws.com/compute-type',
      value: 'auto',
      name: /^i-\w{17}$/,
      id: /^aws:\/\/\/eu-central-1a\/i-\w{17}$/,
      minor: 'v1.33',
      awsNode: false,
    },
    {
      kind: 'hybrid',
      label: 'eks.amazonaws.com/compute-type',
      value: 'hybrid',
      name: /^mi-\w{17}$/,
      id: /^eks-hybrid:\/\/\/eu-central-1\/mixed\/mi-\w{17}$/,
      minor: 'v1.32',
      awsNode: false,
    },
    {
      kind: 'Fargate',
      label: 'eks.amazonaws.com/compute-type',
      value: 'fargate',
      name: /^fargate-ip-10-/,
      id: /^aws:\/\/\/eu-central-1a\/\w{10}-\w{32}\/fargate-ip-10-/,
      minor: 'v1.33',
      awsNode: false,
    },
  ])('$kind: Ready under its own name, with its labels and provider id', ({ label, value, name, id, minor, awsNode }) => {
    const [node] = of(label, value)
    expect(node?.metadata.name).toMatch(name)
    expect(node?.spec?.providerID).toMatch(id)
    expect(node?.status?.nodeInfo?.kubeletVersion).toContain(minor)
    expect(conditionOf(node?.status?.conditions, 'Ready')?.status).toBe('True')
    const pods = world.store.podsOnNode(node?.metadata.name ?? '').map(({ metadata }) => metadata.name)
    expect(pods.some((pod) => pod.startsWith('aws-node'))).toBe(awsNode)
  })

  it('have pods with addresses, each its own', () => {
    expect([running(world, 'report'), running(world, 'edge'), running(world, 'api')]).toEqual([2, 2, 2])
    const addresses = ['report', 'edge', 'api'].flatMap((name) => podsNamed(world, name).map(({ status }) => status?.podIP))
    expect(new Set(addresses).size).toBe(6)
  })

  it('belong to no Auto Scaling group, and EC2 knows those that are instances', () => {
    const { Reservations } = call<{ Reservations: { Instances: { Tags: { Key: string }[] }[] }[] }>(world.ec2, 'DescribeInstances', {})
    expect(Reservations).toHaveLength(5)
    const filter = { Filters: [{ Name: 'tag-key', Values: ['karpenter.sh/nodepool'] }] }
    expect(call<{ Reservations: unknown[] }>(world.ec2, 'DescribeInstances', filter).Reservations).toHaveLength(2)
  })
})

describe('a pod that a Fargate profile selects', () => {
  it("gets a node of its own, of the control plane's minor, and takes it along when it goes", () => {
    const world = openWorld({ world: OTHERS, scenarios: [] })
    const fargate = () =>
      (world.store.list('Node') as unknown as readonly Node[]).filter(({ metadata }) => metadata.name.startsWith('fargate-'))
    expect(fargate()).toHaveLength(2)
    const [first] = podsNamed(world, 'report')
    expect(first?.metadata.labels).toMatchObject({ 'eks.amazonaws.com/fargate-profile': 'jobs' })
    const former = fargate().map(({ metadata }) => metadata.name)
    world.deletePod('jobs', first?.metadata.name ?? '', undefined)
    wait(world, 20 * SECOND)
    wait(world, 2 * MINUTE)
    expect(running(world, 'report')).toBe(2)
    expect(fargate()).toHaveLength(2)
    expect(fargate().map(({ metadata }) => metadata.name)).not.toEqual(former)
  })

  it('waits while no subnet has an address', () => {
    const world = openWorld({ world: OTHERS, scenarios: scenarioOf('{ fault: subnet-exhausted, where: { zone: eu-central-1a } }') })
    const [first] = podsNamed(world, 'report')
    world.deletePod('jobs', first?.metadata.name ?? '', 0)
    wait(world, 3 * MINUTE)
    expect(events(world, 'FailedScheduling').map(({ message }) => message)).toContainEqual(expect.stringContaining('no free address'))
  })
})
