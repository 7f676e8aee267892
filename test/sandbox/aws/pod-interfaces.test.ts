import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SECOND } from '../../../src/model/instant.ts'
import { type OpenedWorld, openWorld } from '../../../src/sandbox/world/open.ts'
import { call, scalingGroup } from './world-driver.ts'

const WORLD = readFileSync(join(import.meta.dirname, '../../../plans/worlds/small.yaml'), 'utf8')
  .replaceAll('t3.large', 'm5.large')
  .replace(/(name: vpc-cni, version: \S+) }/, '$1, configuration: { env: { ENABLE_POD_ENI: "true" } } }')

const POLICY =
  'securityGroupPolicies: [{ namespace: shop, name: site, podSelector: { matchLabels: { app: site } }, groupIds: [sg-1, sg-2] }]'

interface Options {
  readonly network?: string
  readonly faults?: readonly string[]
  readonly edit?: (text: string) => string
}

function openShop({ network = '', faults = [], edit = (text) => text }: Options = {}): OpenedWorld {
  const scenario = `apiVersion: serin.dev/v1alpha1\nkind: Scenario\nmetadata: { name: test, summary: test }\nfaults:\n${faults.map((each) => `  - ${each}\n`).join('')}`
  return openWorld({
    world: `${edit(WORLD)}\nnetwork: { ${POLICY}, ${network} }\n`,
    scenarios: faults.length > 0 ? [{ name: 'test.yaml', text: scenario }] : [],
  })
}

interface PodSeen {
  readonly metadata: {
    readonly name: string
    readonly namespace: string
    readonly annotations?: Record<string, string>
    readonly uid: string
  }
  readonly spec: { readonly nodeName?: string; readonly containers: { resources?: { limits?: Record<string, string> } }[] }
  readonly status: { readonly podIP?: string; readonly phase?: string }
}

function podsOf(world: OpenedWorld, app: string): readonly PodSeen[] {
  const pods = world.store.list('Pod') as unknown as readonly PodSeen[]
  return pods.filter(({ metadata }) => metadata.name.startsWith(`${app}-`))
}

interface EventSeen {
  readonly reason: string
  readonly message: string
  readonly type: string
  readonly count: number
  readonly source: { readonly component: string }
  readonly involvedObject: { readonly kind: string; readonly name: string }
}

function eventsOf(world: OpenedWorld, reason: string): readonly EventSeen[] {
  return (world.store.list('Event') as unknown as readonly EventSeen[]).filter((event) => event.reason === reason)
}

interface InterfaceSeen {
  readonly NetworkInterfaceId: string
  readonly Status: string
  readonly PrivateIpAddress: string
  readonly Description: string
  readonly Groups: readonly { readonly GroupId: string }[]
  readonly TagSet: readonly { readonly Key: string; readonly Value: string }[]
}

function interfaces(world: OpenedWorld, type: string): readonly InterfaceSeen[] {
  const Filters = [{ Name: 'interface-type', Values: [type] }]
  return call<{ NetworkInterfaces: InterfaceSeen[] }>(world.ec2, 'DescribeNetworkInterfaces', { Filters }).NetworkInterfaces
}

function wait(world: OpenedWorld, seconds: number): void {
  world.timeline.advanceTo(world.timeline.now() + seconds * SECOND)
}

/** Makes the Deployment's first pod anew; its successor. */
function replacePod(world: OpenedWorld, app: string, seconds = 60): PodSeen {
  const before = podsOf(world, app)
  const [first] = before
  world.deletePod('shop', first?.metadata.name ?? '', undefined)
  wait(world, seconds)
  const made = podsOf(world, app).find(({ metadata }) => !before.some((pod) => pod.metadata.uid === metadata.uid))
  if (made === undefined) throw new Error('the pod was not replaced')
  return made
}

describe('a world with security groups for pods', () => {
  it('begins with a trunk, a CNINode and room for branches on every node', () => {
    const world = openShop()
    const nodes = world.store.list('Node') as unknown as readonly {
      metadata: { name: string }
      status: { allocatable: Record<string, string> }
    }[]
    expect(interfaces(world, 'trunk')).toHaveLength(nodes.length)
    for (const { metadata, status } of nodes) {
      expect(status.allocatable['vpc.amazonaws.com/pod-eni']).toBe('9')
      expect(world.store.get('CNINode', undefined, metadata.name)).toMatchObject({
        metadata: { finalizers: ['networking.k8s.aws/resource-cleanup'] },
        spec: { features: [{ name: 'SecurityGroupsForPods' }] },
      })
    }
  })

  it('gives the pods that a policy selects branches with its groups, and the others ordinary addresses', () => {
    const world = openShop()
    const branches = interfaces(world, 'branch')
    const sites = podsOf(world, 'site')
    expect(sites).toHaveLength(4)
    expect(branches).toHaveLength(4)
    for (const { metadata, spec, status } of sites) {
      const [branch] = JSON.parse(metadata.annotations?.['vpc.amazonaws.com/pod-eni'] ?? '[]')
      expect(spec.containers[0]?.resources?.limits).toMatchObject({ 'vpc.amazonaws.com/pod-eni': '1' })
      expect(status).toMatchObject({ phase: 'Running', podIP: branch.privateIp })
      const seen = branches.find(({ NetworkInterfaceId }) => NetworkInterfaceId === branch.eniId)
      expect(seen).toMatchObject({
        Status: 'in-use',
        PrivateIpAddress: branch.privateIp,
        Description: 'aws-k8s-branch-eni',
        Groups: [{ GroupId: 'sg-1' }, { GroupId: 'sg-2' }],
      })
      expect(seen?.TagSet).toContainEqual({ Key: 'vpcresources.k8s.aws/vlan-id', Value: String(branch.vlanId) })
      expect(Object.keys(branch)).toEqual([
        'eniId',
        'ifAddress',
        'privateIp',
        'ipv6Addr',
        'vlanId',
        'subnetCidr',
        'subnetV6Cidr',
        'associationID',
      ])
    }
    for (const { metadata } of podsOf(world, 'worker')) expect(metadata.annotations?.['vpc.amazonaws.com/pod-eni']).toBeUndefined()
  })

  it('gives a new pod its branch with events, and takes that of the old one back when it has cooled', () => {
    const world = openShop()
    const made = replacePod(world, 'site', 30)
    expect(made.status.podIP).toBeDefined()
    expect(interfaces(world, 'branch')).toHaveLength(5)
    expect(eventsOf(world, 'SecurityGroupRequested')).toMatchObject([
      {
        type: 'Normal',
        message: 'Pod will get the following Security Groups [sg-1 sg-2]',
        source: { component: 'vpc-resource-controller' },
      },
    ])
    const annotation = made.metadata.annotations?.['vpc.amazonaws.com/pod-eni']
    expect(eventsOf(world, 'ResourceAllocated')).toMatchObject([{ type: 'Normal', message: `Allocated ${annotation} to the pod` }])
    wait(world, 25)
    expect(interfaces(world, 'branch')).toHaveLength(5)
    wait(world, 65)
    expect(interfaces(world, 'branch')).toHaveLength(4)
  })

  it('takes the branch of a pod that is over back as if it was deleted', () => {
    const world = openShop()
    const container = { name: 'once', image: 'busybox:1.36', command: ['true'] }
    const metadata = { name: 'once', namespace: 'shop', labels: { app: 'site' } }
    world.store.create({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { restartPolicy: 'Never', containers: [container] } as never })
    wait(world, 30)
    expect((world.store.get('Pod', 'shop', 'once') as PodSeen | undefined)?.status.phase).toBe('Succeeded')
    expect(interfaces(world, 'branch')).toHaveLength(5)
    wait(world, 90)
    expect(interfaces(world, 'branch')).toHaveLength(4)
  })

  it('has no injected limit where the webhook is missing', () => {
    const world = openShop()
    world.store.remove('MutatingWebhookConfiguration', undefined, 'vpc-resource-mutating-webhook')
    const made = replacePod(world, 'site')
    expect(made.spec.containers[0]?.resources?.limits).toBeUndefined()
    expect(made.metadata.annotations).toBeUndefined()
  })

  it('leaves a pod pending when the trunks have no room, and says which resource is short', () => {
    const sites = (replicas: number) => (text: string) =>
      text.replace('name: site, replicas: 4, cpu: 200m', `name: site, replicas: ${replicas}, cpu: 20m`)
    const world = openShop({ edit: sites(55) })
    const pending = () => podsOf(world, 'site').filter(({ spec }) => spec.nodeName === undefined)
    wait(world, 60)
    expect(pending()).toHaveLength(1) // 6 nodes with 9 branches each
    const [event] = eventsOf(world, 'FailedScheduling')
    expect(event?.message).toContain('Insufficient vpc.amazonaws.com/pod-eni')
  })

  it('says of a type without trunks that it has none', () => {
    const world = openShop({
      edit: (text) => text.replace('name: canary, instanceTypes: [m5.large]', 'name: canary, instanceTypes: [t3.large]'),
    })
    const [canary] = (
      world.store.list('Node') as unknown as readonly { metadata: { name: string; labels: Record<string, string> } }[]
    ).filter(({ metadata }) => metadata.labels['eks.amazonaws.com/nodegroup'] === 'canary')
    expect(world.store.get('Node', undefined, canary?.metadata.name ?? '')?.status).not.toHaveProperty([
      'allocatable',
      'vpc.amazonaws.com/pod-eni',
    ])
    expect(interfaces(world, 'trunk')).toHaveLength(5)
  })

  it('says what EC2 refused, six times, and again half an hour later', () => {
    const world = openShop({ network: 'requestBuckets: { CreateNetworkInterface: { burst: 1, refill: 0.0001 } }' })
    replacePod(world, 'worker') // its pool takes the only token, or nobody does
    replacePod(world, 'site')
    const failed = () => eventsOf(world, 'BranchAllocationFailed').reduce((sum, { count }) => sum + count, 0)
    const first = failed()
    if (first === 0) replacePod(world, 'site')
    expect(failed()).toBeGreaterThanOrEqual(6)
    expect(eventsOf(world, 'BranchAllocationFailed')[0]).toMatchObject({
      type: 'Warning',
      message: expect.stringMatching(
        /^failed to allocate branch ENI to pod: creating network interface, operation error EC2: CreateNetworkInterface, https response error StatusCode: 503, RequestID: [0-9a-f-]+, api error RequestLimitExceeded: Request limit exceeded\.$/,
      ),
    })
    const before = failed()
    wait(world, 29 * 60)
    expect(failed()).toBe(before)
    wait(world, 2 * 60)
    expect(failed()).toBe(before + 6)
  })

  it('cannot annotate a pod that a webhook rewrites on update, and gives each branch back', () => {
    const webhook = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: 'policies' },
      webhooks: [
        {
          name: 'pods.policies.example.com',
          admissionReviewVersions: ['v1'],
          clientConfig: { service: { namespace: 'policies', name: 'policies' } },
          rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['pods'] }],
          sideEffects: 'None',
          failurePolicy: 'Fail',
        },
      ],
    }
    const world = openShop({
      faults: ['{ fault: webhook-answers, where: { webhook: pods.policies.example.com }, behaviour: rewrite-pod-spec }'],
    })
    world.store.create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'policies', namespace: 'policies' },
      spec: { ports: [{ port: 443 }] },
    })
    const subsets = [{ addresses: [{ ip: '10.0.0.1' }] }]
    world.store.create({ apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'policies', namespace: 'policies' }, subsets })
    world.store.create(webhook as never)
    const made = replacePod(world, 'site')
    expect(made.metadata.annotations?.['vpc.amazonaws.com/pod-eni']).toBeUndefined()
    expect(made.status.podIP).toBeUndefined()
    expect(eventsOf(world, 'BranchENIAnnotationFailed')).toMatchObject([
      {
        type: 'Warning',
        count: 6,
        message: expect.stringMatching(/^failed to annotate pod with branch ENI details: .*pod updates may not change fields other than/s),
      },
    ])
    const [sandbox] = eventsOf(world, 'FailedCreatePodSandBox').filter(({ involvedObject }) => involvedObject.name === made.metadata.name)
    expect(sandbox?.message).toContain('failed to assign an IP address to container')
    wait(world, 120)
    expect(interfaces(world, 'branch')).toHaveLength(3)
  })

  it('takes the branches of a node back a minute after the node is gone', () => {
    const world = openShop()
    const [node] = podsOf(world, 'site').map(({ spec }) => spec.nodeName ?? '')
    const before = podsOf(world, 'site').filter(({ spec }) => spec.nodeName === node).length
    const instances = call<{ Reservations: { Instances: { InstanceId: string; PrivateDnsName: string }[] }[] }>(
      world.ec2,
      'DescribeInstances',
      {},
    )
    const instance = instances.Reservations.flatMap(({ Instances }) => Instances).find(({ PrivateDnsName }) => PrivateDnsName === node)
    call(world.autoScaling, 'TerminateInstanceInAutoScalingGroup', {
      InstanceId: instance?.InstanceId,
      ShouldDecrementDesiredCapacity: false,
    })
    wait(world, 65)
    const left = interfaces(world, 'branch').filter(({ Status }) => Status === 'available')
    expect(left).toHaveLength(before)
    wait(world, 60)
    expect(interfaces(world, 'branch').filter(({ Status }) => Status === 'available')).toHaveLength(0)
    expect(world.store.get('CNINode', undefined, node ?? '')).toBeUndefined()
  })

  it('gives new nodes their trunks with an event', () => {
    const world = openShop()
    replaceNode(world)
    wait(world, 360)
    expect(interfaces(world, 'trunk')).toHaveLength(6)
    expect(eventsOf(world, 'NodeTrunkInitiated')).toMatchObject([
      { type: 'Normal', message: 'The node has trunk interface initialized successfully', involvedObject: { kind: 'Node' } },
    ])
  })

  it('leaves the branch of a pod without grace where it is', () => {
    const world = openShop({ edit: (text) => text.replace('name: site, replicas: 4', 'name: site, gracePeriodSeconds: 0, replicas: 4') })
    replacePod(world, 'site', 300)
    expect(interfaces(world, 'branch')).toHaveLength(5)
  })
})

/** Ends an instance of the group `web`, which launches another. */
function replaceNode(world: OpenedWorld): void {
  const [member] = scalingGroup(world, 'web').Instances ?? []
  call(world.autoScaling, 'TerminateInstanceInAutoScalingGroup', { InstanceId: member?.InstanceId, ShouldDecrementDesiredCapacity: false })
}
